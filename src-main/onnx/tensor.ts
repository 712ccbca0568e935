import { LabError } from '../../shared/errors';
import { elementTypes, type RawTensor, toBigInt } from './schema';

const dataLocationExternal = 1;
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

/**
 * The values of a constant. What its shape promises is compared with the bytes that are there before any memory is taken.
 * float64 becomes float32 (the engine's precision); int32 and smaller integers become int64.
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
  if (count === null) throw new LabError('model.constant-shape', { file, name, shape });
  const check = (available: number): void => {
    if (available !== count)
      throw new LabError('model.constant-size', { file, name, shape, expected: count, actual: available });
  };

  const raw = tensor.rawData;
  const rawView = (bytes: number): DataView => {
    check(raw.byteLength / bytes);
    return new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  };
  const isRaw = raw.byteLength > 0;
  const floats = (
    bytes: number,
    plain: readonly number[],
    read: (view: DataView, at: number) => number,
  ): Float32Array => {
    if (isRaw) {
      const view = rawView(bytes);
      return Float32Array.from({ length: count }, (_, index) => read(view, index * bytes));
    }
    check(plain.length);
    return Float32Array.from(plain);
  };
  const integers = (
    bytes: number,
    plain: readonly (number | bigint)[],
    read: (view: DataView, at: number) => number | bigint,
  ): BigInt64Array => {
    if (isRaw) {
      const view = rawView(bytes);
      return BigInt64Array.from({ length: count }, (_, index) => BigInt(read(view, index * bytes)));
    }
    check(plain.length);
    return BigInt64Array.from(plain, BigInt);
  };

  switch (tensor.dataType) {
    case elementTypes.float32:
      return {
        dims,
        data: isRaw ? rawFloats(raw, check) : floats(4, tensor.floatData, (view, at) => view.getFloat32(at, true)),
      };
    case elementTypes.float64:
      return { dims, data: floats(8, tensor.doubleData, (view, at) => view.getFloat64(at, true)) };
    case elementTypes.int64:
      return { dims, data: integers(8, tensor.int64Data.map(toBigInt), (view, at) => view.getBigInt64(at, true)) };
    case elementTypes.int32:
      return { dims, data: integers(4, tensor.int32Data, (view, at) => view.getInt32(at, true)) };
    default:
      throw new LabError('model.constant-type', { file, name, type: elementTypeName(tensor.dataType) });
  }
}

/** Copied as bytes: raw data of a file are not aligned, and a loop over millions of weights is slow. */
function rawFloats(raw: Uint8Array, check: (available: number) => void): Float32Array {
  check(raw.byteLength / 4);
  const data = new Float32Array(raw.byteLength / 4);
  new Uint8Array(data.buffer).set(raw);
  return data;
}
