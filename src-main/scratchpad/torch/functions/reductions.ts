import type { EagerArray } from '../../../engine/native';
import { PythonError } from '../../language/errors';
import type { CallContext } from '../../language/host';
import type { Value } from '../../language/values';
import { toDims, toDType, toInt, toNumber, toTensor, wrapDim } from '../arguments';
import { recorded } from '../autograd/function-node';
import { readAt } from '../autograd/places';
import { Variable } from '../autograd/variable';
import type { Library } from '../library';
import { add, cast, sub } from '../math/pointwise';
import {
  deviation,
  largest,
  logSumExp,
  mean,
  norm,
  product,
  reducedShape,
  smallest,
  sum,
  variance,
  type Over,
} from '../math/reducing';
import { named } from '../named-tuple';
import { bool, float32, int64, type DType } from '../tensor/dtype';
import { around } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { isTensor } from '../tensor/tensor';

export function addReductions(library: Library): void {
  const { session } = library;
  const { tape } = session;
  const over = (x: Tensor, dim: Value | undefined, keepdim: Value | undefined, context: CallContext): Over => ({
    dims: toDims(dim, x.shape.length, context),
    keep: keepdim === true,
  });
  /** In the dtype that is asked for; whole numbers and bools as `fallback`. */
  const asked = (x: Tensor, dtype: Value | undefined, fallback: DType): Variable =>
    cast(tape, x.variable, toDType(dtype) ?? (x.dtype.kind === 'float' ? x.dtype : fallback));

  library.both(
    'sum',
    'input, dim=None, keepdim: bool=False, *, dtype=None',
    ([input, dim, keepdim, dtype], context) => {
      const x = toTensor(input);
      return session.wrap(sum(tape, asked(x, dtype, int64), over(x, dim, keepdim, context)), [x]);
    },
    'The sum of all elements, or along dim.',
  );
  library.both(
    'mean',
    'input, dim=None, keepdim: bool=False, *, dtype=None',
    ([input, dim, keepdim, dtype], context) => {
      const x = toTensor(input);
      const values = asked(x, dtype, x.dtype);
      if (values.dtype.kind !== 'float')
        throw new PythonError(
          'RuntimeError',
          `mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: ${x.dtype.scalarName}. Hint: x.float().mean()`,
        );
      return session.wrap(mean(tape, values, over(x, dim, keepdim, context)), [x]);
    },
    'The mean of all elements, or along dim.',
  );
  const spreadOf =
    (name: 'var' | 'std') =>
    ([input, dim, unbiased, keepdim, correction]: Value[], context: CallContext): Tensor => {
      const x = toTensor(input);
      if (x.dtype.kind !== 'float')
        throw new PythonError('RuntimeError', `${name} only supports floating point and complex dtypes`);
      // var(unbiased) without a dim is an old form that is still used.
      const [along, fair] = typeof dim === 'boolean' ? [null, dim] : [dim, unbiased];
      const less =
        correction === null || correction === undefined ? (fair === false ? 0 : 1) : toNumber(correction, context);
      const f = name === 'var' ? variance : deviation;
      return session.wrap(f(tape, x.variable, over(x, along, keepdim, context), less), [x]);
    };
  const spreadSignature = 'input, dim=None, unbiased=True, keepdim: bool=False, *, correction=None';
  library.both('var', spreadSignature, spreadOf('var'), 'The variance; divided by n - 1 unless unbiased=False.');
  library.both(
    'std',
    spreadSignature,
    spreadOf('std'),
    'The standard deviation; divided by n - 1 unless unbiased=False.',
  );
  library.both(
    'prod',
    'input, dim=None, keepdim: bool=False, *, dtype=None',
    ([input, dim, keepdim, dtype], context) => {
      const x = toTensor(input);
      const along = dim === null || dim === undefined ? null : [wrapDim(toInt(dim, context), x.shape.length)];
      return session.wrap(
        product(
          tape,
          asked(x, dtype, int64),
          { dims: along, keep: keepdim === true },
          along ? 'ProdBackward1' : 'ProdBackward0',
        ),
        [x],
      );
    },
    'The product of all elements, or along dim.',
  );
  library.both(
    'norm',
    'input, p=2, dim=None, keepdim: bool=False',
    ([input, p, dim, keepdim], context) => {
      const x = toTensor(input);
      if (x.dtype.kind !== 'float')
        throw new PythonError(
          'RuntimeError',
          `linalg.vector_norm: Expected a floating point or complex tensor as input. Got ${x.dtype.scalarName}`,
        );
      const order = p === 'fro' || p === null ? 2 : p === 'inf' ? Infinity : toNumber(p, context);
      return session.wrap(norm(tape, x.variable, order, over(x, dim, keepdim, context)), [x]);
    },
    'The root of the sum of squares.',
  );
  library.both('logsumexp', 'input, dim, keepdim: bool=False', ([input, dim, keepdim], context) => {
    const x = toTensor(input);
    return session.wrap(logSumExp(tape, asked(x, null, float32), over(x, dim, keepdim, context)), [x]);
  });
  library.both('count_nonzero', 'input, dim=None', ([input, dim], context) => {
    const x = toTensor(input);
    const ones = x.array.map((value) => Number(value !== 0));
    return session.wrap(
      sum(tape, cast(tape, Variable.of(ones, x.shape, x.dtype), int64), over(x, dim, false, context)),
      [x],
    );
  });
  const logical = (name: 'any' | 'all'): void => {
    library.both(name, 'input, dim=None, keepdim: bool=False', ([input, dim, keepdim], context) => {
      const x = toTensor(input);
      const hits = Variable.of(
        Float64Array.from(x.array, (value) => Number((value !== 0) === (name === 'any'))),
        x.shape,
        int64,
      );
      const counts = sum(tape, hits, over(x, dim, keepdim, context));
      const values = counts.array.map((count) => Number(count > 0 === (name === 'any')));
      return session.wrap(Variable.of(values, counts.shape, bool), [x]);
    });
  };
  logical('any');
  logical('all');

  /** Where along a dimension the best element is: the first of equal ones. */
  const best = (x: Variable, dim: number, better: (a: number, b: number) => boolean): Int32Array => {
    const { outer, size, inner } = around(x.shape, dim);
    if (size === 0) throw new PythonError('IndexError', `Expected reduction dim ${dim} to have non-zero size.`);
    const places = new Int32Array(outer * inner);
    for (let o = 0, i = 0; o < outer; o++)
      for (let n = 0; n < inner; n++, i++) {
        let at = o * size * inner + n;
        for (let k = 1; k < size; k++) {
          const next = (o * size + k) * inner + n;
          const value = x.array[next] as number;
          const leader = x.array[at] as number;
          if (better(value, leader) || (Number.isNaN(value) && !Number.isNaN(leader))) at = next;
        }
        places[i] = at;
      }
    return places;
  };
  const indicesOf = (places: Int32Array, x: Variable, dim: number): Float64Array => {
    const { size, inner } = around(x.shape, dim);
    return Float64Array.from(places, (at) => Math.floor(at / inner) % size);
  };
  const extreme = (name: 'max' | 'min'): void => {
    const better = name === 'max' ? (a: number, b: number): boolean => a > b : (a: number, b: number): boolean => a < b;
    const title = name === 'max' ? 'Max' : 'Min';
    const alongDim = (
      x: Tensor,
      given: Value | undefined,
      keepdim: boolean,
      context: CallContext,
    ): [Tensor, Tensor] => {
      const dim = wrapDim(toInt(given, context), x.shape.length);
      const shape = reducedShape(x.shape, { dims: [dim], keep: keepdim });
      const places = best(x.variable, dim, better);
      const values = readAt(tape, x.variable, places, shape, `${title}Backward0`);
      return [
        session.wrap(values, [x]),
        session.wrap(Variable.of(indicesOf(places, x.variable, dim), shape, int64), [x]),
      ];
    };
    const all = (x: Tensor, title1 = `${title}Backward1`): Tensor => {
      if (x.count === 0)
        throw new PythonError(
          'RuntimeError',
          `${name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.`,
        );
      return session.wrap(
        (name === 'max' ? largest : smallest)(tape, x.variable, { dims: null, keep: false }, title1),
        [x],
      );
    };
    library.both(
      name,
      'input, dim=None, keepdim: bool=False',
      ([input, dim, keepdim], context) => {
        const x = toTensor(input);
        if (dim === null || dim === undefined) return all(x);
        if (isTensor(dim)) return context.call(library.functions.get(`${name}imum`) ?? null, [x, dim]);
        return named(`torch.return_types.${name}`, ['values', 'indices'], alongDim(x, dim, keepdim === true, context));
      },
      `The ${name === 'max' ? 'largest' : 'smallest'} element; along dim: values and indices.`,
    );
    library.both(`a${name}`, 'input, dim=None, keepdim: bool=False', ([input, dim, keepdim], context) => {
      const x = toTensor(input);
      const f = name === 'max' ? largest : smallest;
      return session.wrap(f(tape, x.variable, over(x, dim, keepdim, context), `A${name}Backward0`), [x]);
    });
    library.both(
      `arg${name}`,
      'input, dim=None, keepdim: bool=False',
      ([input, dim, keepdim], context) => {
        const x = toTensor(input);
        if (dim !== null && dim !== undefined) return alongDim(x, dim, keepdim === true, context)[1];
        if (x.count === 0)
          throw new PythonError(
            'IndexError',
            `arg${name}(): Expected reduction dim to be specified for input.numel() == 0.`,
          );
        const flat = Variable.of(x.array, [x.count], x.dtype);
        return session.wrap(Variable.of(Float64Array.from(best(flat, 0, better)), [], int64), [x]);
      },
      `Where the ${name === 'max' ? 'largest' : 'smallest'} element is.`,
    );
  };
  extreme('max');
  extreme('min');

  const running = (name: 'cumsum' | 'cumprod'): void =>
    library.both(
      name,
      'input, dim, *, dtype=None',
      ([input, dim, dtype], context) => {
        const x = toTensor(input);
        return session.wrap(
          cumulated(library, name, asked(x, dtype, int64), wrapDim(toInt(dim, context), x.shape.length)),
          [x],
        );
      },
      `The ${name === 'cumsum' ? 'sum' : 'product'} of all elements up to each one along dim.`,
    );
  running('cumsum');
  running('cumprod');
}

