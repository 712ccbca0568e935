import type { EagerArray } from '../../../engine/native';
import { PythonError } from '../../language/errors';
import { recorded } from '../autograd/function-node';
import type { ApplyOptions, Tape } from '../autograd/tape';
import { Variable } from '../autograd/variable';
import { normalise, type DType } from '../tensor/dtype';
import {
  broadcastShape,
  broadcastStrides,
  elementCount,
  forEachOffset,
  sameShape,
  stridesOf,
  type Shape,
} from '../tensor/shape';

// Element by element, with broadcasting. Operands of one operation have one dtype (see arithmetic.ts for how they get it).

/** The common shape of two operands. Throws RuntimeError in PyTorch's words. */
export function spread(a: Shape, b: Shape): number[] {
  const shape = broadcastShape(a, b);
  if (shape) return shape;
  const rank = Math.max(a.length, b.length);
  for (let i = 1; i <= rank; i++) {
    const x = a[a.length - i] ?? 1;
    const y = b[b.length - i] ?? 1;
    if (x !== y && x !== 1 && y !== 1)
      throw new PythonError(
        'RuntimeError',
        `The size of tensor a (${x}) must match the size of tensor b (${y}) at non-singleton dimension ${rank - i}. Hint: the shapes are [${a.join(', ')}] and [${b.join(', ')}].`,
      );
  }
  return [];
}

/** An operator of the engine on two operands. */
export function binary(tape: Tape, opType: string, a: Variable, b: Variable, options?: ApplyOptions): Variable {
  const shape = sameShape(a.shape, b.shape) ? a.shape : spread(a.shape, b.shape);
  if (elementCount(shape) === 0) return Variable.of(a.dtype.array(0), shape, a.dtype);
  return tape.apply(opType, [a, b], options);
}

/** An operator of the engine on one. */
export function unary(tape: Tape, opType: string, x: Variable, options?: ApplyOptions): Variable {
  if (x.count === 0) return Variable.of(x.dtype.array(0), x.shape, x.dtype);
  return tape.apply(opType, [x], options);
}

export const add = (tape: Tape, a: Variable, b: Variable): Variable => binary(tape, 'Add', a, b);
export const sub = (tape: Tape, a: Variable, b: Variable): Variable => binary(tape, 'Sub', a, b);
export const mul = (tape: Tape, a: Variable, b: Variable): Variable => binary(tape, 'Mul', a, b);
export const div = (tape: Tape, a: Variable, b: Variable): Variable => binary(tape, 'Div', a, b);

/** One number of a dtype. */
export function numberOf(value: number, dtype: DType): Variable {
  const array = dtype.array(1);
  array[0] = value;
  return Variable.of(array, [], dtype);
}

export const plus = (tape: Tape, x: Variable, value: number): Variable => add(tape, x, numberOf(value, x.dtype));
export const times = (tape: Tape, x: Variable, value: number): Variable => mul(tape, x, numberOf(value, x.dtype));
export const square = (tape: Tape, x: Variable): Variable => mul(tape, x, x);

/** Values that `f` computes, without a gradient. */
export function compute(tape: Tape, x: Variable, dtype: DType, f: (x: number) => number): Variable {
  const array = tape.allocate(x.count, dtype);
  const from = x.array;
  for (let i = 0; i < array.length; i++) array[i] = f(from[i] as number);
  return Variable.of(normalise(array, dtype), x.shape, dtype);
}

/** f(a, b) for all pairs, without a gradient. */
export function computePairs(
  tape: Tape,
  a: Variable,
  b: Variable,
  dtype: DType,
  f: (a: number, b: number) => number,
): Variable {
  const shape = spread(a.shape, b.shape);
  const array = tape.allocate(elementCount(shape), dtype);
  const x = spreadArray(a, shape);
  const y = spreadArray(b, shape);
  for (let i = 0; i < array.length; i++) array[i] = f(x[i] as number, y[i] as number);
  return Variable.of(normalise(array, dtype), shape, dtype);
}

