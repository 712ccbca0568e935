import { PythonError } from '../../language/errors';
import { PyTuple, type Value } from '../../language/values';
import { toDim, toInt, toNumber, toTensor, numberOrNull } from '../arguments';
import { readAt } from '../autograd/places';
import { Variable } from '../autograd/variable';
import type { Library } from '../library';
import { named } from '../named-tuple';
import { float32, int64 } from '../tensor/dtype';
import { around } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';

/** Values in order, equal ones in the order they had; what is not a number counts as the largest. */
const compare = (a: number, b: number): number =>
  Number.isNaN(a) ? (Number.isNaN(b) ? 0 : 1) : Number.isNaN(b) ? -1 : a - b;

/** Places along `dim` in sorted order, the first `count` of each row. */
function sortedPlaces(x: Tensor, dim: number, descending: boolean, count: number): Int32Array {
  const { outer, size, inner } = around(x.shape, dim);
  const { array } = x;
  x.session.tape.context?.charge(array.length);
  const result = new Int32Array(outer * count * inner);
  for (let o = 0; o < outer; o++)
    for (let n = 0; n < inner; n++) {
      const row = Array.from({ length: size }, (_, k) => (o * size + k) * inner + n);
      row.sort((a, b) =>
        descending ? compare(array[b] as number, array[a] as number) : compare(array[a] as number, array[b] as number),
      );
      for (let k = 0; k < count; k++) result[(o * count + k) * inner + n] = row[k] as number;
    }
  return result;
}

