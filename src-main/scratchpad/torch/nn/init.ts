import { valueError } from '../../language/errors';
import type { Value } from '../../language/values';
import { toNumber, toTensor } from '../arguments';
import { Variable } from '../autograd/variable';
import type { Library } from '../library';
import type { Session } from '../session';
import { elementCount } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';

// As torch/nn/init.py: the same formulas and draws.

/** Numbers of values that go into an output and come from an input. */
export function fans(shape: readonly number[]): { fanIn: number; fanOut: number } {
  if (shape.length < 2)
    throw valueError('Fan in and fan out can not be computed for tensor with fewer than 2 dimensions');
  const field = elementCount(shape.slice(2));
  return { fanIn: (shape[1] as number) * field, fanOut: (shape[0] as number) * field };
}

function gain(nonlinearity: string, slope: number): number {
  switch (nonlinearity) {
    case 'tanh':
      return 5 / 3;
    case 'relu':
      return Math.SQRT2;
    case 'leaky_relu':
      return Math.sqrt(2 / (1 + slope ** 2));
    case 'selu':
      return 3 / 4;
    default:
      return 1;
  }
}

/** Puts values into a tensor, a parameter or not. */
export function setValues(x: Tensor, values: ArrayLike<number>): Tensor {
  const array = x.dtype.array(x.count);
  array.set(values);
  x.session.withoutRecording(() => x.assign(Variable.of(array, x.shape, x.dtype)));
  return x;
}

export const uniform = (session: Session, x: Tensor, low: number, high: number): Tensor =>
  setValues(x, session.generator.uniform(x.count, low, high));

export function normal(session: Session, x: Tensor, mean: number, std: number): Tensor {
  const [m, s] = [Math.fround(mean), Math.fround(std)];
  return setValues(
    x,
    session.generator.randn(x.count).map((value) => Math.fround(value * s) + m),
  );
}

export function xavierUniform(session: Session, x: Tensor, gain = 1): Tensor {
  const { fanIn, fanOut } = fans(x.shape);
  const bound = Math.sqrt(3) * gain * Math.sqrt(2 / (fanIn + fanOut));
  return uniform(session, x, -bound, bound);
}

/** torch.nn.init. */
export function initFunctions(library: Library): Map<string, Value> {
  const { session } = library;
  const members = new Map<string, Value>();
  type Draw = (x: Tensor, rest: Value[], number: (index: number) => number) => Tensor;
  const define = (name: string, parameters: string, draw: Draw): void => {
    const body = library.make(name, `tensor${parameters ? `, ${parameters}` : ''}`, ([tensor, ...rest], context) =>
      draw(toTensor(tensor), rest, (index) => toNumber(rest[index], context)),
    );
    members.set(name, body);
  };
  define('uniform_', 'a=0.0, b=1.0', (x, _, number) => uniform(session, x, number(0), number(1)));
  define('normal_', 'mean=0.0, std=1.0', (x, _, number) => normal(session, x, number(0), number(1)));
  define('constant_', 'val', (x, _, number) => setValues(x, new Float64Array(x.count).fill(number(0))));
  define('ones_', '', (x) => setValues(x, new Float64Array(x.count).fill(1)));
  define('zeros_', '', (x) => setValues(x, new Float64Array(x.count)));
  define('eye_', '', (x) => {
    const [, columns = 1] = x.shape;
    return setValues(
      x,
      Float64Array.from({ length: x.count }, (_, i) => Number(Math.floor(i / columns) === i % columns)),
    );
  });
  define('xavier_uniform_', 'gain=1.0', (x, _, number) => xavierUniform(session, x, number(0)));
  define('xavier_normal_', 'gain=1.0', (x, _, number) => {
    const { fanIn, fanOut } = fans(x.shape);
    return normal(session, x, 0, number(0) * Math.sqrt(2 / (fanIn + fanOut)));
  });
  const kaiming = (x: Tensor, [, mode, nonlinearity]: Value[], slope: number): number => {
    const { fanIn, fanOut } = fans(x.shape);
    return gain(String(nonlinearity), slope) / Math.sqrt(mode === 'fan_out' ? fanOut : fanIn);
  };
  const kaimingParameters = "a=0, mode: str='fan_in', nonlinearity: str='leaky_relu'";
  define('kaiming_uniform_', kaimingParameters, (x, rest, number) => {
    const bound = Math.sqrt(3) * kaiming(x, rest, number(0));
    return uniform(session, x, -bound, bound);
  });
  define('kaiming_normal_', kaimingParameters, (x, rest, number) => normal(session, x, 0, kaiming(x, rest, number(0))));
  members.set(
    'calculate_gain',
    library.make('calculate_gain', 'nonlinearity: str, param=None', ([name, param], context) =>
      gain(String(name), param === null || param === undefined ? 0.01 : toNumber(param, context)),
    ),
  );
  return members;
}