/** The values of `x` repeated to `shape`. */
export function spreadArray(x: Variable, shape: Shape): EagerArray {
  if (sameShape(x.shape, shape)) return x.array;
  const array = x.dtype.array(elementCount(shape));
  const strides = broadcastStrides(x.shape, stridesOf(x.shape), shape);
  forEachOffset(shape, strides, 0, (at, i) => (array[i] = x.array[at] as number));
  return array;
}

/** A function the engine has no operator for. `slope` is f'(x), from x and f(x). */
export function mapped(
  tape: Tape,
  x: Variable,
  name: string,
  f: (x: number) => number,
  slope: (x: Variable, y: Variable) => Variable,
): Variable {
  const { array, shape, dtype } = compute(tape, x, x.dtype, f);
  const made: Variable = recorded(
    tape,
    name,
    [x],
    { array, shape, dtype },
    (gradient) => {
      const slopes = slope(x.alias(shape, null), made.alias(shape, null)).array;
      const result = tape.allocate(array.length, dtype);
      for (let i = 0; i < result.length; i++) result[i] = (gradient[i] as number) * (slopes[i] as number);
      return [result];
    },
    (gradient) => [mul(tape, gradient, slope(x, made))],
  );
  return made;
}

/** A function that stands still between its jumps: its slope is 0 everywhere. */
export function stepped(tape: Tape, x: Variable, name: string, f: (x: number) => number): Variable {
  const { array, shape, dtype } = compute(tape, x, x.dtype, f);
  const zeros = (): EagerArray => tape.allocate(array.length, dtype);
  return recorded(
    tape,
    name,
    [x],
    { array, shape, dtype },
    () => [zeros()],
    () => [Variable.of(zeros(), shape, dtype)],
  );
}

/** a where `condition` is not 0, else b; all of one shape. */
export function choose(
  tape: Tape,
  condition: ArrayLike<number>,
  a: Variable,
  b: Variable,
  name = 'WhereBackward0',
): Variable {
  const { shape, dtype } = a;
  const pick = (yes: EagerArray | null, no: EagerArray | null): EagerArray => {
    const array = tape.allocate(condition.length, dtype);
    for (let i = 0; i < array.length; i++) {
      const from = condition[i] ? yes : no;
      if (from) array[i] = from[i] as number;
    }
    return array;
  };
  const zeros = (): Variable => Variable.of(dtype.array(condition.length), shape, dtype);
  return recorded(
    tape,
    name,
    [a, b],
    { array: pick(a.array, b.array), shape, dtype },
    (gradient) => [a.edge ? pick(gradient, null) : null, b.edge ? pick(null, gradient) : null],
    (gradient) => [choose(tape, condition, gradient, zeros()), choose(tape, condition, zeros(), gradient)],
  );
}

/** Another dtype. Gradients go back in the old one. */
export function cast(tape: Tape, x: Variable, dtype: DType): Variable {
  if (x.dtype === dtype) return x;
  const convert = (from: EagerArray, to: DType): EagerArray => {
    const array = tape.allocate(from.length, to);
    array.set(from);
    return normalise(array, to);
  };
  const array = convert(x.array, dtype);
  const copied = (): Variable =>
    recorded(
      tape,
      'ToCopyBackward0',
      [x],
      { array, shape: x.shape, dtype },
      (gradient) => [convert(gradient, x.dtype)],
      (gradient) => [cast(tape, gradient, x.dtype)],
    );
  return tape.retold(copied, (listener, result) => {
    if (dtype.kind !== 'float') listener.foreign(`to(${dtype.repr()})`, [x], result);
    else if (x.dtype.kind === 'float') listener.same(x, result);
    else listener.operator('Cast', [x], { to: onnxFloat }, [result]);
  });
}

/** ONNX's number for float32. */
const onnxFloat = 1;
