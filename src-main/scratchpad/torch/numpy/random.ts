import { Generator } from '../../../../shared/random/generator';
import { HostModule } from '../../language/host';
import { PyList, PyTuple, type Value } from '../../language/values';
import { toInt, toInts, toNumber } from '../arguments';
import { Variable } from '../autograd/variable';
import { cloned } from '../functions/autograd';
import { tensorFrom } from '../functions/creation';
import { itemOf } from '../functions/indexing';
import type { Library } from '../library';
import { float64, int64, type DType } from '../tensor/dtype';
import { cpu } from '../tensor/device';
import { elementCount } from '../tensor/shape';
import { isTensor, Tensor } from '../tensor/tensor';

/** numpy.random as after np.random.seed(n): the legacy generator, MT19937, and its conversions. */
export function randomModule(library: Library): HostModule {
  const { session } = library;
  let generator = new Generator(Math.floor(Math.random() * 2 ** 32));
  let spare: number | null = null;
  const uniform = (): number =>
    ((generator.nextUint32() >>> 5) * 67108864 + (generator.nextUint32() >>> 6)) / 9007199254740992;
  /** Marsaglia's polar method, the second number of a pair first. */
  const normal = (): number => {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      spare = factor * x;
      return factor * y;
    }
  };
  /** A whole number from 0 to `most`: bits of the stream until they fit. */
  const below = (most: number): number => {
    if (most === 0) return 0;
    const mask = 2 ** (32 - Math.clz32(most)) - 1;
    for (;;) {
      const value = (generator.nextUint32() & mask) >>> 0;
      if (value <= most) return value;
    }
  };
  const shuffled = <Item>(items: Item[]): Item[] => {
    for (let i = items.length - 1; i > 0; i--) {
      const other = below(i);
      [items[i], items[other]] = [items[other] as Item, items[i] as Item];
    }
    return items;
  };
  const array = (values: ArrayLike<number>, shape: readonly number[], dtype: DType): Tensor =>
    new Tensor(session, Variable.of(Float64Array.from(values), shape, dtype), null, cpu, session.arrayClass);
  const drawn = (
    size: Value | undefined,
    draw: () => number,
    dtype: DType,
    context: Parameters<typeof toInts>[1],
  ): Value => {
    const none = size === null || size === undefined || (size instanceof PyTuple && size.items.length === 0);
    if (none) return dtype === int64 ? BigInt(draw()) : draw();
    const shape = toInts(size, context);
    context.chargeMemory(elementCount(shape) * 8);
    return array(Float64Array.from({ length: elementCount(shape) }, draw), shape, dtype);
  };

  const members = [
    library.make('seed', 'seed=None', ([seed], context) => {
      generator = new Generator(seed === null ? Math.floor(Math.random() * 2 ** 32) : toInt(seed, context));
      spare = null;
      return null;
    }),
    library.make('rand', '*size', ([size], context) => drawn(size, uniform, float64, context)),
    library.make('random', 'size=None', ([size], context) => drawn(size, uniform, float64, context)),
    library.make('random_sample', 'size=None', ([size], context) => drawn(size, uniform, float64, context)),
    library.make('randn', '*size', ([size], context) => drawn(size, normal, float64, context)),
    library.make('standard_normal', 'size=None', ([size], context) => drawn(size, normal, float64, context)),
    library.make('normal', 'loc=0.0, scale=1.0, size=None', ([loc, scale, size], context) => {
      const [mean, deviation] = [toNumber(loc, context), toNumber(scale, context)];
      return drawn(size, () => mean + deviation * normal(), float64, context);
    }),
    library.make('uniform', 'low=0.0, high=1.0, size=None', ([low, high, size], context) => {
      const [from, to] = [toNumber(low, context), toNumber(high, context)];
      return drawn(size, () => from + (to - from) * uniform(), float64, context);
    }),
    library.make('randint', 'low, high=None, size=None', ([low, high, size], context) => {
      const [from, to] =
        high === null || high === undefined ? [0, toInt(low, context)] : [toInt(low, context), toInt(high, context)];
      return drawn(size, () => from + below(to - 1 - from), int64, context);
    }),
    library.make('permutation', 'x', ([x = null], context) => {
      if (typeof x === 'bigint')
        return array(shuffled(Array.from({ length: Number(x) }, (_, i) => i)), [Number(x)], int64);
      const rows = isTensor(x) ? x : tensorFrom(session, x, null, context);
      const order = shuffled(Array.from({ length: rows.shape[0] ?? 0 }, (_, i) => i));
      const made = itemOf(rows, new PyList(order.map(BigInt)), context);
      return new Tensor(session, made.variable, null, cpu, session.arrayClass);
    }),
    library.make('shuffle', 'x', ([x = null], context) => {
      if (x instanceof PyList) shuffled(x.items);
      else if (isTensor(x)) {
        const order = shuffled(Array.from({ length: x.shape[0] ?? 0 }, (_, i) => BigInt(i)));
        x.assign(cloned(itemOf(x, new PyList(order), context)).variable);
      }
      return null;
    }),
    library.make('choice', 'a, size=None, replace: bool=True', ([a = null, size, replace], context) => {
      const pool =
        typeof a === 'bigint' ? Array.from({ length: Number(a) }, (_, i) => i) : [...context.iterate(a)].map(Number);
      const whole = typeof a === 'bigint' || (isTensor(a) ? a.dtype === int64 : true);
      if (replace === true)
        return drawn(size, () => pool[below(pool.length - 1)] as number, whole ? int64 : float64, context);
      const order = shuffled(Array.from({ length: pool.length }, (_, i) => i));
      let next = 0;
      return drawn(size, () => pool[order[next++] as number] as number, whole ? int64 : float64, context);
    }),
  ];
  return new HostModule('numpy.random', new Map(members.map((member) => [member.name, member])));
}
