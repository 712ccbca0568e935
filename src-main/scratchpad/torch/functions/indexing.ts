import { PythonError } from '../../language/errors';
import type { CallContext } from '../../language/host';
import { PyTuple, type Value } from '../../language/values';
import { isNumber, numberVariable, toDim, toInt, toTensor } from '../arguments';
import { readAt } from '../autograd/places';
import { integers, type Tape } from '../autograd/tape';
import { Variable } from '../autograd/variable';
import type { Library } from '../library';
import { cast, spreadArray, spread } from '../math/pointwise';
import { broadcast, reshape } from '../math/shaping';
import { bool, int64 } from '../tensor/dtype';
import { select, type Cut, type Selection } from '../tensor/index';
import { broadcastShape, elementCount, sameShape, shapeText, stridesOf, type Shape } from '../tensor/shape';
import { isTensor, type Tensor } from '../tensor/tensor';
import { tensorFrom } from './creation';

const listOf =
  (x: Tensor) =>
  (list: Value, context: CallContext): Tensor =>
    tensorFrom(x.session, list, null, context);

/** x[index] */
export function itemOf(x: Tensor, index: Value, context: CallContext): Tensor {
  const { tape } = x.session;
  if (x.shape.length === 0 && typeof index === 'bigint')
    throw new PythonError(
      'IndexError',
      'invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim tensor to a number',
    );
  const own = select(x.shape, { offset: 0, strides: stridesOf(x.shape) }, index, listOf(x), context);
  const variable =
    tape.listener && own.strided && elementCount(own.shape) > 0
      ? cutOut(tape, x.variable, own.strided.cuts, own.shape)
      : readAt(tape, x.variable, own.places(), own.shape, own.name);
  if (!own.strided) return x.session.wrap(variable, [x]);
  const { strided } = x.view ? inBase(x, index, context) : own;
  return x.viewed(variable, strided?.offset ?? 0, strided?.strides ?? []);
}

/** The same by the engine's operators. */
function cutOut(tape: Tape, x: Variable, cuts: readonly Cut[], shape: Shape): Variable {
  const ends = cuts.map(({ start, step, count }) => start + (count - 1) * step + 1);
  const list = (of: (cut: Cut) => number) => integers(cuts.map(of));
  const bounds = [list(({ start }) => start), integers(ends), list(({ dim }) => dim), list(({ step }) => step)];
  return reshape(tape, cuts.length === 0 ? x : tape.apply('Slice', [x, ...bounds]), shape);
}

const inBase = (x: Tensor, index: Value, context: CallContext): Selection =>
  select(x.shape, { offset: x.view?.offset ?? 0, strides: x.strides }, index, listOf(x), context);

/** x[index] = value */
export function setItemOf(x: Tensor, index: Value, value: Value, context: CallContext): void {
  const { session } = x;
  x.refuseLeaf();
  const selection = inBase(x, index, context);
  const given = isNumber(value)
    ? numberVariable(value, x.dtype)
    : cast(session.tape, toTensor(value, 'value').variable, x.dtype);
  if (isTensor(value)) session.wrap(value.variable, [x, value]);
  const spare = Math.max(0, given.shape.length - selection.shape.length);
  const trimmed = given.shape.slice(0, spare).every((size) => size === 1) ? given.shape.slice(spare) : given.shape;
  const result = broadcastShape(trimmed, selection.shape);
  if (!result || !sameShape(result, selection.shape))
    throw new PythonError('RuntimeError', doesNotFit(trimmed, selection));
  const shaped = trimmed === given.shape ? given : reshape(session.tape, given, trimmed);
  x.writeAt(selection.places(), broadcast(session.tape, shaped, selection.shape));
}

function doesNotFit(given: readonly number[], { shape, strided }: Selection): string {
  if (!strided)
    return `shape mismatch: value tensor of shape ${shapeText(given)} cannot be broadcast to indexing result of shape ${shapeText(shape)}`;
  const lead = shape.length - given.length;
  const dim = shape.findIndex((size, i) => i >= lead && given[i - lead] !== size && given[i - lead] !== 1);
  return `The expanded size of the tensor (${shape[dim] ?? 1}) must match the existing size (${given[dim - lead] ?? given[0]}) at non-singleton dimension ${Math.max(dim, 0)}.  Target sizes: ${shapeText(shape)}.  Tensor sizes: ${shapeText(given)}`;
}