function cumulated(library: Library, name: 'cumsum' | 'cumprod', x: Variable, dim: number): Variable {
  const { tape } = library.session;
  const { outer, size, inner } = around(x.shape, dim);
  const array = tape.allocate(x.count, x.dtype);
  /** f(place, place before along the dimension or -1), from the first to the last or back. */
  const walk = (backwards: boolean, f: (at: number, before: number) => void): void => {
    for (let o = 0; o < outer; o++)
      for (let n = 0; n < inner; n++)
        for (let k = 0; k < size; k++) {
          const at = (o * size + (backwards ? size - 1 - k : k)) * inner + n;
          f(at, k === 0 ? -1 : at + (backwards ? inner : -inner));
        }
  };
  // In double, as PyTorch adds up.
  let total = 0;
  walk(false, (at, before) => {
    const value = x.array[at] as number;
    total = before < 0 ? value : name === 'cumsum' ? total + value : total * value;
    array[at] = total;
  });
  const title = name === 'cumsum' ? 'CumsumBackward0' : 'CumprodBackward0';
  const back = (gradient: EagerArray): EagerArray[] => {
    const result = tape.allocate(array.length, x.dtype);
    let sumBehind = 0;
    walk(true, (at, before) => {
      const own = (gradient[at] as number) * (name === 'cumsum' ? 1 : (array[at] as number));
      sumBehind = before < 0 ? own : sumBehind + own;
      result[at] = name === 'cumsum' ? sumBehind : sumBehind / (x.array[at] as number);
    });
    return [result];
  };
  /** What comes behind: all but what came before. */
  const behind = (gradient: Variable): Variable[] => {
    const total = sum(tape, gradient, { dims: [dim], keep: true });
    return [add(tape, sub(tape, total, cumulated(library, 'cumsum', gradient, dim)), gradient)];
  };
  const made = { array, shape: x.shape, dtype: x.dtype };
  return recorded(tape, title, [x], made, back, name === 'cumsum' ? behind : null);
}
