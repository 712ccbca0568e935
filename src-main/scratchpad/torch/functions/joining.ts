import { PythonError, typeError } from '../../language/errors';
import type { CallContext } from '../../language/host';
import { PyList, PyTuple, type Value } from '../../language/values';
import { toDim, toInt, toInts, toTensor, wrapDim } from '../arguments';
import type { Library } from '../library';
import { cast } from '../math/pointwise';
import { concat, reshape, narrow } from '../math/shaping';
import { wider } from '../tensor/dtype';
import { sameShape, shapeText } from '../tensor/shape';
import { isTensor, type Tensor } from '../tensor/tensor';
import { expanded } from './shaping';

/** A list or tuple of tensors. */
export function tensorList(value: Value | undefined, context: CallContext, name = 'tensors'): Tensor[] {
  if (isTensor(value)) return [...context.iterate(value)].map((item) => toTensor(item));
  if (!(value instanceof PyList || value instanceof PyTuple))
    throw typeError(`argument '${name}' must be tuple of Tensors`);
  return value.items.map((item) => toTensor(item, name));
}

export function addJoining(library: Library): void {
  const { session } = library;
  const { tape } = session;
  const sameKind = (tensors: readonly Tensor[]): Tensor['variable'][] => {
    const [first] = tensors;
    if (!first) throw new PythonError('RuntimeError', 'torch.cat(): expected a non-empty list of Tensors');
    const dtype = tensors.reduce((common, { dtype: own }) => wider(common, own), first.dtype);
    return tensors.map(({ variable }) => cast(tape, variable, dtype));
  };
  const joined = (tensors: readonly Tensor[], given: number): Tensor => {
    const parts = sameKind(tensors);
    const shaped = tensors.find(({ shape }) => !sameShape(shape, [0])) ?? (tensors[0] as Tensor);
    const rank = shaped.shape.length;
    if (rank === 0)
      throw new PythonError('RuntimeError', 'zero-dimensional tensor (at position 0) cannot be concatenated');
    const dim = wrapDim(given, rank);
    tensors.forEach(({ shape }, i) => {
      if (sameShape(shape, [0])) return;
      if (shape.length !== rank)
        throw new PythonError(
          'RuntimeError',
          `Tensors must have same number of dimensions: got ${rank} and ${shape.length}`,
        );
      const wrong = shape.findIndex((size, d) => d !== dim && size !== shaped.shape[d]);
      if (wrong >= 0)
        throw new PythonError(
          'RuntimeError',
          `Sizes of tensors must match except in dimension ${dim}. Expected size ${shaped.shape[wrong]} but got size ${shape[wrong]} for tensor number ${i} in the list.`,
        );
    });
    return session.wrap(concat(tape, parts, dim), tensors);
  };
  library.function(
    'cat',
    'tensors, dim: int=0',
    ([tensors, dim], context) => joined(tensorList(tensors, context), toInt(dim, context)),
    'Tensors one after another along dim.',
  );
  const stacked = (tensors: readonly Tensor[], given: number): Tensor => {
    const parts = sameKind(tensors);
    const [first] = tensors as [Tensor];
    const dim = wrapDim(given, first.shape.length + 1);
    tensors.forEach(({ shape }, i) => {
      if (!sameShape(shape, first.shape))
        throw new PythonError(
          'RuntimeError',
          `stack expects each tensor to be equal size, but got ${shapeText(first.shape)} at entry 0 and ${shapeText(shape)} at entry ${i}`,
        );
    });
    const shape = [...first.shape.slice(0, dim), 1, ...first.shape.slice(dim)];
    return session.wrap(
      concat(
        tape,
        parts.map((part) => reshape(tape, part, shape, 'UnsqueezeBackward0')),
        dim,
        'StackBackward0',
      ),
      tensors,
    );
  };
  library.function(
    'stack',
    'tensors, dim: int=0',
    ([tensors, dim], context) => stacked(tensorList(tensors, context), toInt(dim, context)),
    'Tensors of one shape along a new dimension.',
  );
  library.function('hstack', 'tensors', ([tensors], context) => {
    const list = tensorList(tensors, context);
    return joined(
      list.map((x) => (x.shape.length === 0 ? session.wrap(reshape(tape, x.variable, [1]), [x]) : x)),
      list[0] && list[0].shape.length > 1 ? 1 : 0,
    );
  });
  library.function('vstack', 'tensors', ([tensors], context) =>
    joined(
      tensorList(tensors, context).map((x) =>
        x.shape.length < 2 ? session.wrap(reshape(tape, x.variable, [1, x.count]), [x]) : x,
      ),
      0,
    ),
  );

  const part = (x: Tensor, dim: number, start: number, length: number, name: string): Tensor =>
    x.viewed(
      narrow(tape, x.variable, dim, start, length, name),
      (x.view?.offset ?? 0) + start * (x.strides[dim] as number),
      x.strides,
    );
  const parts = (x: Tensor, dim: number, sizes: readonly number[]): PyTuple => {
    let start = 0;
    return new PyTuple(
      sizes.map((size) => {
        start += size;
        return part(x, dim, start - size, size, 'SplitBackward0');
      }),
    );
  };
  /** Pieces of `size` and a rest. */
  const pieces = (total: number, size: number): number[] =>
    Array.from({ length: Math.max(1, Math.ceil(total / size)) }, (_, i) => Math.min(size, total - i * size));
  library.both(
    'split',
    'input, split_size_or_sections, dim: int=0',
    ([input, sections, dim], context) => {
      const x = toTensor(input);
      const at = toDim(dim, x.shape.length, context);
      const total = x.shape[at] ?? 1;
      if (!(sections instanceof PyList || sections instanceof PyTuple))
        return parts(x, at, pieces(total, toInt(sections, context)));
      const sizes = toInts(sections, context);
      if (sizes.reduce((sum, size) => sum + size, 0) !== total)
        throw new PythonError(
          'RuntimeError',
          `split_with_sizes expects split_sizes to sum exactly to ${total} (input tensor's size at dimension ${at}), but got split_sizes=${shapeText(sizes)}`,
        );
      return parts(x, at, sizes);
    },
    'Pieces of a size, or of several sizes.',
  );
  library.both(
    'chunk',
    'input, chunks: int, dim: int=0',
    ([input, chunks, dim], context) => {
      const x = toTensor(input);
      const at = toDim(dim, x.shape.length, context);
      const total = x.shape[at] ?? 1;
      return parts(x, at, pieces(total, Math.ceil(total / toInt(chunks, context))));
    },
    'So many pieces.',
  );
  library.both('narrow', 'input, dim, start, length', ([input, dim, start, length], context) => {
    const x = toTensor(input);
    return part(
      x,
      toDim(dim, x.shape.length, context),
      toInt(start, context),
      toInt(length, context),
      'SliceBackward0',
    );
  });
  library.both(
    'unbind',
    'input, dim: int=0',
    ([input, dim], context) => {
      const x = toTensor(input);
      const at = toDim(dim, x.shape.length, context);
      const shape = x.shape.filter((_, i) => i !== at);
      const strides = x.strides.filter((_, i) => i !== at);
      return new PyTuple(
        Array.from({ length: x.shape[at] ?? 0 }, (_, i) => {
          const variable = reshape(tape, narrow(tape, x.variable, at, i, 1), shape, 'UnbindBackward0');
          return x.viewed(variable, (x.view?.offset ?? 0) + i * (x.strides[at] as number), strides);
        }),
      );
    },
    'Slices along dim as a tuple.',
  );
  library.function(
    'meshgrid',
    "*tensors, indexing: str='ij'",
    ([tensors, indexing], context) => {
      const given =
        tensors instanceof PyTuple && tensors.items.length === 1 && !isTensor(tensors.items[0])
          ? tensors.items[0]
          : tensors;
      const list = tensorList(given, context);
      const order =
        indexing === 'xy' && list.length > 1 ? [1, 0, ...list.slice(2).map((_, i) => i + 2)] : list.map((_, i) => i);
      const shape = order.map((i) => (list[i] as Tensor).count);
      return new PyTuple(
        list.map((x, i) => {
          const own = shape.map((_, d) => (order[d] === i ? x.count : 1));
          return expanded(session.wrap(reshape(tape, x.variable, own), [x]), shape);
        }),
      );
    },
    'Coordinates of a grid.',
  );
  library.alias('cat', 'concat', 'concatenate');
}