export function addSorting(library: Library): void {
  const { session } = library;
  const { tape } = session;
  const picked = (x: Tensor, dim: number, descending: boolean, count: number, name: string): [Tensor, Tensor] => {
    const shape = x.shape.map((size, i) => (i === dim ? count : size));
    const { size, inner } = around(x.shape, dim);
    const places = sortedPlaces(x, dim, descending, count);
    const indices = Float64Array.from(places, (at) => Math.floor(at / inner) % size);
    return [
      session.wrap(readAt(tape, x.variable, places, shape, name), [x]),
      session.wrap(Variable.of(indices, shape, int64), [x]),
    ];
  };
  const both = ['values', 'indices'];
  library.both(
    'sort',
    'input, dim: int=-1, descending: bool=False, stable: bool=False',
    ([input, dim, descending], context) => {
      const x = toTensor(input);
      const at = toDim(dim, x.shape.length, context);
      return named(
        'torch.return_types.sort',
        both,
        picked(x, at, descending === true, x.shape[at] ?? 1, 'SortBackward0'),
      );
    },
    'Values in order, and where they were.',
  );
  library.both(
    'argsort',
    'input, dim: int=-1, descending: bool=False, stable: bool=False',
    ([input, dim, descending], context) => {
      const x = toTensor(input);
      const at = toDim(dim, x.shape.length, context);
      return picked(x, at, descending === true, x.shape[at] ?? 1, '')[1];
    },
  );
  library.both(
    'topk',
    'input, k: int, dim: int=-1, largest: bool=True, sorted: bool=True',
    ([input, k, dim, largest], context) => {
      const x = toTensor(input);
      const at = toDim(dim, x.shape.length, context);
      const count = toInt(k, context);
      if (count > (x.shape[at] ?? 1)) throw new PythonError('RuntimeError', 'selected index k out of range');
      return named('torch.return_types.topk', both, picked(x, at, largest === true, count, 'TopkBackward0'));
    },
    'The k largest values, and where they were.',
  );
  library.both('kthvalue', 'input, k: int, dim: int=-1', ([input, k, dim], context) => {
    const x = toTensor(input);
    const at = toDim(dim, x.shape.length, context);
    return named('torch.return_types.kthvalue', both, lastOf(x, at, toInt(k, context)));
  });
  /** The `count`-th in ascending order along dim, without this dimension. */
  const lastOf = (x: Tensor, dim: number, count: number): [Tensor, Tensor] => {
    const { outer, size, inner } = around(x.shape, dim);
    const places = sortedPlaces(x, dim, false, count);
    const kept = Int32Array.from(
      { length: outer * inner },
      (_, i) => places[(Math.floor(i / inner) * count + count - 1) * inner + (i % inner)] as number,
    );
    const shape = x.shape.filter((_, i) => i !== dim);
    const indices = Float64Array.from(kept, (at) => Math.floor(at / inner) % size);
    return [
      session.wrap(readAt(tape, x.variable, kept, shape, 'KthvalueBackward0'), [x]),
      session.wrap(Variable.of(indices, shape, int64), [x]),
    ];
  };
  library.both('median', 'input, dim=None', ([input, dim], context) => {
    const x = toTensor(input);
    if (dim !== null && dim !== undefined) {
      const at = toDim(dim, x.shape.length, context);
      return named('torch.return_types.median', both, lastOf(x, at, Math.floor(((x.shape[at] ?? 1) + 1) / 2)));
    }
    const flat = session.wrap(Variable.of(x.array, [x.count], x.dtype));
    const place = sortedPlaces(flat, 0, false, Math.floor((x.count + 1) / 2)).at(-1) ?? 0;
    return session.wrap(readAt(tape, x.variable, Int32Array.of(place), [], 'MedianBackward0'), [x]);
  });
  library.both('quantile', 'input, q', ([input, q], context) => {
    const x = toTensor(input);
    const sorted = [...x.array].sort(compare);
    const at = toNumber(q, context) * (sorted.length - 1);
    const low = sorted[Math.floor(at)] ?? NaN;
    const high = sorted[Math.ceil(at)] ?? NaN;
    return session.wrap(session.number(low + (high - low) * (at - Math.floor(at))), [x]);
  });
  library.both(
    'unique',
    'input, sorted: bool=True, return_inverse: bool=False, return_counts: bool=False',
    ([input, , inverse, counts]) => {
      const x = toTensor(input);
      const values = [...new Set(x.array)].sort(compare);
      const whole = (items: number[], shape: readonly number[]): Tensor =>
        session.wrap(Variable.of(Float64Array.from(items), shape, int64), [x]);
      const array = x.dtype.array(values.length);
      array.set(values);
      const results: Value[] = [session.wrap(Variable.of(array, [values.length], x.dtype), [x])];
      const places = new Map(values.map((value, i) => [value, i]));
      const of = [...x.array].map((value) => places.get(value) ?? 0);
      if (inverse === true) results.push(whole(of, x.shape));
      if (counts === true) {
        const seen = values.map(() => 0);
        for (const place of of) seen[place] = (seen[place] ?? 0) + 1;
        results.push(whole(seen, [values.length]));
      }
      return results.length === 1 ? (results[0] as Value) : new PyTuple(results);
    },
    'Different values in order.',
  );
  library.both('bincount', 'input, weights=None, minlength: int=0', ([input, , least], context) => {
    const x = toTensor(input);
    const counts = new Array<number>(
      Math.max(
        toInt(least, context),
        [...x.array].reduce((most, value) => Math.max(most, value + 1), 0),
      ),
    ).fill(0);
    for (const value of x.array) {
      if (value < 0) throw new PythonError('RuntimeError', 'bincount only supports 1-d non-negative integral inputs.');
      counts[value] = (counts[value] ?? 0) + 1;
    }
    return session.wrap(Variable.of(Float64Array.from(counts), [counts.length], int64), [x]);
  });
  library.both('histc', 'input, bins: int=100, min=0, max=0', ([input, bins, min, max], context) => {
    const x = toTensor(input);
    const count = toInt(bins, context);
    let [low, high] = [numberOrNull(min, context) ?? 0, numberOrNull(max, context) ?? 0];
    if (low === high) [low, high] = [Math.min(...x.array), Math.max(...x.array)];
    const result = new Float32Array(count);
    for (const value of x.array) {
      if (value < low || value > high) continue;
      const bin = Math.min(count - 1, Math.floor(((value - low) / (high - low)) * count));
      result[bin] = (result[bin] ?? 0) + 1;
    }
    return session.wrap(Variable.of(result, [count], float32), [x]);
  });
}
