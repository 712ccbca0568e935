import { PythonError } from '../../language/errors';
import type { CallContext } from '../../language/host';
import type { Value } from '../../language/values';
import { numberOrNull, toInt, toNumber, toTensor } from '../arguments';
import { scalar, type ApplyOptions, type Constant, type Tape } from '../autograd/tape';
import type { Variable } from '../autograd/variable';
import type { Library } from '../library';
import {
  add,
  binary,
  cast,
  compute,
  mapped,
  mul,
  numberOf,
  plus,
  square,
  stepped,
  sub,
  times,
  unary,
} from '../math/pointwise';
import { float32 } from '../tensor/dtype';
import { isTensor, type Tensor } from '../tensor/tensor';

/** Operators of the engine by torch's names; all give floats. */
const engineFunctions: Record<string, string> = {
  exp: 'Exp',
  log: 'Log',
  sqrt: 'Sqrt',
  sin: 'Sin',
  cos: 'Cos',
  tanh: 'Tanh',
  sigmoid: 'Sigmoid',
  erf: 'Erf',
  reciprocal: 'Reciprocal',
};

const over = (tape: Tape, x: Variable): Variable => unary(tape, 'Reciprocal', x);
const root = (tape: Tape, x: Variable): Variable => unary(tape, 'Sqrt', x);
const power = (tape: Tape, x: Variable): Variable => unary(tape, 'Exp', x);
const minus = (tape: Tape, x: Variable): Variable => unary(tape, 'Neg', x);
/** 1 - x² */
const rest = (tape: Tape, x: Variable): Variable => plus(tape, minus(tape, square(tape, x)), 1);

/** Functions the engine has no operator for: value, and slope from argument and value. */
const otherFunctions: Record<string, [(x: number) => number, (tape: Tape, x: Variable, y: Variable) => Variable]> = {
  tan: [Math.tan, (tape, _, y) => plus(tape, square(tape, y), 1)],
  asin: [Math.asin, (tape, x) => over(tape, root(tape, rest(tape, x)))],
  acos: [Math.acos, (tape, x) => minus(tape, over(tape, root(tape, rest(tape, x))))],
  atan: [Math.atan, (tape, x) => over(tape, plus(tape, square(tape, x), 1))],
  sinh: [Math.sinh, (tape, x) => times(tape, add(tape, power(tape, x), power(tape, minus(tape, x))), 0.5)],
  cosh: [Math.cosh, (tape, x) => times(tape, sub(tape, power(tape, x), power(tape, minus(tape, x))), 0.5)],
  log2: [Math.log2, (tape, x) => over(tape, times(tape, x, Math.LN2))],
  log10: [Math.log10, (tape, x) => over(tape, times(tape, x, Math.LN10))],
  log1p: [Math.log1p, (tape, x) => over(tape, plus(tape, x, 1))],
  expm1: [Math.expm1, (tape, _, y) => plus(tape, y, 1)],
  exp2: [(x) => 2 ** x, (tape, _, y) => times(tape, y, Math.LN2)],
  rsqrt: [(x) => 1 / Math.sqrt(x), (tape, _, y) => times(tape, mul(tape, y, square(tape, y)), -0.5)],
};

/** Steps, whose slope is 0; whole numbers stay as they are. */
const steps: Record<string, (x: number) => number> = {
  sign: Math.sign,
  floor: Math.floor,
  ceil: Math.ceil,
  trunc: Math.trunc,
  round: roundHalfEven,
};

function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

const nodeName = (name: string): string => `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}Backward0`;

