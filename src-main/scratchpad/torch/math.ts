import { PythonError, valueError } from '../language/errors';
import { HostFunction, HostModule } from '../language/host';
import { floatOf, integerOf } from '../language/convert';
import type { Value } from '../language/values';

/** The module math. */
export function mathModule(): HostModule {
  const members = new Map<string, Value>([
    ['pi', Math.PI],
    ['e', Math.E],
    ['tau', 2 * Math.PI],
    ['inf', Infinity],
    ['nan', NaN],
  ]);
  const define = (name: string, f: (x: number) => number): void => {
    members.set(
      name,
      new HostFunction(name, 'x', ([x = null], context) => {
        const given = floatOf(x, context);
        const value = f(given);
        if (Number.isNaN(value) && !Number.isNaN(given)) throw valueError('math domain error');
        if (!Number.isFinite(value) && Number.isFinite(given))
          throw name.startsWith('log')
            ? valueError('math domain error')
            : new PythonError('OverflowError', 'math range error');
        return value;
      }),
    );
  };
  for (const name of [
    'sqrt',
    'exp',
    'sin',
    'cos',
    'tan',
    'asin',
    'acos',
    'atan',
    'sinh',
    'cosh',
    'tanh',
    'log2',
    'log10',
    'log1p',
    'expm1',
  ] as const)
    define(name, Math[name]);
  define('fabs', Math.abs);
  define('degrees', (x) => (x * 180) / Math.PI);
  define('radians', (x) => (x * Math.PI) / 180);
  const whole = (name: string, f: (x: number) => number): void =>
    void members.set(
      name,
      new HostFunction(name, 'x', ([x = null], context) => {
        if (typeof x === 'bigint') return x;
        const value = floatOf(x, context);
        if (!Number.isFinite(value))
          throw Number.isNaN(value)
            ? valueError('cannot convert float NaN to integer')
            : new PythonError('OverflowError', 'cannot convert float infinity to integer');
        return BigInt(f(value));
      }),
    );
  whole('floor', Math.floor);
  whole('ceil', Math.ceil);
  whole('trunc', Math.trunc);
  const test = (name: string, f: (x: number) => boolean): void =>
    void members.set(name, new HostFunction(name, 'x', ([x = null], context) => f(floatOf(x, context))));
  test('isnan', Number.isNaN);
  test('isinf', (x) => Math.abs(x) === Infinity);
  test('isfinite', Number.isFinite);
  members.set(
    'log',
    new HostFunction('log', 'x, base=None', ([x = null, base = null], context) => {
      const value = floatOf(x, context);
      if (value <= 0) throw valueError('math domain error');
      return base === null ? Math.log(value) : Math.log(value) / Math.log(floatOf(base, context));
    }),
  );
  const pair = (name: string, f: (x: number, y: number) => number): void =>
    void members.set(
      name,
      new HostFunction(name, 'x, y', ([x = null, y = null], context) => f(floatOf(x, context), floatOf(y, context))),
    );
  pair('pow', (x, y) => x ** y);
  pair('atan2', Math.atan2);
  pair('hypot', Math.hypot);
  pair('fmod', (x, y) => x % y);
  pair('copysign', (x, y) => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x)));
  members.set(
    'isclose',
    new HostFunction(
      'isclose',
      'a, b, *, rel_tol: float=1e-09, abs_tol: float=0.0',
      ([a = null, b = null, relative = 0, absolute = 0], context) => {
        const [x, y] = [floatOf(a, context), floatOf(b, context)];
        return (
          x === y ||
          Math.abs(x - y) <= Math.max(Number(relative) * Math.max(Math.abs(x), Math.abs(y)), Number(absolute))
        );
      },
    ),
  );
  members.set(
    'factorial',
    new HostFunction('factorial', 'n', ([n = null], context) => {
      const given = integerOf(n, context);
      if (given < 0n) throw valueError('factorial() not defined for negative values');
      if (given > 2000n) throw new PythonError('OverflowError', 'factorial() is limited to 2000 in a notebook');
      let product = 1n;
      for (let i = 2n; i <= given; i++) product *= i;
      return product;
    }),
  );
  members.set(
    'gcd',
    new HostFunction('gcd', 'a, b', ([a = null, b = null], context) => {
      let [x, y] = [integerOf(a, context), integerOf(b, context)];
      while (y !== 0n) [x, y] = [y, x % y];
      return x < 0n ? -x : x;
    }),
  );
  members.set(
    'prod',
    new HostFunction('prod', 'iterable', ([items = null], context) =>
      [...context.iterate(items)].reduce((product: number, item) => product * floatOf(item, context), 1),
    ),
  );
  return new HostModule('math', members);
}
