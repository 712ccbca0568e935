import { PythonError } from '../../language/errors';
import type { Value } from '../../language/values';
import { toDim, toDims, toInt, toInts, toTensor, wrapDim } from '../arguments';
import { readAt } from '../autograd/places';
import type { Variable } from '../autograd/variable';
import type { Library } from '../library';
import { broadcast, permute, reshape, resolveShape, swapped } from '../math/shaping';
import { broadcastStrides, elementCount, sameShape, shapeText, stridesOf, type Shape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { placesOf } from '../tensor/view';

const offsetOf = (x: Tensor): number => x.view?.offset ?? 0;

/** The same elements under another shape: in the same memory where its strides allow it, else copied. */
export function reshaped(x: Tensor, wanted: Shape, name = 'ViewBackward0'): Tensor {
  const shape = resolveShape(wanted, x.count);
  const strides = viewStrides(x, shape);
  const variable = reshape(x.session.tape, x.variable, shape, strides ? name : 'UnsafeViewBackward0');
  return strides ? x.viewed(variable, offsetOf(x), strides) : x.session.wrap(variable, [x]);
}

/** Strides with which the memory of x reads as `shape`; null when no strides do. */
function viewStrides(x: Tensor, shape: Shape): number[] | null {
  if (x.contiguous || x.count === 0) return stridesOf(shape);
  // From behind: dimensions that lie without a gap are one run, which the new dimensions divide up.
  const strides = new Array<number>(shape.length);
  let next = shape.length - 1;
  for (let d = x.shape.length - 1; d >= 0;) {
    let run = x.shape[d] as number;
    const base = x.strides[d] as number;
    while (d > 0 && (x.shape[d - 1] === 1 || x.strides[d - 1] === run * base)) run *= x.shape[--d] as number;
    d -= 1;
    let left = 1;
    while (next >= 0 && (left < run || shape[next] === 1)) {
      strides[next] = left * base;
      left *= shape[next--] as number;
    }
    if (left !== run) return null;
  }
  return strides;
}

/** Dimensions in another order. */
export function permuted(x: Tensor, order: readonly number[], name: string): Tensor {
  const variable = permute(x.session.tape, x.variable, order, name);
  return x.viewed(
    variable,
    offsetOf(x),
    order.map((dim) => x.strides[dim] as number),
  );
}

export function transposed(x: Tensor): Tensor {
  if (x.shape.length > 2)
    throw new PythonError('RuntimeError', `t() expects a tensor with <= 2 dimensions, but self is ${x.shape.length}D`);
  return x.shape.length < 2 ? reshaped(x, x.shape) : permuted(x, [1, 0], 'TBackward0');
}

export function expanded(x: Tensor, wanted: Shape): Tensor {
  const lead = wanted.length - x.shape.length;
  if (lead < 0)
    throw new PythonError(
      'RuntimeError',
      `expand(torch.${x.dtype.scalarName}Tensor{${shapeText(x.shape)}}, size=${shapeText(wanted)}): the number of sizes provided (${wanted.length}) must be greater or equal to the number of dimensions in the tensor (${x.shape.length})`,
    );
  const shape = wanted.map((size, i) => (size === -1 ? (x.shape[i - lead] as number) : size));
  shape.forEach((size, i) => {
    const own = x.shape[i - lead] ?? 1;
    if (own !== size && own !== 1)
      throw new PythonError(
        'RuntimeError',
        `The expanded size of the tensor (${size}) must match the existing size (${own}) at non-singleton dimension ${i}.  Target sizes: ${shapeText(wanted)}.  Tensor sizes: ${shapeText(x.shape)}`,
      );
  });
  const { tape } = x.session;
  const same = sameShape(x.shape, shape);
  const variable = same ? reshape(tape, x.variable, shape, 'ExpandBackward0') : broadcast(tape, x.variable, shape);
  return x.viewed(variable, offsetOf(x), broadcastStrides(x.shape, x.strides, shape));
}

/** A dimension of size 1 put in at `dim`. */
export function unsqueezed(x: Tensor, dim: number): Tensor {
  const shape = [...x.shape.slice(0, dim), 1, ...x.shape.slice(dim)];
  const strides = [...x.strides.slice(0, dim), 1, ...x.strides.slice(dim)];
  return x.viewed(reshape(x.session.tape, x.variable, shape, 'UnsqueezeBackward0'), offsetOf(x), strides);
}

function squeezed(x: Tensor, dims: readonly number[] | null, name: string): Tensor {
  const keep = (i: number): boolean => x.shape[i] !== 1 || (dims !== null && !dims.includes(i));
  const shape = x.shape.filter((_, i) => keep(i));
  const variable = reshape(x.session.tape, x.variable, shape, name);
  return x.viewed(
    variable,
    offsetOf(x),
    x.strides.filter((_, i) => keep(i)),
  );
}

export function flattened(x: Tensor, from: number, to: number): Tensor {
  if (from > to)
    throw new PythonError('RuntimeError', 'flatten() has invalid args: start_dim cannot come after end_dim');
  if (x.shape.length === 0) return reshaped(x, [1]);
  if (from === to) return x;
  return reshaped(x, [...x.shape.slice(0, from), elementCount(x.shape.slice(from, to + 1)), ...x.shape.slice(to + 1)]);
}

/** Elements of a tensor in another order, or repeated. */
function rearranged(x: Tensor, shape: Shape, strides: readonly number[], offset: number, name: string): Variable {
  return readAt(x.session.tape, x.variable, placesOf({ offset, strides }, shape), shape, name);
}

export function addShaping(library: Library): void {
  const { session } = library;

  library.method(
    'view',
    'self, *shape',
    ([self, size], context) => {
      const x = toTensor(self);
      const shape = resolveShape(toInts(size, context), x.count);
      if (!viewStrides(x, shape))
        throw new PythonError(
          'RuntimeError',
          "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead.",
        );
      return reshaped(x, shape);
    },
    'The same memory under another shape; one size may be -1.',
  );
  library.method(
    'reshape',
    'self, *shape',
    ([self, shape], context) => reshaped(toTensor(self), toInts(shape, context)),
    'Another shape; one size may be -1.',
  );
  library.function('reshape', 'input, shape', ([input, shape], context) =>
    reshaped(toTensor(input), toInts(shape, context)),
  );
  library.method('view_as', 'self, other', ([self, other]) => reshaped(toTensor(self), toTensor(other).shape));
  library.method('reshape_as', 'self, other', ([self, other]) => reshaped(toTensor(self), toTensor(other).shape));
  library.both(
    'flatten',
    'input, start_dim: int=0, end_dim: int=-1',
    ([input, from, to], context) => {
      const x = toTensor(input);
      return flattened(x, toDim(from, x.shape.length, context), toDim(to, x.shape.length, context));
    },
    'Several dimensions as one.',
  );
  library.both('ravel', 'input', ([input]) => reshaped(toTensor(input), [-1]));
  library.both('unflatten', 'input, dim, sizes', ([input, dim, sizes], context) => {
    const x = toTensor(input);
    const at = toDim(dim, x.shape.length, context);
    const inner = resolveShape(toInts(sizes, context), x.shape[at] as number);
    return reshaped(x, [...x.shape.slice(0, at), ...inner, ...x.shape.slice(at + 1)]);
  });
  library.both(
    'squeeze',
    'input, dim=None',
    ([input, dim], context) => {
      const x = toTensor(input);
      const dims = toDims(dim, x.shape.length, context);
      return squeezed(x, dims, dims === null ? 'SqueezeBackward0' : 'SqueezeBackward1');
    },
    'Without dimensions of size 1.',
  );
  library.both(
    'unsqueeze',
    'input, dim',
    ([input, dim], context) => {
      const x = toTensor(input);
      return unsqueezed(x, wrapDim(toInt(dim, context), x.shape.length + 1));
    },
    'With a dimension of size 1 at dim.',
  );
  library.both('t', 'input', ([input]) => transposed(toTensor(input)), 'Rows and columns exchanged.');
  library.both(
    'transpose',
    'input, dim0, dim1',
    ([input, dim0, dim1], context) => {
      const x = toTensor(input);
      const rank = x.shape.length;
      return permuted(
        x,
        swapped(rank, toDim(dim0, rank, context), toDim(dim1, rank, context)).slice(0, rank),
        'TransposeBackward0',
      );
    },
    'Two dimensions exchanged.',
  );
  library.alias('transpose', 'swapaxes', 'swapdims');
  const permutation = ([input, dims]: Value[], context: Parameters<typeof toInts>[1]): Tensor => {
    const x = toTensor(input);
    const rank = x.shape.length;
    const order = toInts(dims, context).map((dim) => wrapDim(dim, rank));
    if (order.length !== rank)
      throw new PythonError(
        'RuntimeError',
        `permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. input.dim() = ${rank} is not equal to len(dims) = ${order.length}`,
      );
    if (new Set(order).size < rank) throw new PythonError('RuntimeError', 'permute(): duplicate dims are not allowed.');
    return permuted(x, order, 'PermuteBackward0');
  };
  library.method('permute', 'self, *dims', permutation, 'The dimensions in another order.');
  library.function('permute', 'input, dims', permutation);
  library.both('movedim', 'input, source, destination', ([input, source, destination], context) => {
    const x = toTensor(input);
    const rank = x.shape.length;
    const [from, to] = [toDim(source, rank, context), toDim(destination, rank, context)];
    const order = Array.from({ length: rank }, (_, i) => i).filter((dim) => dim !== from);
    order.splice(to, 0, from);
    return permuted(x, order, 'PermuteBackward0');
  });
  library.method(
    'expand',
    'self, *sizes',
    ([self, sizes], context) => expanded(toTensor(self), toInts(sizes, context)),
    'Repeated along dimensions of size 1, without copying.',
  );
  library.method('expand_as', 'self, other', ([self, other]) => expanded(toTensor(self), toTensor(other).shape));
  library.function('broadcast_to', 'input, size', ([input, size], context) =>
    expanded(toTensor(input), toInts(size, context)),
  );

  const repeated = (x: Tensor, times: readonly number[]): Tensor => {
    const lead = times.length - x.shape.length;
    if (lead < 0)
      throw new PythonError(
        'RuntimeError',
        'Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor',
      );
    // Every dimension as (times, size), read with a stride of 0 along the first.
    const plain = stridesOf(x.shape);
    const shape = times.flatMap((count, i) => [count, x.shape[i - lead] ?? 1]);
    const strides = times.flatMap((_, i) => [0, plain[i - lead] ?? 0]);
    const final = times.map((count, i) => count * (x.shape[i - lead] ?? 1));
    const places = placesOf({ offset: 0, strides }, shape);
    return session.wrap(readAt(session.tape, x.variable, places, final, 'RepeatBackward0'), [x]);
  };
  library.method(
    'repeat',
    'self, *sizes',
    ([self, sizes], context) => repeated(toTensor(self), toInts(sizes, context)),
    'Copies side by side.',
  );
  library.both('tile', 'input, *dims', ([input, dims], context) => {
    const x = toTensor(input);
    const times = toInts(dims, context);
    return repeated(x, [...new Array<number>(Math.max(0, x.shape.length - times.length)).fill(1), ...times]);
  });
  library.both('repeat_interleave', 'input, repeats, dim=None', ([input, repeats, dim], context) => {
    const given = toTensor(input);
    const x = dim === null || dim === undefined ? reshaped(given, [-1]) : given;
    const at = dim === null || dim === undefined ? 0 : toDim(dim, x.shape.length, context);
    const times = toInt(repeats, context);
    const plain = stridesOf(x.shape);
    const shape = [...x.shape.slice(0, at + 1), times, ...x.shape.slice(at + 1)];
    const places = placesOf({ offset: 0, strides: [...plain.slice(0, at + 1), 0, ...plain.slice(at + 1)] }, shape);
    const final = x.shape.map((size, i) => (i === at ? size * times : size));
    return session.wrap(readAt(session.tape, x.variable, places, final, 'RepeatInterleaveBackward0'), [x]);
  });
  library.both(
    'flip',
    'input, *dims',
    ([input, dims], context) => {
      const x = toTensor(input);
      const turned = toInts(dims, context).map((dim) => wrapDim(dim, x.shape.length));
      const plain = stridesOf(x.shape);
      const strides = plain.map((stride, i) => (turned.includes(i) ? -stride : stride));
      const offset = turned.reduce((sum, i) => sum + (plain[i] as number) * Math.max(0, (x.shape[i] as number) - 1), 0);
      return session.wrap(rearranged(x, x.shape, strides, offset, 'FlipBackward0'), [x]);
    },
    'Dimensions backwards.',
  );
  library.both(
    'diag',
    'input, diagonal: int=0',
    ([input, diagonal], context) => {
      const x = toTensor(input);
      const shift = toInt(diagonal, context);
      const at =
        (shift < 0 ? -shift : 0) * (x.shape.length === 1 ? x.count + Math.abs(shift) : (x.shape[1] as number)) +
        Math.max(0, shift);
      if (x.shape.length === 1) {
        const size = x.count + Math.abs(shift);
        const zeros = session.wrap(session.zeros([size, size], x.dtype));
        const places = placesOf({ offset: at, strides: [size + 1] }, [x.count]);
        zeros.assignAt(places, x.variable);
        return zeros;
      }
      const [rows = 0, columns = 0] = x.shape;
      const length = Math.max(0, Math.min(rows + Math.min(0, shift), columns - Math.max(0, shift)));
      return session.wrap(rearranged(x, [length], [columns + 1], at, 'DiagonalBackward0_copy'), [x]);
    },
    'The diagonal of a matrix, or a matrix with this diagonal.',
  );
  const triangle = (name: 'tril' | 'triu'): void =>
    library.both(
      name,
      'input, diagonal: int=0',
      ([input, diagonal], context) => {
        const x = toTensor(input);
        const shift = toInt(diagonal, context);
        const [rows, columns] = [x.shape.at(-2) ?? 1, x.shape.at(-1) ?? 1];
        const mask = x.array.map((_, i) => {
          const [row, column] = [Math.floor(i / columns) % rows, i % columns];
          return Number(name === 'tril' ? column - row <= shift : column - row >= shift);
        });
        return session.wrap(session.kept(x.variable, mask, `${name === 'tril' ? 'Tril' : 'Triu'}Backward0`), [x]);
      },
      `The ${name === 'tril' ? 'lower' : 'upper'} triangle, 0 elsewhere.`,
    );
  triangle('tril');
  triangle('triu');
  library.method('contiguous', 'self', ([self]) => {
    const x = toTensor(self);
    return x.contiguous ? x : session.wrap(reshape(session.tape, x.variable, x.shape, 'CloneBackward0'), [x]);
  });
}
