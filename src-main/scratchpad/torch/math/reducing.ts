import { integers, type Tape } from '../autograd/tape';
import { Variable } from '../autograd/variable';
import { elementCount, type Shape } from '../tensor/shape';
import { binary, mul, numberOf, sub, unary } from './pointwise';
import { narrow, reshape } from './shaping';

/** Over which dimensions, and whether they stay with size 1. Null: all. */
export interface Over {
  dims: readonly number[] | null;
  keep: boolean;
}

export const overAll: Over = { dims: null, keep: false };

/** The shape that is left. */
export function reducedShape(shape: Shape, { dims, keep }: Over): number[] {
  const gone = (i: number): boolean => dims === null || dims.includes(i);
  return shape.flatMap((size, i) => (gone(i) ? (keep ? [1] : []) : [size]));
}

/** How many elements go into each result. */
export const reducedCount = (shape: Shape, dims: readonly number[] | null): number =>
  elementCount(dims === null ? shape : dims.map((dim) => shape[dim] ?? 1));

function reduce(tape: Tape, opType: string, x: Variable, over: Over, name: string): Variable {
  const attributes = { keepdims: over.keep ? 1 : 0 };
  // A scalar has nothing to reduce.
  if (x.shape.length === 0) return tape.apply('Identity', [x], { name });
  return tape.apply(opType, over.dims === null ? [x] : [x, integers(over.dims)], { attributes, name });
}

export function sum(
  tape: Tape,
  x: Variable,
  over: Over = overAll,
  name = over.dims ? 'SumBackward1' : 'SumBackward0',
): Variable {
  const shape = reducedShape(x.shape, over);
  if (x.count === 0) return Variable.of(tape.allocate(elementCount(shape), x.dtype), shape, x.dtype);
  return reduce(tape, 'ReduceSum', x, over, name);
}

export function mean(
  tape: Tape,
  x: Variable,
  over: Over = overAll,
  name = over.dims ? 'MeanBackward1' : 'MeanBackward0',
): Variable {
  if (x.count > 0) return reduce(tape, 'ReduceMean', x, over, name);
  const shape = reducedShape(x.shape, over);
  return Variable.of(tape.allocate(elementCount(shape), x.dtype).fill(NaN), shape, x.dtype);
}

export const largest = (tape: Tape, x: Variable, over: Over, name: string): Variable =>
  reduce(tape, 'ReduceMax', x, over, name);
export const smallest = (tape: Tape, x: Variable, over: Over, name: string): Variable =>
  reduce(tape, 'ReduceMin', x, over, name);

/** Σ(x - mean)² / (n - correction) */
export function variance(tape: Tape, x: Variable, over: Over, correction: number, name = 'VarBackward0'): Variable {
  const centre = mean(tape, x, { dims: over.dims, keep: true });
  const off = sub(tape, x, centre);
  const squares = sum(tape, mul(tape, off, off), over);
  const count = Math.max(0, reducedCount(x.shape, over.dims) - correction);
  return binary(tape, 'Div', squares, numberOf(count, x.dtype), { name });
}

export const deviation = (tape: Tape, x: Variable, over: Over, correction: number): Variable =>
  unary(tape, 'Sqrt', variance(tape, x, over, correction), { name: 'StdBackward0' });

/** Halves are multiplied until one element is left, so that zeros have the right gradients. `over` names one dimension or all. */
export function product(tape: Tape, x: Variable, over: Over, name: string): Variable {
  const shape = reducedShape(x.shape, over);
  const dim = over.dims?.[0] ?? 0;
  let rest = over.dims === null ? reshape(tape, x, [x.count]) : x;
  const size = (): number => rest.shape[dim] ?? 1;
  while (size() > 1) {
    const half = size() >> 1;
    const pairs = mul(tape, narrow(tape, rest, dim, 0, half), narrow(tape, rest, dim, half, half));
    const odd = size() % 2 === 1 ? narrow(tape, rest, dim, 2 * half, 1) : null;
    rest = odd ? tape.apply('Concat', [pairs, odd], { attributes: { axis: dim } }) : pairs;
  }
  if (x.count === 0) return Variable.of(tape.allocate(elementCount(shape), x.dtype).fill(1), shape, x.dtype);
  return reshape(tape, rest, shape, name);
}

/** Root of the sum of squares; its gradient at 0 is 0. Or the sum of p-th powers. */
export function norm(tape: Tape, x: Variable, p: number, over: Over): Variable {
  const name = 'LinalgVectorNormBackward0';
  const size = unary(tape, 'Abs', x);
  if (p === Infinity) return largest(tape, size, over, name);
  if (p === -Infinity) return smallest(tape, size, over, name);
  if (p === 1) return sum(tape, size, over, name);
  if (p === 2) {
    const squares = sum(tape, mul(tape, x, x), over);
    if (!squares.array.includes(0)) return unary(tape, 'Sqrt', squares, { name });
    // √0 has no slope: there 1 takes its place, which is multiplied away again.
    const zero = squares.array.map((value) => Number(value === 0));
    const mask = (values: typeof zero): Variable => Variable.of(values, squares.shape, x.dtype);
    const roots = unary(tape, 'Sqrt', binary(tape, 'Add', squares, mask(zero)));
    return binary(tape, 'Mul', roots, mask(zero.map((value) => 1 - value)), { name });
  }
  const powers = sum(tape, binary(tape, 'Pow', size, numberOf(p, x.dtype)), over);
  return binary(tape, 'Pow', powers, numberOf(1 / p, x.dtype), { name });
}

/** log Σ exp, shifted by the largest so that nothing overflows. */
export function logSumExp(tape: Tape, x: Variable, over: Over): Variable {
  const top = largest(tape, Variable.of(x.array, x.shape, x.dtype), { dims: over.dims, keep: true }, '');
  const total = unary(tape, 'Log', sum(tape, unary(tape, 'Exp', sub(tape, x, top)), over));
  return binary(tape, 'Add', total, reshape(tape, top, total.shape), { name: 'LogsumexpBackward0' });
}
