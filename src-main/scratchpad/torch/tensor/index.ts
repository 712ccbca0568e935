import { indexError, PythonError, typeError, valueError } from '../../language/errors';
import type { CallContext } from '../../language/host';
import { sliceRange } from '../../language/slices';
import { PyEllipsis, PyList, PyRange, PySlice, PyTuple, type Value } from '../../language/values';
import { bool } from './dtype';
import {
  broadcastShape,
  broadcastStrides,
  elementCount,
  forEachOffset,
  shapeText,
  stridesOf,
  type Shape,
} from './shape';
import { Tensor } from './tensor';

/** What x[index] takes of memory: by strides alone, or at places. */
export interface Selection {
  shape: number[];
  /** As grad_fn shows it. */
  name: string;
  /** Null where index tensors or masks decide: then `places` says it. */
  strided: { offset: number; strides: number[]; cuts: Cut[] } | null;
  places(): Int32Array;
}

/** What is taken of one dimension, where that is not all of it. */
export interface Cut {
  dim: number;
  start: number;
  step: number;
  count: number;
}

interface Axis {
  size: number;
  stride: number;
}

/** Positions along one dimension, for every element of `shape`. */
interface Positions {
  shape: Shape;
  values: ArrayLike<number>;
  stride: number;
  size: number;
  dim: number;
}

type Item = bigint | null | PyEllipsis | PySlice | { shape: Shape; values: ArrayLike<number>; mask: boolean };

/** The index in memory that lies as `offset` and `strides` say. `toTensor` reads nested lists. */
export function select(
  shape: Shape,
  memory: { offset: number; strides: readonly number[] },
  index: Value,
  toTensor: (list: PyList | PyTuple, context: CallContext) => Tensor,
  context: CallContext,
): Selection {
  const given = index instanceof PyTuple ? index.items : [index];
  const items = given.map((item) => toItem(item, toTensor, context));
  const taken = items.reduce((sum: number, item) => sum + dimensionsOf(item), 0);
  if (taken > shape.length) throw indexError(`too many indices for tensor of dimension ${shape.length}`);
  if (!items.includes(PyEllipsis.value)) items.push(PyEllipsis.value);

  const axes: Axis[] = [];
  const positions: Positions[] = [];
  const cuts: Cut[] = [];
  /** Before which axis the results of index tensors stand, and whether axes lie between them. */
  let front = 0;
  let apart = false;
  let { offset } = memory;
  let name = 'AliasBackward0';
  let dim = 0;
  for (const item of items) {
    const size = shape[dim] ?? 0;
    const stride = memory.strides[dim] ?? 0;
    if (item === null) {
      axes.push({ size: 1, stride: 0 });
      name = 'UnsqueezeBackward0';
    } else if (item instanceof PyEllipsis) {
      for (let left = shape.length - taken; left > 0; left--, dim++)
        axes.push({ size: shape[dim] as number, stride: memory.strides[dim] as number });
    } else if (typeof item === 'bigint') {
      const place = placeOf(Number(item), size, dim);
      offset += place * stride;
      if (size > 1) cuts.push({ dim, start: place, step: 1, count: 1 });
      name = 'SelectBackward0';
      dim += 1;
    } else if (item instanceof PySlice) {
      const { start, step, count } = sliceRange(item, size, context);
      if (step < 0) throw valueError('step must be greater than zero. Hint: x.flip(0) turns a dimension round');
      if (count !== size || step !== 1) {
        name = 'SliceBackward0';
        cuts.push({ dim, start, step, count });
      }
      offset += (count > 0 ? start : 0) * stride;
      axes.push({ size: count, stride: stride * step });
      dim += 1;
    } else {
      if (positions.length === 0) front = axes.length;
      else if (front !== axes.length) apart = true;
      for (const found of item.mask ? hits(item, shape, dim) : [item.values])
        positions.push({
          shape: item.mask ? [found.length] : item.shape,
          values: found,
          stride: memory.strides[dim] as number,
          size: shape[dim] as number,
          dim: dim++,
        });
    }
  }
  if (positions.length > 0) return atPositions(axes, positions, apart ? 0 : front, offset);
  const strides = axes.map(({ stride }) => stride);
  const result = axes.map(({ size }) => size);
  return { shape: result, name, strided: { offset, strides, cuts }, places: () => walk(result, strides, offset) };
}

