import { readFile, writeFile } from 'node:fs/promises';
import { LabError, systemReason } from '../../shared/errors';
import type { Tensor } from '../engine/native';
import { countValues } from './tensor';

/**
 * NumPy's array format, versions 1 to 3: "\x93NUMPY", version, header length, a Python dictionary, the values.
 * Read: float32, float64 (as float32), int64, and smaller integers and bool (as int64). Written: float32, int64 and bool, version 1.
 */
const magic = Buffer.from('\x93NUMPY', 'latin1');

export interface NpyOptions {
  /** int64 values 0 and 1 are written as truth values. */
  bool?: boolean;
}

export async function readNpy(path: string): Promise<Tensor> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new LabError('model.file-unreadable', { file: path, reason: systemReason(error) }, { cause: error });
  }
  return decodeNpy(bytes, path);
}

export async function writeNpy(path: string, tensor: Tensor, options: NpyOptions = {}): Promise<void> {
  try {
    await writeFile(path, encodeNpy(tensor, options));
  } catch (error) {
    throw new LabError('model.file-unwritable', { file: path, reason: systemReason(error) }, { cause: error });
  }
}

export function decodeNpy(bytes: Uint8Array, file: string): Tensor {
  const foreign = (): LabError => new LabError('model.npy-foreign', { file });
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < 10 || !buffer.subarray(0, 6).equals(magic)) throw foreign();
  const version = buffer.readUInt8(6);
  if (version < 1 || version > 3) throw new LabError('model.npy-version', { file, version });
  const headerAt = version === 1 ? 10 : 12;
  if (buffer.length < headerAt) throw foreign();
  const dataAt = headerAt + (version === 1 ? buffer.readUInt16LE(8) : buffer.readUInt32LE(8));
  if (dataAt > buffer.length) throw foreign();

  const { type, fortran, dims } = parseHeader(
    buffer.toString(version === 3 ? 'utf8' : 'latin1', headerAt, dataAt),
    foreign,
  );
  if (fortran && dims.length > 1) throw new LabError('model.npy-order', { file });
  const reader = readers[type];
  if (!reader) throw new LabError('model.npy-type', { file, type });
  const count = countValues(dims);
  const available = (buffer.length - dataAt) / reader.bytes;
  if (count !== available) throw new LabError('model.npy-size', { file, shape: dims.join(', '), actual: available });
  return { dims, data: reader.read(buffer.subarray(dataAt), count) };
}

interface Reader {
  bytes: number;
  read(data: Buffer, count: number): Float32Array | BigInt64Array;
}

const floats = (bytes: number, at: (data: Buffer, offset: number) => number): Reader => ({
  bytes,
  read: (data, count) => Float32Array.from({ length: count }, (_, index) => at(data, index * bytes)),
});
const integers = (bytes: number, at: (data: Buffer, offset: number) => number | bigint): Reader => ({
  bytes,
  read: (data, count) => BigInt64Array.from({ length: count }, (_, index) => BigInt(at(data, index * bytes))),
});

const readers: Partial<Record<string, Reader>> = {
  '<f4': floats(4, (data, offset) => data.readFloatLE(offset)),
  '<f8': floats(8, (data, offset) => data.readDoubleLE(offset)),
  '<i8': integers(8, (data, offset) => data.readBigInt64LE(offset)),
  '<i4': integers(4, (data, offset) => data.readInt32LE(offset)),
  '<i2': integers(2, (data, offset) => data.readInt16LE(offset)),
  '|i1': integers(1, (data, offset) => data.readInt8(offset)),
  '|u1': integers(1, (data, offset) => data.readUInt8(offset)),
  '|b1': integers(1, (data, offset) => data.readUInt8(offset)),
};

function parseHeader(header: string, foreign: () => LabError): { type: string; fortran: boolean; dims: number[] } {
  const type = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const shape = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(header)?.[1];
  if (type === undefined || order === undefined || shape === undefined) throw foreign();
  const dims = shape
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map(Number);
  return { type, fortran: order === 'True', dims };
}

export function encodeNpy({ dims, data: values }: Tensor, { bool = false }: NpyOptions = {}): Uint8Array {
  const truths = bool && values instanceof BigInt64Array;
  const data = truths ? Uint8Array.from(values, (value) => (value === 0n ? 0 : 1)) : values;
  const type = truths ? '|b1' : values instanceof Float32Array ? '<f4' : '<i8';
  // A tuple of one needs its comma.
  const shape = dims.length === 1 ? `${dims[0]},` : dims.join(', ');
  const dictionary = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape}), }`;
  // The values start at a multiple of 64, after a line feed.
  const length = Math.ceil((10 + dictionary.length + 1) / 64) * 64 - 10;
  const head = Buffer.alloc(10);
  magic.copy(head);
  head.writeUInt8(1, 6);
  head.writeUInt16LE(length, 8);
  const header = Buffer.from(`${dictionary.padEnd(length - 1)}\n`, 'latin1');
  return Buffer.concat([head, header, Buffer.from(data.buffer, data.byteOffset, data.byteLength)]);
}