export function addPointwise(library: Library): void {
  const { session } = library;
  const { tape } = session;
  const floats = (x: Tensor): Variable => (x.dtype.kind === 'float' ? x.variable : cast(tape, x.variable, float32));
  const define = (name: string, f: (x: Variable) => Variable, help?: string): void =>
    library.withInPlace(
      name,
      'input',
      ([input]) => {
        const x = toTensor(input);
        return session.wrap(f(floats(x)), [x]);
      },
      help,
    );
  const apply = (opType: string, x: Variable, options?: ApplyOptions, ...constants: Constant[]): Variable =>
    x.count === 0 ? x : tape.apply(opType, [x, ...constants], options);

  /** A slope of 1 where it holds, and 0 elsewhere. */
  const step = (x: Variable, holds: (value: number) => boolean): Variable =>
    stepped(tape, x, 'StepBackward0', (value) => Number(holds(value)));

  for (const [name, opType] of Object.entries(engineFunctions))
    define(name, (x) => unary(tape, opType, x, { name: nodeName(name) }), `${name} of every element.`);
  for (const [name, [f, slope]] of Object.entries(otherFunctions))
    define(name, (x) => mapped(tape, x, nodeName(name), f, (v, y) => slope(tape, v, y)), `${name} of every element.`);
  for (const [name, f] of Object.entries(steps))
    library.withInPlace(
      name,
      name === 'round' ? 'input, *, decimals: int=0' : 'input',
      ([input, decimals], context) => {
        const x = toTensor(input);
        const scale = 10 ** (decimals === undefined ? 0 : toInt(decimals, context));
        const step = scale === 1 ? f : (value: number): number => roundHalfEven(value * scale) / scale;
        return session.wrap(stepped(tape, x.variable, nodeName(name), step), [x]);
      },
    );
  library.withInPlace('abs', 'input', ([input]) => absolute(toTensor(input)), 'Every element without its sign.');
  const absolute = (x: Tensor): Tensor => session.wrap(unary(tape, 'Abs', x.variable), [x]);
  library.withInPlace('square', 'input', ([input]) => {
    const x = toTensor(input);
    return session.wrap(binary(tape, 'Pow', x.variable, numberOf(2, x.dtype)), [x]);
  });
  library.withInPlace(
    'relu',
    'input',
    ([input]) => {
      const x = toTensor(input);
      if (x.dtype.kind === 'float') return session.wrap(unary(tape, 'Relu', x.variable), [x]);
      return session.wrap(
        compute(tape, x.variable, x.dtype, (value) => Math.max(value, 0)),
        [x],
      );
    },
    'max(0, x).',
  );
  library.withInPlace('nan_to_num', 'input, nan: float=0.0', ([input, nan], context) => {
    const x = toTensor(input);
    const other = toNumber(nan, context);
    const most = 3.4028234663852886e38;
    const f = (value: number): number => (Number.isNaN(value) ? other : Math.max(-most, Math.min(most, value)));
    return session.wrap(
      mapped(tape, x.variable, 'NanToNumBackward0', f, (v) => step(v, Number.isFinite)),
      [x],
    );
  });

  const clamp = ([input, low = null, high = null]: Value[], context: CallContext): Tensor => {
    const x = toTensor(input);
    if (isTensor(low) || isTensor(high)) return clampByTensors(x, low, high);
    const [least, most] = [numberOrNull(low, context), numberOrNull(high, context)];
    if (least === null && most === null)
      throw new PythonError('RuntimeError', "torch.clamp: At least one of 'min' or 'max' must not be None");
    const whole = [least, most].every((limit) => limit === null || Number.isInteger(limit));
    const from = x.dtype.kind === 'float' || whole ? x.variable : cast(tape, x.variable, float32);
    const [lower, upper] = [least ?? -Infinity, most ?? Infinity];
    // As in PyTorch the upper limit wins where they cross.
    const f = (value: number): number => Math.min(Math.max(value, lower), upper);
    const inside = (value: number): boolean => value >= lower && value <= upper;
    // The engine's limits are float32: in double others would not be exact.
    if (from.dtype !== float32)
      return session.wrap(
        mapped(tape, from, 'ClampBackward1', f, (v) => step(v, inside)),
        [x],
      );
    const limit = (value: number | null): Constant => (value === null ? null : scalar(value));
    return session.wrap(apply('Clip', from, { name: 'ClampBackward1' }, limit(least), limit(most)), [x]);
  };
  const clampByTensors = (x: Tensor, low: Value, high: Value): Tensor => {
    let result = x;
    for (const [limit, opType] of [
      [low, 'Max'],
      [high, 'Min'],
    ] as const)
      if (isTensor(limit))
        result = session.wrap(
          binary(tape, opType, result.variable, cast(tape, limit.variable, x.dtype), { name: 'ClampBackward0' }),
          [x, limit],
        );
    return result;
  };
  library.withInPlace('clamp', 'input, min=None, max=None', clamp, 'At least min and at most max.');
  library.withInPlace('clamp_min', 'input, min', ([input = null, min = null], context) => clamp([input, min], context));
  library.withInPlace('clamp_max', 'input, max', ([input = null, max = null], context) =>
    clamp([input, null, max], context),
  );
  library.alias('clamp', 'clip');
  library.alias('abs', 'absolute');
  library.alias('trunc', 'fix');
  for (const name of ['asin', 'acos', 'atan']) library.alias(name, `arc${name.slice(1)}`);

  const softmax =
    (opType: 'Softmax' | 'LogSoftmax') =>
    ([input, dim, dtype]: Value[], context: CallContext): Tensor => {
      const x = toTensor(input);
      void dtype;
      return session.wrap(softmaxOf(library, opType, floatsOrRefuse(x), toInt(dim, context)), [x]);
    };
  const floatsOrRefuse = (x: Tensor): Variable => {
    if (x.dtype.kind === 'float') return x.variable;
    throw new PythonError(
      'RuntimeError',
      `"softmax_lastdim_kernel_impl" not implemented for '${x.dtype.scalarName}'. Hint: x.float() makes its values decimal.`,
    );
  };
  library.both('softmax', 'input, dim, dtype=None', softmax('Softmax'), 'exp(x) as shares of their sum along dim.');
  library.both('log_softmax', 'input, dim, dtype=None', softmax('LogSoftmax'), 'Logarithm of softmax.');
  library.both('heaviside', 'input, values', ([input, values]) => {
    const [x, at] = [toTensor(input), toTensor(values, 'values', 2)];
    const step = compute(tape, x.variable, x.dtype, (value) => Number(value > 0));
    const zero = compute(tape, x.variable, x.dtype, (value) => Number(value === 0));
    return session.wrap(binary(tape, 'Add', step, mul(tape, zero, at.variable)), [x, at]);
  });
}

/** Along one dimension; a scalar counts as one element. */
export function softmaxOf(library: Library, opType: 'Softmax' | 'LogSoftmax', x: Variable, dim: number): Variable {
  const { tape } = library.session;
  const rank = Math.max(x.shape.length, 1);
  if (dim < -rank || dim >= rank)
    throw new PythonError(
      'IndexError',
      `Dimension out of range (expected to be in range of [${-rank}, ${rank - 1}], but got ${dim})`,
    );
  if (x.count === 0) return x;
  const name = `${opType}Backward0`;
  if (x.shape.length > 0) return tape.apply(opType, [x], { attributes: { axis: dim < 0 ? dim + rank : dim }, name });
  const alone = stepped(tape, x, name, () => (opType === 'Softmax' ? 1 : 0));
  return unary(tape, 'Identity', alone, { name });
}