function walk(shape: Shape, strides: readonly number[], offset: number): Int32Array {
  const places = new Int32Array(elementCount(shape));
  forEachOffset(shape, strides, offset, (at, i) => (places[i] = at));
  return places;
}

function toItem(
  item: Value,
  toTensor: (list: PyList | PyTuple, context: CallContext) => Tensor,
  context: CallContext,
): Item {
  if (item === null || item instanceof PyEllipsis || item instanceof PySlice || typeof item === 'bigint') return item;
  let tensor = item;
  if (item instanceof PyList || item instanceof PyTuple) tensor = toTensor(item, context);
  if (item instanceof PyRange) tensor = toTensor(new PyList([...context.iterate(item)]), context);
  if (!(tensor instanceof Tensor))
    throw typeError('only integers, slices (`:`), ellipsis (`...`), None and long or byte tensors are valid indices');
  const { shape, dtype, array } = tensor;
  if (dtype.kind === 'float' && array.length > 0)
    throw indexError('tensors used as indices must be long, int, byte or bool tensors');
  if (shape.length === 0 && dtype !== bool) return BigInt(array[0] as number);
  return { shape, values: array, mask: dtype === bool };
}

/** Dimensions of the tensor that an item uses up. */
function dimensionsOf(item: Item): number {
  if (item === null || item instanceof PyEllipsis) return 0;
  return typeof item === 'bigint' || item instanceof PySlice || !item.mask ? 1 : item.shape.length;
}

function placeOf(index: number, size: number, dim: number): number {
  if (index < -size || index >= size)
    throw indexError(`index ${index} is out of bounds for dimension ${dim} with size ${size}`);
  return index < 0 ? index + size : index;
}

/** Where a mask is true: a list of positions for each of its dimensions. */
function hits(mask: { shape: Shape; values: ArrayLike<number> }, shape: Shape, dim: number): number[][] {
  mask.shape.forEach((size, i) => {
    if (size !== shape[dim + i])
      throw indexError(
        `The shape of the mask ${shapeText(mask.shape)} at index ${i} does not match the shape of the indexed tensor ${shapeText(shape)} at index ${dim + i}`,
      );
  });
  const strides = stridesOf(mask.shape);
  const lists = mask.shape.map((): number[] => []);
  for (let at = 0; at < mask.values.length; at++)
    if (mask.values[at])
      lists.forEach((list, i) => list.push(Math.floor(at / (strides[i] as number)) % (mask.shape[i] as number)));
  return lists;
}

function atPositions(axes: readonly Axis[], positions: readonly Positions[], front: number, offset: number): Selection {
  let common: number[] | null = [];
  for (const { shape } of positions) common = common && broadcastShape(common, shape);
  if (!common)
    throw new PythonError(
      'IndexError',
      `shape mismatch: indexing tensors could not be broadcast together with shapes ${positions.map(({ shape }) => shapeText(shape)).join(', ')}`,
    );
  const looked = common;
  const lead = axes.slice(0, front);
  const rest = axes.slice(front);
  const shape = [...lead.map(({ size }) => size), ...looked, ...rest.map(({ size }) => size)];
  const places = (): Int32Array => {
    const offsets = new Int32Array(elementCount(looked));
    for (const { shape: own, values, stride, size, dim } of positions)
      forEachOffset(looked, broadcastStrides(own, stridesOf(own), looked), 0, (at, i) => {
        offsets[i] = (offsets[i] as number) + placeOf(values[at] as number, size, dim) * stride;
      });
    const result = new Int32Array(elementCount(shape));
    let next = 0;
    const inner = rest.map(({ size }) => size);
    const innerStrides = rest.map(({ stride }) => stride);
    forEachOffset(
      lead.map(({ size }) => size),
      lead.map(({ stride }) => stride),
      offset,
      (start) => {
        for (const place of offsets) forEachOffset(inner, innerStrides, start + place, (at) => (result[next++] = at));
      },
    );
    return result;
  };
  return { shape, name: 'IndexBackward0', strided: null, places };
}
