import type { HostFunction } from '../../language/host';
import { HostModule, type CallContext } from '../../language/host';
import { PyList, PyTuple, type Value } from '../../language/values';
import { isNumber, toDType, toInt, toInts, toNumber } from '../arguments';
import { cloned } from '../functions/autograd';
import { itemOfScalar, toList } from '../functions/conversion';
import { tensorFrom } from '../functions/creation';
import { permuted, reshaped } from '../functions/shaping';
import { tensorList } from '../functions/joining';
import type { Body, Library } from '../library';
import { cast } from '../math/pointwise';
import { matmul } from '../math/products';
import { deviation, variance } from '../math/reducing';
import { cpu } from '../tensor/device';
import { dtypeNames, float64, int64 } from '../tensor/dtype';
import { isTensor, Tensor } from '../tensor/tensor';
import { randomModule } from './random';
import { ArrayType } from './types';

/** Functions whose torch counterpart does the same with `dim` for `axis`. */
const reductions = ['sum', 'mean', 'prod', 'any', 'all'];
const pointwise = [
  'sqrt',
  'exp',
  'log',
  'log2',
  'log10',
  'log1p',
  'expm1',
  'sin',
  'cos',
  'tan',
  'tanh',
  'sinh',
  'cosh',
  'abs',
  'sign',
  'floor',
  'ceil',
  'square',
  'isnan',
  'isfinite',
];

