import { typeError, PythonError } from '../language/errors';
import type { CallContext } from '../language/host';
import { numberOf } from '../language/convert';
import { typeName } from '../language/type-names';
import { PyList, PyTuple, type Value } from '../language/values';
import { ArrayType } from './numpy/types';
import type { Session } from './session';
import { Variable } from './autograd/variable';
import { bool, DType, float32, float64, int64 } from './tensor/dtype';
import { Size } from './tensor/size';
import type { Tensor } from './tensor/tensor';
import { isTensor } from './tensor/tensor';

// Python values to what functions compute with. Everything else throws TypeError in PyTorch's words.

export const isNumber = (value: Value | undefined): value is number | bigint | boolean =>
  typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';

/** What Python's numbers are among tensors. */
export const dtypeOfNumber = (value: number | bigint | boolean): DType =>
  typeof value === 'boolean' ? bool : typeof value === 'bigint' ? int64 : float32;

export function toTensor(value: Value | undefined, name = 'input', position = 1): Tensor {
  if (isTensor(value)) return value;
  throw typeError(`argument '${name}' (position ${position}) must be Tensor, not ${typeName(value ?? null)}`);
}

/** A tensor, or a number as a tensor without dimensions. */
export function tensorOrNumber(session: Session, value: Value | undefined): Tensor {
  if (!isNumber(value)) return toTensor(value);
  return session.wrap(numberVariable(value));
}

export function numberVariable(value: number | bigint | boolean, dtype = dtypeOfNumber(value)): Variable {
  const array = dtype.array(1);
  array[0] = Number(value);
  return Variable.of(array, [], dtype);
}

export function toNumber(value: Value | undefined, context: CallContext): number {
  const number = value === undefined ? undefined : numberOf(value, context);
  if (number === undefined) throw typeError(`a number is needed, not ${typeName(value ?? null)}`);
  return Number(number);
}

export const numberOrNull = (value: Value | undefined, context: CallContext): number | null =>
  value === null || value === undefined ? null : toNumber(value, context);

export function toInt(value: Value | undefined, context: CallContext): number {
  const number = value === undefined ? undefined : numberOf(value, context);
  if (typeof number !== 'bigint') throw typeError(`an int is needed, not ${typeName(value ?? null)}`);
  return Number(number);
}

const isSequence = (value: Value | undefined): value is PyList | PyTuple | Size =>
  value instanceof PyList || value instanceof PyTuple || value instanceof Size;

/** f(2, 3), f((2, 3)), f([2, 3]) and f(x.shape) are one: ints. */
export function toInts(value: Value | undefined, context: CallContext): number[] {
  if (!isSequence(value)) return [toInt(value, context)];
  const [first] = value.items;
  const items = value.items.length === 1 && isSequence(first) ? first.items : value.items;
  return items.map((item) => toInt(item, context));
}

/** An int, or a pair of ints; one stands for both. */
export function toPair(value: Value | undefined, context: CallContext): [number, number] {
  const [first = 0, second = first] = toInts(value, context);
  return [first, second];
}

/** A dimension, counted from the end when negative. Throws IndexError. */
export function toDim(value: Value | undefined, rank: number, context: CallContext): number {
  return wrapDim(toInt(value, context), rank);
}

export function wrapDim(dim: number, rank: number): number {
  const most = Math.max(rank, 1);
  if (dim < -most || dim >= most)
    throw new PythonError(
      'IndexError',
      `Dimension out of range (expected to be in range of [${-most}, ${most - 1}], but got ${dim})`,
    );
  return dim < 0 ? dim + most : dim;
}

/** One dimension or several; null for None and an empty list: all. */
export function toDims(value: Value | undefined, rank: number, context: CallContext): number[] | null {
  if (value === null || value === undefined) return null;
  const dims = toInts(value, context).map((dim) => wrapDim(dim, rank));
  if (new Set(dims).size < dims.length)
    throw new PythonError('RuntimeError', 'dim appears multiple times in the list of dims');
  return dims.length === 0 ? null : dims;
}

export function toDType(value: Value | undefined): DType | null {
  if (value === null || value === undefined) return null;
  if (value instanceof DType) return value;
  if (value instanceof ArrayType) return value.dtype;
  // dtype=float, dtype=int: Python's own types.
  const name = typeof value === 'object' && 'name' in value ? value.name : '';
  const python = { float: float64, int: int64, bool }[name as 'float'];
  if (python) return python;
  throw typeError(`argument 'dtype' must be torch.dtype, not ${typeName(value)}`);
}
