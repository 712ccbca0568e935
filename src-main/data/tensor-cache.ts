import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { preprocessingSchema } from '../../shared/project/preprocessing';
import type { PreparedData, PreparedSplit } from './dataset';
import { bySplit } from './recipe/prepare';
import { splitNames } from './recipe/split';

/** Raised when the same recipe begins to mean other numbers, or caches of an older format may hold wrong ones. */
const cacheFormat = 2;
const magic = 'DLTENSR1';
/** Reading more than 2 GB at once is refused by the runtime. */
const largestCached = 1.5e9;
/** Older tensors of other recipes are deleted. */
const filesKept = 4;
const prefix = 'tensors-';

const headerSchema = z.strictObject({
  inputShape: z.array(z.number().int().positive()),
  targetShape: z.array(z.number().int().positive()),
  targets: z.enum(['float32', 'int64']),
  counts: z.strictObject({
    training: z.number().int().min(0),
    validation: z.number().int().min(0),
    test: z.number().int().min(0),
  }),
  preprocessing: preprocessingSchema,
  payloadSha256: z.string(),
});
type Header = z.infer<typeof headerSchema>;

/**
 * Prepared samples on disk, in the project's .cache folder. The file: 8 bytes of magic, the length of the header (uint32), the
 * header (JSON, padded so that the payload starts at a multiple of 8), then per split: inputs (float32), targets, rows (int32), each
 * padded to 8 bytes, little-endian. Safe to delete; a file that does not check out is made again.
 */
export class TensorCache {
  private readonly path: string;

  /** `parts`: everything the numbers depend on. */
  constructor(
    private readonly folder: string,
    parts: unknown,
  ) {
    const key = createHash('sha256')
      .update(JSON.stringify([cacheFormat, parts]))
      .digest('hex');
    this.path = join(folder, `${prefix}${key.slice(0, 32)}.bin`);
  }

  async get(make: () => Promise<PreparedData>): Promise<PreparedData> {
    const cached = await this.read();
    if (cached) return cached;
    const made = await make();
    await this.write(made);
    return made;
  }

  private async read(): Promise<PreparedData | null> {
    let file: Buffer;
    try {
      file = await readFile(this.path);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      // The samples can always be made from the data again.
      process.emitWarning(`The cache ${this.path} was not read: ${String(error)}`);
      return null;
    }
    const decoded = decode(file);
    if (!decoded) await rm(this.path, { force: true });
    else await utimes(this.path, new Date(), new Date());
    return decoded;
  }

  /** A cache that can't be written (a full disk, a read-only folder) costs time, not the work. */
  private async write(data: PreparedData): Promise<void> {
    const size = splitNames.reduce((sum, name) => sum + data.splits[name].inputs.byteLength, 0);
    if (size > largestCached) return;
    const temporary = `${this.path}.${process.pid}.tmp`;
    try {
      await mkdir(this.folder, { recursive: true });
      const handle = await open(temporary, 'w');
      try {
        for (const part of encode(data)) if (part.byteLength > 0) await handle.writeFile(part);
      } finally {
        await handle.close();
      }
      await rename(temporary, this.path);
      await this.deleteOld();
    } catch (error) {
      process.emitWarning(`The cache ${this.path} was not written: ${String(error)}`);
      await rm(temporary, { force: true });
    }
  }

  private async deleteOld(): Promise<void> {
    const names = (await readdir(this.folder)).filter((name) => name.startsWith(prefix) && name.endsWith('.bin'));
    const files = await Promise.all(
      names.map(async (name) => {
        const path = join(this.folder, name);
        return { path, used: (await stat(path)).mtimeMs };
      }),
    );
    files.sort((a, b) => b.used - a.used);
    for (const { path } of files.slice(filesKept)) await rm(path, { force: true });
  }
}

/** The memory of an array, without a copy. */
export function bytesOf(values: Float32Array | BigInt64Array | Int32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

const padding = (length: number): number => (8 - (length % 8)) % 8;

function encode(data: PreparedData): Uint8Array[] {
  const payload = splitNames.flatMap((name) =>
    [data.splits[name].inputs, data.splits[name].targets, data.splits[name].rows].flatMap((values) => {
      const bytes = bytesOf(values);
      return [bytes, new Uint8Array(padding(bytes.byteLength))];
    }),
  );
  const hash = createHash('sha256');
  for (const part of payload) hash.update(part);
  const header: Header = {
    inputShape: data.inputShape,
    targetShape: data.targetShape,
    targets: data.splits.training.targets instanceof BigInt64Array ? 'int64' : 'float32',
    counts: bySplit((name) => data.splits[name].count),
    preprocessing: data.preprocessing,
    payloadSha256: hash.digest('hex'),
  };
  const text = Buffer.from(JSON.stringify(header));
  const start = Buffer.alloc(12 + text.length + padding(12 + text.length), ' ');
  start.write(magic, 0, 'latin1');
  start.writeUInt32LE(start.length - 12, 8);
  text.copy(start, 12);
  return [start, ...payload];
}

/** Null when anything about the file is not as written. */
function decode(file: Buffer): PreparedData | null {
  if (file.length < 12 || file.toString('latin1', 0, 8) !== magic) return null;
  const start = 12 + file.readUInt32LE(8);
  if (start > file.length) return null;
  const header = parseHeader(file.toString('utf8', 12, start));
  if (!header || createHash('sha256').update(file.subarray(start)).digest('hex') !== header.payloadSha256) return null;
  const perSample = header.inputShape.reduce((product, size) => product * size, 1);
  const targetsPerSample =
    header.targets === 'int64' ? 1 : header.targetShape.reduce((product, size) => product * size, 1);
  let offset = start;
  // Copied piece by piece: aligned, each with a buffer of its own that may be handed to another process.
  const take = (length: number): ArrayBuffer => {
    const place = file.byteOffset + offset;
    offset += length + padding(length);
    return new Uint8Array(file.buffer, place, length).slice().buffer;
  };
  const expected = splitNames.reduce((sum, name) => {
    const count = header.counts[name];
    const lengths = [count * perSample * 4, count * targetsPerSample * (header.targets === 'int64' ? 8 : 4), count * 4];
    return lengths.reduce((total, length) => total + length + padding(length), sum);
  }, 0);
  if (start + expected !== file.length) return null;
  const splits = bySplit((name): PreparedSplit => {
    const count = header.counts[name];
    const inputs = new Float32Array(take(count * perSample * 4));
    const targets =
      header.targets === 'int64'
        ? new BigInt64Array(take(count * 8))
        : new Float32Array(take(count * targetsPerSample * 4));
    return { count, inputs, targets, rows: new Int32Array(take(count * 4)) };
  });
  return {
    inputShape: header.inputShape,
    targetShape: header.targetShape,
    splits,
    preprocessing: header.preprocessing,
  };
}

function parseHeader(text: string): Header | null {
  try {
    return headerSchema.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}
