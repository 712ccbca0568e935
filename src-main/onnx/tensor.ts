import { LabError } from '../../shared/errors';
import { elementTypes, type RawTensor, toBigInt } from './schema';

const dataLocationExternal = 1;
/** Of any tensor; no operator looks at more. */
export const maximumRank = 32;
const names = new Map<number, string>(Object.entries(elementTypes).map(([name, id]) => [id, name]));

export function elementTypeName(type: number): string {
  return names.get(type) ?? `type ${type}`;
}

/** Number of values of a shape; refuses negative sizes and products beyond what an array can have. */
export function countValues(dims: readonly number[]): number | null {
  let count = 1;
  for (const size of dims) {
    if (!Number.isSafeInteger(size) || size < 0) return null;
    count *= size;
    if (!Number.isSafeInteger(count)) return null;
  }
  return count;
}

/** How the integer types lie in raw bytes; the smaller ones are int32 numbers in their typed field. */
const integerReaders: Partial<Record<number, { bytes: number; read(view: DataView, at: number): number | bigint }>> = {
  [elementTypes.int64]: { bytes: 8, read: (view, at) => view.getBigInt64(at, true) },
  [elementTypes.uint64]: { bytes: 8, read: (view, at) => view.getBigUint64(at, true) },
  [elementTypes.uint32]: { bytes: 4, read: (view, at) => view.getUint32(at, true) },
  [elementTypes.int32]: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  [elementTypes.int16]: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  [elementTypes.uint16]: { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  [elementTypes.int8]: { bytes: 1, read: (view, at) => view.getInt8(at) },
  [elementTypes.uint8]: { bytes: 1, read: (view, at) => view.getUint8(at) },
  [elementTypes.bool]: { bytes: 1, read: (view, at) => (view.getUint8(at) === 0 ? 0 : 1) },
};

/**
 * The values of a constant. What its shape promises is compared with the bytes that are there before any memory is taken.
 * float64 becomes float32 (the engine's precision); smaller integers and truth values become int64.
 */
export function readTensor(
  tensor: RawTensor,
  file: string,
  name = tensor.name,
): { dims: number[]; data: Float32Array | BigInt64Array } {
  if (tensor.dataLocation === dataLocationExternal || tensor.externalData.length > 0)
    throw new LabError('model.external-data', { file, name });

  const dims = tensor.dims.map((size) => Number(toBigInt(size)));
  const count = countValues(dims);
  const shape = dims.join(', ');
  if (count === null || dims.length > maximumRank) throw new LabError('model.constant-shape', { file, name, shape });
  const check = (available: number): number => {
    if (available === count) return count;
    throw new LabError('model.constant-size', { file, name, shape, expected: count, actual: available });
  };
  const raw = tensor.rawData;
  // An absent field is an empty list, not an empty array of bytes.
  const isRaw = raw.byteLength > 0;
  const view = isRaw ? new DataView(raw.buffer, raw.byteOffset, raw.byteLength) : new DataView(new ArrayBuffer(0));

  if (tensor.dataType === elementTypes.float32) {
    if (isRaw) return { dims, data: rawFloats(raw, check) };
    check(tensor.floatData.length);
    return { dims, data: Float32Array.from(tensor.floatData) };
  }
  if (tensor.dataType === elementTypes.float64) {
    const data = new Float32Array(check(isRaw ? raw.byteLength / 8 : tensor.doubleData.length));
    for (let index = 0; index < data.length; index += 1)
      data[index] = isRaw ? view.getFloat64(index * 8, true) : (tensor.doubleData[index] ?? 0);
    return { dims, data };
  }
  const reader = integerReaders[tensor.dataType];
  if (!reader) throw new LabError('model.constant-type', { file, name, type: elementTypeName(tensor.dataType) });
  const plain =
    {
      [elementTypes.int64]: tensor.int64Data,
      [elementTypes.uint64]: tensor.uint64Data,
      [elementTypes.uint32]: tensor.uint64Data,
    }[tensor.dataType] ?? tensor.int32Data;
  const data = new BigInt64Array(check(isRaw ? raw.byteLength / reader.bytes : plain.length));
  for (let index = 0; index < data.length; index += 1)
    data[index] = isRaw ? BigInt(reader.read(view, index * reader.bytes)) : toBigInt(plain[index] ?? 0);
  return { dims, data };
}

/** Copied as bytes: raw data of a file are not aligned, and a loop over millions of weights is slow. */
function rawFloats(raw: Uint8Array, check: (available: number) => number): Float32Array {
  const data = new Float32Array(check(raw.byteLength / 4));
  new Uint8Array(data.buffer).set(raw);
  return data;
}
