import { isUtf8 } from 'node:buffer';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { LabError } from '../../../shared/errors';
import { fileError, isGzip, readHead } from '../file';
import { at } from '../at';

export type TextEncoding = 'utf-8' | 'utf-16' | 'windows-1251' | 'latin-1';

export interface TextFile {
  /** UTF-8: the file itself, or a converted copy in the temporary folder. */
  path: string;
  encoding: TextEncoding;
  unpacked: boolean;
}

/** First bytes of formats people drop by mistake. */
const signatures: { bytes: number[]; name: string }[] = [
  { bytes: [0x50, 0x4b, 0x03, 0x04], name: 'ZIP / Excel (xlsx)' },
  { bytes: [0xd0, 0xcf, 0x11, 0xe0], name: 'Excel (xls)' },
  { bytes: [0x50, 0x41, 0x52, 0x31], name: 'Parquet' },
  { bytes: [0x25, 0x50, 0x44, 0x46], name: 'PDF' },
  { bytes: [0x89, 0x50, 0x4e, 0x47], name: 'PNG' },
  { bytes: [0xff, 0xd8, 0xff], name: 'JPEG' },
  { bytes: [0x00, 0x00, 0x08], name: 'IDX' },
  { bytes: [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], name: 'NumPy (npy)' },
];

const headBytes = 1 << 16;

/**
 * Finds the encoding by looking at the whole file, a piece at a time, and makes a UTF-8 copy where the database could not read
 * the original. `wanted` overrides what was found.
 */
export async function openText(path: string, wanted: TextEncoding | null, temporaryFolder: string): Promise<TextFile> {
  const unpacked = isGzip(await readHead(path, 4));
  const head = await firstBytes(path, unpacked);
  if (head.length === 0) throw new LabError('data.empty-file', { file: path });
  const utf16 = utf16Kind(head);
  if (utf16 === null) refuseBinary(path, head);
  const encoding = wanted ?? (utf16 !== null ? 'utf-16' : await eightBitEncoding(path, unpacked));
  if (encoding === 'utf-8' && !unpacked) return { path, encoding, unpacked };
  const label = encoding === 'utf-16' ? (utf16 ?? 'utf-16le') : encoding === 'latin-1' ? 'windows-1252' : encoding;
  const copy = join(temporaryFolder, 'table.csv');
  await convert(path, unpacked, label, copy);
  return { path: copy, encoding, unpacked };
}

/** The file's bytes, unpacked when it is compressed. */
function byteStream(path: string, unpacked: boolean): Readable {
  const file = createReadStream(path, { highWaterMark: 1 << 20 });
  if (!unpacked) return file;
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  file.on('error', (error) => gunzip.destroy(error));
  return file.pipe(gunzip);
}

async function* bytesOf(path: string, unpacked: boolean): AsyncGenerator<Buffer> {
  const stream = byteStream(path, unpacked);
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    throw readFailure(path, unpacked, error);
  } finally {
    stream.destroy();
  }
}

function readFailure(path: string, unpacked: boolean, error: unknown): LabError {
  const isZlib = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
  if (unpacked && isZlib) return new LabError('data.gzip-damaged', { file: path, reason: error.message });
  return fileError(path, error);
}

async function firstBytes(path: string, unpacked: boolean): Promise<Buffer> {
  if (!unpacked) return readHead(path, headBytes);
  const parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of bytesOf(path, true)) {
    parts.push(chunk);
    length += chunk.length;
    if (length >= headBytes) break;
  }
  return Buffer.concat(parts).subarray(0, headBytes);
}

function utf16Kind(head: Buffer): 'utf-16le' | 'utf-16be' | null {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  // Without a mark: digits, separators and Latin letters leave every other byte zero.
  let even = 0;
  let odd = 0;
  for (let index = 0; index < head.length; index += 1) {
    if (head[index] !== 0) continue;
    if (index % 2 === 0) even += 1;
    else odd += 1;
  }
  const half = head.length / 2;
  if (odd > half * 0.3 && even === 0) return 'utf-16le';
  if (even > half * 0.3 && odd === 0) return 'utf-16be';
  return null;
}

function refuseBinary(path: string, head: Buffer): void {
  for (const { bytes, name } of signatures) {
    if (bytes.every((byte, index) => head[index] === byte)) {
      throw new LabError('data.not-a-table', { file: path, found: name });
    }
  }
  let control = 0;
  for (const byte of head) {
    if (byte === 0) throw new LabError('data.binary-file', { file: path });
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13 && byte !== 26) control += 1;
  }
  if (control > head.length * 0.02) throw new LabError('data.binary-file', { file: path });
}

/** UTF-8 if every byte fits; otherwise Windows-1251 or Latin-1 by how letters above 0xC0 stand together. */
async function eightBitEncoding(path: string, unpacked: boolean): Promise<TextEncoding> {
  let valid = true;
  let carry: Buffer = Buffer.alloc(0);
  let together = 0;
  let alone = 0;
  for await (const chunk of bytesOf(path, unpacked)) {
    if (valid) {
      const bytes = carry.length > 0 ? Buffer.concat([carry, chunk]) : chunk;
      const cut = incompleteTail(bytes);
      valid = isUtf8(bytes.subarray(0, bytes.length - cut));
      carry = Buffer.from(bytes.subarray(bytes.length - cut));
    }
    if (!valid) {
      for (let index = 0; index < chunk.length; index += 1) {
        if (at(chunk, index) < 0xc0) continue;
        if ((chunk[index + 1] ?? 0) >= 0xc0 || (chunk[index - 1] ?? 0) >= 0xc0) together += 1;
        else alone += 1;
      }
    }
  }
  if (valid && carry.length === 0) return 'utf-8';
  // Russian words are runs of such bytes; in Western European text an accented letter mostly stands between plain ones.
  return together > alone ? 'windows-1251' : 'latin-1';
}

/** Bytes at the end that may be the beginning of a character continued in the next piece. */
function incompleteTail(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
    const byte = at(bytes, bytes.length - back);
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? back : 0;
    }
  }
  return 0;
}

async function convert(path: string, unpacked: boolean, label: string, target: string): Promise<void> {
  const decoder = new TextDecoder(label);
  async function* texts(): AsyncGenerator<string> {
    for await (const chunk of bytesOf(path, unpacked)) yield decoder.decode(chunk, { stream: true });
    yield decoder.decode();
  }
  await pipeline(Readable.from(texts()), createWriteStream(target, { encoding: 'utf8' }));
}
