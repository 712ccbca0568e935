import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { LabError } from '../../../shared/errors';
import { fileError, isGzip, readHead, type FileFacts } from '../file';

/**
 * IDX, the format of MNIST: 0, 0, type, number of dimensions, the dimensions (uint32, big-endian), the values (big-endian).
 * http://yann.lecun.com/exdb/mnist/
 */
export interface IdxHeader {
  type: keyof typeof valueBytes;
  dimensions: number[];
  /** Of the header. */
  bytes: number;
  packed: boolean;
}

const valueBytes = { 0x08: 1, 0x09: 1, 0x0b: 2, 0x0c: 4, 0x0d: 4, 0x0e: 8 } as const;
const typeNames: Record<keyof typeof valueBytes, string> = {
  0x08: 'uint8',
  0x09: 'int8',
  0x0b: 'int16',
  0x0c: 'int32',
  0x0d: 'float32',
  0x0e: 'float64',
};
const mostDimensions = 8;
/** Deflate never packs tighter than this. */
const deflateLimit = 1032;

export function idxTypeName(header: IdxHeader): string {
  return typeNames[header.type];
}

/** The header, once the size it claims is known to agree with the file: nothing is reserved on its word alone. */
export async function readIdxHeader(facts: FileFacts): Promise<IdxHeader> {
  const { path, bytes: size } = facts;
  if (size === 0) throw new LabError('data.empty-file', { file: path });
  const raw = await readHead(path, 4 + 4 * mostDimensions);
  const packed = isGzip(raw);
  const head = packed ? await unpackHead(path, 4 + 4 * mostDimensions) : raw;
  const type = head[2];
  const rank = head[3] ?? 0;
  if (head[0] !== 0 || head[1] !== 0 || !isValueType(type) || rank < 1 || rank > mostDimensions) {
    const found = [...head.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    throw new LabError('data.idx-header', { file: path, found });
  }
  const length = 4 + 4 * rank;
  if (head.length < length) throw sizeError(path, length, [], head.length);
  const dimensions = Array.from({ length: rank }, (_, index) => head.readUInt32BE(4 + 4 * index));
  const header: IdxHeader = { type, dimensions, bytes: length, packed };
  const claimed = claimedBytes(header);
  if (packed ? claimed > size * deflateLimit : claimed !== size) throw sizeError(path, claimed, dimensions, size);
  return header;
}

export async function looksLikeIdx(facts: FileFacts): Promise<boolean> {
  if (facts.bytes < 8) return false;
  const raw = await readHead(facts.path, 4);
  const head = isGzip(raw) ? await unpackHead(facts.path, 4) : raw;
  return (
    head[0] === 0 && head[1] === 0 && isValueType(head[2]) && (head[3] ?? 0) >= 1 && (head[3] ?? 0) <= mostDimensions
  );
}

function isValueType(type: number | undefined): type is keyof typeof valueBytes {
  return type !== undefined && Object.hasOwn(valueBytes, type);
}

/** Of the whole unpacked file. */
function claimedBytes({ type, dimensions, bytes }: IdxHeader): number {
  return bytes + dimensions.reduce((product, size) => product * size, valueBytes[type]);
}

function sizeError(file: string, claimed: number, dimensions: number[], actual: number): LabError {
  return new LabError('data.idx-size', { file, claimed, dimensions: dimensions.join(' × '), actual });
}

/** The values as bytes. A compressed file is unpacked no further than its header says. */
export async function readIdxValues(facts: FileFacts, header: IdxHeader): Promise<Buffer> {
  const claimed = claimedBytes(header);
  const parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of bytesOf(facts.path, header.packed)) {
    parts.push(chunk);
    length += chunk.length;
    if (length > claimed) break;
  }
  if (length !== claimed) throw sizeError(facts.path, claimed, header.dimensions, length);
  return Buffer.concat(parts).subarray(header.bytes);
}

async function unpackHead(path: string, wanted: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of bytesOf(path, true)) {
    parts.push(chunk);
    length += chunk.length;
    if (length >= wanted) break;
  }
  return Buffer.concat(parts).subarray(0, wanted);
}

async function* bytesOf(path: string, packed: boolean): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: 1 << 18 });
  let stream: Readable = file;
  if (packed) {
    const gunzip = createGunzip({ chunkSize: 1 << 18 });
    file.on('error', (error) => gunzip.destroy(error));
    stream = file.pipe(gunzip);
  }
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    const isZlib = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
    if (isZlib) throw new LabError('data.gzip-damaged', { file: path, reason: error.message }, { cause: error });
    throw fileError(path, error);
  } finally {
    file.destroy();
    stream.destroy();
  }
}

/** Whole numbers of a one-dimensional file. */
export function idxIntegers(values: Buffer, header: IdxHeader): Int32Array {
  const count = header.dimensions[0] ?? 0;
  const read: Partial<Record<keyof typeof valueBytes, (index: number) => number>> = {
    0x08: (index) => values.readUInt8(index),
    0x09: (index) => values.readInt8(index),
    0x0b: (index) => values.readInt16BE(2 * index),
    0x0c: (index) => values.readInt32BE(4 * index),
  };
  const one = read[header.type];
  if (!one) throw new RangeError('Labels are whole numbers');
  return Int32Array.from({ length: count }, (_, index) => one(index));
}

export const isImageHeader = ({ type, dimensions }: IdxHeader): boolean =>
  type === 0x08 && (dimensions.length === 3 || dimensions.length === 4);
export const isLabelHeader = ({ type, dimensions }: IdxHeader): boolean => type <= 0x0c && dimensions.length === 1;