export function addIndexing(library: Library): void {
  const { session } = library;
  const { tape } = session;
  /** Places of x that differ from those of `index` along `dim` only, where the values of index say it. */
  const placesAlong = (x: Tensor, dim: number, index: Tensor): Int32Array => {
    const own = stridesOf(x.shape);
    const strides = stridesOf(index.shape);
    const size = x.shape[dim] as number;
    return Int32Array.from(index.array, (value, i) => {
      if (value < 0 || value >= size)
        throw new PythonError('RuntimeError', `index ${value} is out of bounds for dimension ${dim} with size ${size}`);
      let place = value * (own[dim] as number);
      let left = i;
      strides.forEach((stride, d) => {
        const at = Math.floor(left / stride);
        left -= at * stride;
        if (d !== dim) place += at * (own[d] as number);
      });
      return place;
    });
  };
  library.both(
    'gather',
    'input, dim, index',
    ([input, dim, index], context) => {
      const [x, at] = [toTensor(input), toTensor(index, 'index', 3)];
      if (at.dtype !== int64) throw new PythonError('RuntimeError', 'gather(): Expected dtype int32/int64 for index');
      const places = placesAlong(x, toDim(dim, x.shape.length, context), at);
      return session.wrap(readAt(tape, x.variable, places, at.shape, 'GatherBackward0'), [x, at]);
    },
    'Elements along dim at the places that index has.',
  );
  library.withInPlace(
    'scatter',
    'input, dim, index, src',
    ([input, dim, index, src], context) => {
      const [x, at] = [toTensor(input), toTensor(index, 'index', 3)];
      const result = session.wrap(x.variable.alias(x.shape, x.edge), [x]);
      const places = placesAlong(x, toDim(dim, x.shape.length, context), at);
      const values = isNumber(src)
        ? broadcast(tape, numberVariable(src, x.dtype), at.shape)
        : toTensor(src, 'src', 4).variable;
      result.writeAt(places, values);
      return result;
    },
    'Values of src put along dim at the places that index has.',
  );
  library.withInPlace('scatter_add', 'input, dim, index, src', ([input, dim, index, src], context) => {
    const [x, at, from] = [toTensor(input), toTensor(index, 'index', 3), toTensor(src, 'src', 4)];
    const array = x.array.slice();
    const places = placesAlong(x, toDim(dim, x.shape.length, context), at);
    places.forEach((place, i) => (array[place] = (array[place] as number) + (from.array[i] as number)));
    return session.wrap(Variable.of(array, x.shape, x.dtype), [x]);
  });
  library.both(
    'index_select',
    'input, dim, index',
    ([input, dim, index], context) => {
      const [x, at] = [toTensor(input), toTensor(index, 'index', 3)];
      const all = x.shape.map(() => session.fullSlice);
      all[toDim(dim, x.shape.length, context)] = at as never;
      const result = itemOf(x, new PyTuple(all), context);
      if (result.edge) result.edge.node.name = 'IndexSelectBackward0';
      return result;
    },
    'The entries along dim that index names.',
  );
  library.both('select', 'input, dim, index', ([input, dim, index], context) => {
    const x = toTensor(input);
    const all: Value[] = x.shape.map(() => session.fullSlice);
    all[toDim(dim, x.shape.length, context)] = BigInt(toInt(index, context));
    return itemOf(x, new PyTuple(all), context);
  });
  library.both('masked_select', 'input, mask', ([input, mask]) => {
    const [x, where] = [toTensor(input), toTensor(mask, 'mask', 2)];
    const shape = spread(x.shape, where.shape);
    const wide = broadcast(tape, x.variable, shape);
    const places = Int32Array.from([...spreadArray(where.variable, shape)].flatMap((value, i) => (value ? [i] : [])));
    return session.wrap(readAt(tape, wide, places, [places.length], 'MaskedSelectBackward0'), [x, where]);
  });
  library.both('take', 'input, index', ([input, index]) => {
    const [x, at] = [toTensor(input), toTensor(index, 'index', 2)];
    const places = Int32Array.from(at.array, (value) => (value < 0 ? value + x.count : value));
    if (places.some((place) => place < 0 || place >= x.count))
      throw new PythonError('IndexError', 'out of range: tried to access index outside of the tensor');
    return session.wrap(readAt(tape, x.variable, places, at.shape, 'TakeBackward0'), [x, at]);
  });
  const nonzero = (x: Tensor): { places: number[]; columns: number[][] } => {
    const strides = stridesOf(x.shape);
    const places = [...x.array].flatMap((value, i) => (value !== 0 ? [i] : []));
    return {
      places,
      columns: x.shape.map((size, d) => places.map((at) => Math.floor(at / (strides[d] as number)) % size)),
    };
  };
  library.both(
    'nonzero',
    'input, *, as_tuple: bool=False',
    ([input, asTuple]) => {
      const x = toTensor(input);
      const { places, columns } = nonzero(x);
      if (asTuple === true)
        return new PyTuple(
          columns.map((column) => session.wrap(Variable.of(Float64Array.from(column), [column.length], int64), [x])),
        );
      const rows = Float64Array.from(
        { length: places.length * columns.length },
        (_, i) => columns[i % columns.length]?.[Math.floor(i / columns.length)] ?? 0,
      );
      return session.wrap(Variable.of(rows, [places.length, columns.length], int64), [x]);
    },
    'Indices of elements that are not 0.',
  );
  library.both('argwhere', 'input', ([input], context) =>
    context.call(library.functions.get('nonzero') ?? null, [input ?? null]),
  );
  library.both('isin', 'elements, test_elements', ([elements, tests]) => {
    const [x, among] = [toTensor(elements), toTensor(tests, 'test_elements', 2)];
    const known = new Set(among.array);
    return session.wrap(
      Variable.of(
        Float64Array.from(x.array, (value) => Number(known.has(value))),
        x.shape,
        bool,
      ),
      [x],
    );
  });
}