/** numpy, and numpy.random: what tutorials need of it. Arrays are tensors of NumPy's types and manners (tensor/tensor.ts, `type`). */
export function numpyModules(library: Library): HostModule[] {
  const { session } = library;
  const { tape } = session;
  const wrapArray = (x: Tensor): Tensor =>
    x.type === session.arrayClass
      ? x
      : new Tensor(session, x.variable.alias(x.shape, null), null, cpu, session.arrayClass);
  /** Lists and numbers as arrays of doubles or int64. */
  const toArray = (value: Value | undefined, context: CallContext): Tensor => {
    if (isTensor(value)) return wrapArray(value);
    const made = tensorFrom(session, value ?? null, null, context);
    const { variable } = made;
    return wrapArray(
      session.wrap(made.dtype.kind === 'float' ? cast(tape, exact(value ?? null, made, context), float64) : variable),
    );
  };
  /** Python's floats are doubles: not by way of float32. */
  const exact = (value: Value, made: Tensor, context: CallContext): Tensor['variable'] =>
    tensorFrom(session, value, made.dtype.kind === 'float' ? float64 : made.dtype, context).variable;
  /** NumPy gives numbers where PyTorch gives tensors without dimensions. */
  const plain = (x: Value): Value => (isTensor(x) ? (x.shape.length === 0 ? itemOfScalar(x) : wrapArray(x)) : x);
  const torch = (name: string, args: Value[], context: CallContext): Value =>
    context.call(library.functions.get(name) ?? null, args);
  const floats = (x: Tensor): Tensor =>
    x.dtype.kind === 'float' ? x : wrapArray(session.wrap(cast(tape, x.variable, float64)));

  const functions = new Map<string, HostFunction>();
  const methods = session.arrayClass.attributes;
  const define = (name: string, signature: string, body: Body): void =>
    void functions.set(name, library.make(name, signature, body));
  const both = (name: string, signature: string, body: Body): void => {
    define(name, signature, body);
    methods.set(name, functions.get(name) as HostFunction);
  };

  define('array', 'object, dtype=None', ([object = null, dtype], context) => {
    const made = cloned(toArray(object, context));
    const type = toDType(dtype);
    return type ? wrapArray(session.wrap(cast(tape, made.variable, type))) : made;
  });
  define('asarray', 'a, dtype=None', ([a], context) => toArray(a, context));
  for (const [name, value] of [
    ['zeros', 0],
    ['ones', 1],
    ['empty', 0],
  ] as const) {
    define(name, 'shape, dtype=None', ([shape, dtype], context) => {
      const made = session.zeros(toInts(shape, context), toDType(dtype) ?? float64);
      if (value !== 0) made.array.fill(value);
      return wrapArray(session.wrap(made));
    });
    define(`${name}_like`, 'a', ([a], context) => {
      const x = toArray(a, context);
      const made = session.zeros(x.shape, x.dtype);
      if (value !== 0) made.array.fill(value);
      return wrapArray(session.wrap(made));
    });
  }
  define('full', 'shape, fill_value', ([shape, value], context) => {
    const made = session.zeros(toInts(shape, context), typeof value === 'bigint' ? int64 : float64);
    made.array.fill(toNumber(value, context));
    return wrapArray(session.wrap(made));
  });
  define('eye', 'N: int', ([n], context) =>
    wrapArray(context.call(library.functions.get('eye') ?? null, [n ?? null], new Map([['dtype', float64]])) as Tensor),
  );
  define('arange', 'start, stop=None, step=1', (args, context) => {
    const whole = args.every((value) => value === null || typeof value === 'bigint');
    return wrapArray(
      context.call(
        library.functions.get('arange') ?? null,
        args,
        new Map([['dtype', whole ? int64 : float64]]),
      ) as Tensor,
    );
  });
  define('linspace', 'start, stop, num=50', ([start = null, stop = null, num = null], context) =>
    wrapArray(
      context.call(
        library.functions.get('linspace') ?? null,
        [start, stop, num],
        new Map([['dtype', float64]]),
      ) as Tensor,
    ),
  );

  for (const name of reductions)
    both(name, 'a, axis=None, keepdims: bool=False', ([a, axis = null, keep = false], context) => {
      const x = toArray(a, context);
      return plain(torch(name, [name === 'mean' ? floats(x) : x, axis, keep], context));
    });
  for (const [name, f] of [
    ['var', variance],
    ['std', deviation],
  ] as const)
    both(name, 'a, axis=None, ddof=0, keepdims: bool=False', ([a, axis, less, keep], context) => {
      const x = floats(toArray(a, context));
      const dims =
        axis === null || axis === undefined
          ? null
          : toInts(axis, context).map((dim) => (dim < 0 ? dim + x.shape.length : dim));
      return plain(session.wrap(f(tape, x.variable, { dims, keep: keep === true }, toNumber(less, context))));
    });
  for (const [name, torchName] of [
    ['max', 'amax'],
    ['min', 'amin'],
    ['argmax', 'argmax'],
    ['argmin', 'argmin'],
  ] as const)
    both(name, 'a, axis=None', ([a, axis = null], context) =>
      plain(torch(torchName, [toArray(a, context), axis], context)),
    );
  functions.set('amax', functions.get('max') as HostFunction).set('amin', functions.get('min') as HostFunction);
  for (const name of pointwise)
    define(name, 'x', ([x = null], context) => {
      const made = toArray(x, context);
      return plain(
        torch(name, [['abs', 'sign', 'isnan', 'isfinite', 'square'].includes(name) ? made : floats(made)], context),
      );
    });
  for (const [name, torchName] of [
    ['maximum', 'maximum'],
    ['minimum', 'minimum'],
    ['power', 'pow'],
    ['add', 'add'],
    ['subtract', 'sub'],
    ['multiply', 'mul'],
    ['divide', 'div'],
    ['arctan2', 'atan2'],
  ] as const)
    define(name, 'x1, x2', ([a, b], context) =>
      plain(torch(torchName, [toArray(a, context), toArray(b, context)], context)),
    );
  both('round', 'a, decimals: int=0', ([a, decimals = 0n], context) =>
    plain(
      context.call(library.functions.get('round') ?? null, [toArray(a, context)], new Map([['decimals', decimals]])),
    ),
  );
  both('clip', 'a, a_min=None, a_max=None', ([a, low = null, high = null], context) =>
    plain(torch('clamp', [toArray(a, context), low, high], context)),
  );
  define('where', 'condition, x=None, y=None', ([condition, x = null, y = null], context) => {
    const mask = toArray(condition, context);
    if (x === null)
      return new PyTuple(
        (torch('nonzero', [mask], context) as Tensor).shape[1] === 1
          ? [wrapArray(reshaped(torch('nonzero', [mask], context) as Tensor, [-1]))]
          : [],
      );
    return plain(
      torch('where', [mask, isNumber(x) ? x : toArray(x, context), isNumber(y) ? y : toArray(y, context)], context),
    );
  });
  both('dot', 'a, b', ([a, b], context) => {
    const [x, y] = [toArray(a, context), toArray(b, context)];
    return plain(session.wrap(matmul(tape, x.variable, y.variable), [x, y]));
  });
  define('matmul', 'a, b', ([a, b], context) => context.call(functions.get('dot') ?? null, [a ?? null, b ?? null]));
  define('outer', 'a, b', ([a, b], context) =>
    plain(torch('outer', [toArray(a, context), toArray(b, context)], context)),
  );
  for (const [name, torchName] of [
    ['concatenate', 'cat'],
    ['stack', 'stack'],
  ] as const)
    define(name, 'arrays, axis: int=0', ([arrays = null, axis = 0n], context) =>
      plain(
        torch(torchName, [new PyList([...context.iterate(arrays)].map((x) => toArray(x, context))), axis], context),
      ),
    );
  for (const name of ['vstack', 'hstack'])
    define(name, 'arrays', ([arrays = null], context) =>
      plain(torch(name, [new PyList([...context.iterate(arrays)].map((x) => toArray(x, context)))], context)),
    );
  define('column_stack', 'arrays', ([arrays = null], context) =>
    plain(
      torch(
        'stack',
        [new PyList(tensorList(new PyList([...context.iterate(arrays)].map((x) => toArray(x, context))), context)), 1n],
        context,
      ),
    ),
  );
  define('meshgrid', '*arrays', ([arrays], context) => {
    const given = (arrays as PyTuple).items.map((x) => toArray(x, context));
    const made = context.call(
      library.functions.get('meshgrid') ?? null,
      given,
      new Map([['indexing', 'xy']]),
    ) as PyTuple;
    return new PyList(made.items.map((x) => wrapArray(cloned(x as Tensor))));
  });
  both('reshape', 'a, *shape', ([a, shape], context) =>
    wrapArray(reshaped(toArray(a, context), toInts(shape, context))),
  );
  both('transpose', 'a, *axes', ([a, axes], context) => {
    const x = toArray(a, context);
    const order =
      axes instanceof PyTuple && axes.items.length > 0 ? toInts(axes, context) : [...x.shape.keys()].reverse();
    return permuted(x, order, '');
  });
  both('squeeze', 'a, axis=None', ([a, axis = null], context) =>
    wrapArray(torch('squeeze', [toArray(a, context), axis], context) as Tensor),
  );
  define('expand_dims', 'a, axis', ([a, axis = null], context) =>
    wrapArray(torch('unsqueeze', [toArray(a, context), axis], context) as Tensor),
  );
  both('cumsum', 'a, axis=None', ([a, axis], context) =>
    plain(torch('cumsum', [toArray(a, context), axis ?? 0n], context)),
  );
  define('sort', 'a, axis: int=-1', ([a, axis = -1n], context) =>
    wrapArray(([...context.iterate(torch('sort', [toArray(a, context), axis], context))] as Tensor[])[0] as Tensor),
  );
  both('argsort', 'a, axis: int=-1', ([a, axis = -1n], context) =>
    plain(torch('argsort', [toArray(a, context), axis], context)),
  );
  define('unique', 'ar', ([a], context) => plain(torch('unique', [toArray(a, context)], context)));
  define('allclose', 'a, b, rtol=1e-05, atol=1e-08', ([a, b, rtol = 0, atol = 0], context) =>
    torch('allclose', [toArray(a, context), toArray(b, context), rtol, atol], context),
  );
  define('array_equal', 'a1, a2', ([a, b], context) =>
    torch('equal', [toArray(a, context), toArray(b, context)], context),
  );
  define('ravel', 'a', ([a], context) => wrapArray(reshaped(toArray(a, context), [-1])));
  define('copy', 'a', ([a], context) => cloned(toArray(a, context)));

  const method = (
    name: string,
    signature: string,
    body: (x: Tensor, rest: Value[], context: CallContext) => Value,
  ): void =>
    void methods.set(
      name,
      library.make(name, signature, ([self, ...rest], context) => body(toArray(self, context), rest, context)),
    );
  method('astype', 'self, dtype', (x, [dtype]) =>
    wrapArray(session.wrap(cast(tape, x.variable, toDType(dtype) ?? x.dtype))),
  );
  method('copy', 'self', (x) => cloned(x));
  method('flatten', 'self', (x) => cloned(reshaped(x, [-1])));
  method('ravel', 'self', (x) => reshaped(x, [-1]));
  method('tolist', 'self', (x) => toList(x));
  method('item', 'self', (x) => itemOfScalar(x));
  method('sort', 'self', (x, _, context) => {
    x.assign((functions.get('sort')?.body([x, -1n], context) as Tensor).variable);
    return null;
  });
  method('fill', 'self, value', (x, [value], context) => {
    const made = session.zeros(x.shape, x.dtype);
    made.array.fill(toNumber(value, context));
    x.assign(made);
    return null;
  });
  method('repeat', 'self, repeats', (x, [repeats], context) =>
    wrapArray(torch('repeat_interleave', [x, BigInt(toInt(repeats, context))], context) as Tensor),
  );

  const random = randomModule(library);
  const numpy = new HostModule(
    'numpy',
    new Map<string, Value>([
      ...functions,
      ...[...dtypeNames].map(([name, dtype]) => [name, new ArrayType(dtype)] as const),
      ['ndarray', session.arrayClass],
      ['random', random],
      ['pi', Math.PI],
      ['e', Math.E],
      ['inf', Infinity],
      ['nan', NaN],
      ['newaxis', null],
    ]),
  );
  return [numpy, random];
}
