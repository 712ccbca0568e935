import { PythonError } from '../../language/errors';
import type { CallContext } from '../../language/host';
import type { Value } from '../../language/values';
import { Generator } from '../../../../shared/random/generator';
import { isNumber, toDType, toInt, toInts, toNumber, toTensor } from '../arguments';
import { Variable } from '../autograd/variable';
import type { Library } from '../library';
import { spread, spreadArray } from '../math/pointwise';
import { toDevice } from '../tensor/device';
import { float32, int64, type DType } from '../tensor/dtype';
import { elementCount, type Shape } from '../tensor/shape';
import { isTensor, Tensor } from '../tensor/tensor';

// Drawn as PyTorch's CPU generator draws, number by number: what a tutorial prints after manual_seed comes out here.

export function addRandom(library: Library): void {
  const { session } = library;
  const take = (count: number): number => {
    session.tape.context?.chargeMemory(count * 4);
    session.tape.context?.charge(count / 8);
    return count;
  };
  const uniform = (shape: Shape, low = 0, high = 1): Float32Array =>
    session.generator.uniform(take(elementCount(shape)), low, high);
  const normal = (shape: Shape): Float32Array => session.generator.randn(take(elementCount(shape)));
  const make = (
    values: ArrayLike<number>,
    shape: Shape,
    dtype: DType,
    device: Value,
    requiresGrad: Value | undefined,
  ): Tensor => {
    const array = session.tape.allocate(values.length, dtype);
    array.set(values);
    const tensor = new Tensor(session, Variable.of(array, shape, dtype), null, toDevice(session, device));
    tensor.variable.buffer.settle();
    if (requiresGrad === true) tensor.setRequiresGrad(true);
    return tensor;
  };
  library.function(
    'manual_seed',
    'seed',
    ([seed], context) => {
      const number = toInt(seed, context);
      session.generator = new Generator(number < 0 ? number + 2 ** 32 : number);
      return null;
    },
    'Starts the random numbers anew: the same seed gives the same numbers.',
  );
  library.function('seed', '', () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    session.generator = new Generator(seed);
    return BigInt(seed);
  });
  const options = 'dtype=None, device=None, requires_grad: bool=False, generator=None';
  const drawn = (name: string, draw: (shape: Shape) => Float32Array, help: string): void => {
    library.function(
      name,
      `*size, ${options}`,
      ([size, dtype, device = null, requiresGrad], context) => {
        const shape = toInts(size, context);
        return make(draw(shape), shape, toDType(dtype) ?? float32, device, requiresGrad);
      },
      help,
    );
    library.function(
      `${name}_like`,
      'input, *, dtype=None, requires_grad: bool=False',
      ([input, dtype, requiresGrad]) => {
        const x = toTensor(input);
        return make(draw(x.shape), x.shape, toDType(dtype) ?? x.dtype, x.device, requiresGrad);
      },
    );
  };
  drawn('rand', (shape) => uniform(shape), 'Uniform from 0 to 1.');
  drawn('randn', normal, 'Normal, of mean 0 and deviation 1.');

  const integers = (low: number, high: number, count: number): Float64Array => {
    if (high <= low)
      throw new PythonError(
        'RuntimeError',
        `random_ expects 'from' to be less than 'to', but got from=${low} >= to=${high}`,
      );
    take(count);
    return Float64Array.from({ length: count }, () => low + (session.generator.nextUint32() % (high - low)));
  };
  library.function(
    'randint',
    `low, high=None, size=None, *, ${options}`,
    ([low, high, size, dtype, device = null, requiresGrad], context) => {
      // randint(high, size) leaves low out.
      const short = size === null || size === undefined;
      const [from, to, shape] = short
        ? [0, toInt(low, context), toInts(high, context)]
        : [toInt(low, context), toInt(high, context), toInts(size, context)];
      return make(integers(from, to, elementCount(shape)), shape, toDType(dtype) ?? int64, device, requiresGrad);
    },
    'Whole numbers from low to high, which is left out.',
  );
  library.function(
    'randperm',
    'n: int, *, generator=None',
    ([n], context) => {
      const count = take(toInt(n, context));
      return make(session.generator.randperm(count), [count], int64, null, false);
    },
    'The numbers below n in random order.',
  );
  const gaussian = (mean: Variable, std: Variable): Float32Array => {
    const shape = spread(mean.shape, std.shape);
    const [m, s] = [spreadArray(mean, shape), spreadArray(std, shape)];
    return normal(shape).map((value, i) => Math.fround(value * (s[i] as number)) + (m[i] as number));
  };
  library.function(
    'normal',
    'mean, std=1.0, size=None',
    ([mean = null, std = null, size], context) => {
      const of = (value: Value): Variable =>
        isTensor(value) ? value.variable : session.number(toNumber(value, context));
      if (size !== null && size !== undefined) {
        const shape = toInts(size, context);
        const [m, s] = [toNumber(mean, context), toNumber(std, context)];
        return make(
          normal(shape).map((value) => Math.fround(value * Math.fround(s)) + Math.fround(m)),
          shape,
          float32,
          null,
          false,
        );
      }
      const [m, s] = [of(mean), of(std)];
      return make(gaussian(m, s), spread(m.shape, s.shape), float32, null, false);
    },
    'Normal, of these means and deviations.',
  );
  const bernoulli = (p: Variable): Float32Array => {
    take(p.count);
    const draw =
      p.dtype === float32
        ? (): number => session.generator.rand(1)[0] as number
        : (): number => bernoulliDraw(session.generator);
    return Float32Array.from(p.array, (chance) => Number(draw() < chance));
  };
  library.function(
    'bernoulli',
    'input',
    ([input]) => {
      const x = toTensor(input);
      return make(bernoulli(x.variable), x.shape, x.dtype, x.device, false);
    },
    '1 with the probability that input has, else 0.',
  );
  library.function(
    'multinomial',
    'input, num_samples: int, replacement: bool=False',
    ([input, samples, replacement], context) => {
      const x = toTensor(input);
      const columns = x.shape.at(-1) ?? 1;
      const rows = x.count / columns;
      const count = toInt(samples, context);
      const picked: number[] = [];
      for (let row = 0; row < rows; row++) {
        const weights = [...x.array.subarray(row * columns, (row + 1) * columns)];
        for (let i = 0; i < count; i++) {
          const total = weights.reduce((sum, weight) => sum + weight, 0);
          if (total <= 0)
            throw new PythonError('RuntimeError', 'invalid multinomial distribution (sum of probabilities <= 0)');
          let left = (session.generator.rand(1)[0] as number) * total;
          const found = weights.findIndex((weight) => (left -= weight) < 0);
          const choice = found < 0 ? columns - 1 : found;
          picked.push(choice);
          if (replacement !== true) weights[choice] = 0;
        }
      }
      return make(picked, [...x.shape.slice(0, -1), count], int64, null, false);
    },
    'Indices drawn with the probabilities of a row. Other numbers than PyTorch draws.',
  );

  // In place: how nn.init and old tutorials draw.
  const fill = (
    name: string,
    signature: string,
    values: (x: Tensor, args: Value[], context: CallContext) => ArrayLike<number>,
  ): void =>
    library.method(name, signature, (args, context) => {
      const x = toTensor(args[0]);
      x.refuseLeaf();
      const array = x.dtype.array(x.count);
      array.set(values(x, args, context));
      x.assign(Variable.of(array, x.shape, x.dtype));
      return x;
    });
  fill('uniform_', 'self, from=0.0, to=1.0', (x, [, low, high], context) =>
    uniform(x.shape, toNumber(low, context), toNumber(high, context)),
  );
  fill('normal_', 'self, mean=0.0, std=1.0', (x, [, mean, std], context) => {
    const [m, s] = [Math.fround(toNumber(mean, context)), Math.fround(toNumber(std, context))];
    return normal(x.shape).map((value) => Math.fround(value * s) + m);
  });
  fill('bernoulli_', 'self, p=0.5', (x, [, p], context) => {
    const chance = isNumber(p) ? toNumber(p, context) : 0.5;
    return Float32Array.from({ length: take(x.count) }, () => Number(bernoulliDraw(session.generator) < chance));
  });
  fill('random_', 'self, from=None, to=None', (x, [, low, high], context) =>
    high === null || high === undefined
      ? integers(0, low === null ? 2 ** 24 : toInt(low, context), x.count)
      : integers(toInt(low, context), toInt(high, context), x.count),
  );
}

/** Uniform from 0 to 1 in double, as bernoulli draws: 53 of 64 bits. */
export function bernoulliDraw(generator: Generator): number {
  const high = generator.nextUint32() & 0x1fffff;
  return (high * 2 ** 32 + generator.nextUint32()) * 2 ** -53;
}
