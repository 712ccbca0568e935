import { LabError } from '../../shared/errors';
import type { GraphValue } from '../../shared/network/graph';
import type { elementTypes } from './schema';
import { type RawValue, toBigInt } from './schema';
import { elementTypeName, maximumRank } from './tensor';

/** An input or output as the file declares it. */
export interface ModelPort {
  name: string;
  /** float32, int64, bool, …; a dash where it is no tensor. */
  type: string;
  /** A number, a name ("batch") or, where the file says nothing, ''. Null: the number of dimensions is open, too. */
  dims: (number | string)[] | null;
}

const integers: readonly (keyof typeof elementTypes)[] = [
  'bool',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'uint32',
  'int32',
  'uint64',
  'int64',
];
const integerTypes: ReadonlySet<string> = new Set(integers);

/** Types whose values the engine takes as int64. */
export function isIntegerType(type: string): boolean {
  return integerTypes.has(type);
}

export function readPort({ name, type }: RawValue): ModelPort {
  const tensor = type?.tensorType;
  if (!tensor) return { name, type: '–', dims: null };
  const dims = tensor.shape?.dim.slice(0, maximumRank).map(({ dimValue, dimParam }) => {
    const size = Number(toBigInt(dimValue));
    return size > 0 && Number.isSafeInteger(size) ? size : dimParam;
  });
  return { name, type: elementTypeName(tensor.elemType), dims: dims ?? null };
}

/** As a value of a graph: what is open is -1. */
export function portValue({ name, dims }: ModelPort): GraphValue {
  return { name, dims: (dims ?? []).map((size) => (typeof size === 'number' ? size : -1)) };
}

/** What training and prediction need: float32, and nothing open but the batch, which comes first. */
export function requireBatch(file: string, direction: 'input' | 'output', { name, type, dims }: ModelPort): void {
  if (type !== 'float32') {
    const code = direction === 'input' ? 'model.input-type' : 'model.output-kind';
    throw new LabError(code, { file, name, type });
  }
  const open = dims === null ? 0 : dims.findIndex((size, index) => index > 0 && typeof size !== 'number');
  if (open === -1) return;
  throw new LabError(`model.${direction}-shape`, { file, name, dimension: open, size: dims?.[open] || '–' });
}
