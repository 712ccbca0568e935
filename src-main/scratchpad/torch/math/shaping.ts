import { PythonError } from '../../language/errors';
import { integers, type Tape } from '../autograd/tape';
import { Variable } from '../autograd/variable';
import { elementCount, sameShape, shapeText, type Shape } from '../tensor/shape';

// Other shapes of the same elements, and tensors put together. Sizes are checked by the callers where PyTorch words an error.

export function reshape(tape: Tape, x: Variable, shape: Shape, name = 'ViewBackward0'): Variable {
  if (x.count === 0) return Variable.of(x.dtype.array(0), shape, x.dtype);
  return tape.apply('Reshape', [x, integers(shape)], { name });
}

/** A shape with at most one -1, which the number of elements decides. Throws RuntimeError. */
export function resolveShape(shape: Shape, count: number): number[] {
  const known = elementCount(shape.filter((size) => size !== -1));
  const open = shape.filter((size) => size === -1).length;
  const negative = shape.find((size) => size < -1);
  if (negative !== undefined) throw new PythonError('RuntimeError', `invalid shape dimension ${negative}`);
  if (open > 1) throw new PythonError('RuntimeError', 'only one dimension can be inferred');
  const fits = open === 0 ? known === count : known > 0 && count % known === 0;
  if (!fits) throw new PythonError('RuntimeError', `shape '${shapeText(shape)}' is invalid for input of size ${count}`);
  return shape.map((size) => (size === -1 ? count / known : size));
}

export function permute(tape: Tape, x: Variable, order: readonly number[], name = 'PermuteBackward0'): Variable {
  const shape = order.map((dim) => x.shape[dim] as number);
  if (x.count === 0) return Variable.of(x.dtype.array(0), shape, x.dtype);
  if (order.length < 2) return reshape(tape, x, shape, name);
  return tape.apply('Transpose', [x], { attributes: { perm: [...order] }, name });
}

/** The order of dimensions that swaps two. */
export function swapped(rank: number, a: number, b: number): number[] {
  const order = Array.from({ length: rank }, (_, i) => i);
  order[a] = b;
  order[b] = a;
  return order;
}

/** Repeated to a shape that it spreads to. */
export function broadcast(tape: Tape, x: Variable, shape: Shape, name = 'ExpandBackward0'): Variable {
  if (sameShape(x.shape, shape)) return x;
  if (elementCount(shape) === 0) return Variable.of(x.dtype.array(0), shape, x.dtype);
  return tape.apply('Expand', [x, integers(shape)], { name });
}

export function concat(tape: Tape, parts: readonly Variable[], dim: number, name = 'CatBackward0'): Variable {
  const filled = parts.filter(({ count }) => count > 0);
  const [first] = filled.length > 0 ? filled : parts;
  if (filled.length === 0) {
    const shape = [...(first as Variable).shape];
    shape[dim] = parts.reduce((sum, part) => sum + (part.shape[dim] ?? 0), 0);
    return Variable.of((first as Variable).dtype.array(0), shape, (first as Variable).dtype);
  }
  // The engine's Concat of one tensor is a view: the name must be there all the same.
  return tape.apply('Concat', filled, { attributes: { axis: dim }, name });
}

/** Elements `start` to `end` along one dimension. */
export function narrow(
  tape: Tape,
  x: Variable,
  dim: number,
  start: number,
  length: number,
  name = 'SliceBackward0',
): Variable {
  if (length === 0)
    return Variable.of(
      x.dtype.array(0),
      x.shape.map((size, i) => (i === dim ? 0 : size)),
      x.dtype,
    );
  const inputs = [x, integers([start]), integers([start + length]), integers([dim])];
  return tape.apply('Slice', inputs, { name });
}
