import { scalar, type Tape } from '../autograd/tape';
import type { Variable } from '../autograd/variable';
import { binary, mapped, mul, numberOf, stepped, unary } from '../math/pointwise';

/** An activation: its parameters as data, what it computes, and how layer and function are called. */
export interface Activation {
  /** Class in torch.nn. */
  layer: string;
  /** Function in torch.nn.functional. */
  name: string;
  /** Parameters besides the input, with defaults. */
  parameters: string;
  /** `options`: the parameters in their order, numbers or words. */
  compute(tape: Tape, x: Variable, options: readonly (number | string)[]): Variable;
  /** What repr shows of the parameters. */
  shown?(options: readonly (number | string)[]): string;
}

const engine =
  (opType: string, name: string) =>
  (tape: Tape, x: Variable): Variable =>
    unary(tape, opType, x, { name });
const withAlpha =
  (opType: string, name: string) =>
  (tape: Tape, x: Variable, [alpha]: readonly (number | string)[]): Variable =>
    unary(tape, opType, x, { attributes: { alpha: Number(alpha) }, name });

/** The engine's own defaults are those of ONNX, which are rounded to float32. */
const selu = { alpha: 1.6732632423543772, gamma: 1.0507009873554805 };

/** At the limits themselves the slope is 0, other than that of clamp. */
const hardTanh = (tape: Tape, x: Variable, low: number, high: number): Variable =>
  tape.as('Clip', [x, scalar(low), scalar(high)], {}, () =>
    mapped(
      tape,
      x,
      'HardtanhBackward0',
      (v) => Math.min(Math.max(v, low), high),
      (v) => stepped(tape, v, 'StepBackward0', (value) => Number(value > low && value < high)),
    ),
  );

export const activations: readonly Activation[] = [
  { layer: 'ReLU', name: 'relu', parameters: 'inplace: bool=False', compute: engine('Relu', 'ReluBackward0') },
  { layer: 'Tanh', name: 'tanh', parameters: '', compute: engine('Tanh', 'TanhBackward0') },
  { layer: 'Sigmoid', name: 'sigmoid', parameters: '', compute: engine('Sigmoid', 'SigmoidBackward0') },
  {
    layer: 'LeakyReLU',
    name: 'leaky_relu',
    parameters: 'negative_slope=0.01, inplace: bool=False',
    compute: withAlpha('LeakyRelu', 'LeakyReluBackward0'),
    shown: ([slope]) => `negative_slope=${slope}`,
  },
  {
    layer: 'ELU',
    name: 'elu',
    parameters: 'alpha=1.0, inplace: bool=False',
    compute: withAlpha('Elu', 'EluBackward0'),
    shown: ([alpha]) => `alpha=${decimal(alpha)}`,
  },
  {
    layer: 'SELU',
    name: 'selu',
    parameters: 'inplace: bool=False',
    compute: (tape, x) => unary(tape, 'Selu', x, { attributes: selu, name: 'EluBackward0' }),
  },
  {
    layer: 'CELU',
    name: 'celu',
    parameters: 'alpha=1.0, inplace: bool=False',
    compute: withAlpha('Celu', 'CeluBackward0'),
    shown: ([alpha]) => `alpha=${decimal(alpha)}`,
  },
  {
    layer: 'GELU',
    name: 'gelu',
    parameters: "approximate: str='none'",
    compute: (tape, x, [approximate]) =>
      unary(tape, 'Gelu', x, { attributes: { approximate: String(approximate) }, name: 'GeluBackward0' }),
    shown: ([approximate]) => `approximate='${approximate}'`,
  },
  {
    layer: 'SiLU',
    name: 'silu',
    parameters: 'inplace: bool=False',
    compute: (tape, x) => binary(tape, 'Mul', x, unary(tape, 'Sigmoid', x), { name: 'SiluBackward0' }),
  },
  { layer: 'Mish', name: 'mish', parameters: 'inplace: bool=False', compute: engine('Mish', 'MishBackward0') },
  { layer: 'Softsign', name: 'softsign', parameters: '', compute: engine('Softsign', 'DivBackward0') },
  {
    layer: 'Softplus',
    name: 'softplus',
    parameters: 'beta=1.0, threshold=20.0',
    compute: (tape, x, [beta]) => {
      const scale = Number(beta);
      if (scale === 1) return unary(tape, 'Softplus', x, { name: 'SoftplusBackward0' });
      const inner = unary(tape, 'Softplus', mul(tape, x, numberOf(scale, x.dtype)));
      return binary(tape, 'Mul', inner, numberOf(1 / scale, x.dtype), { name: 'SoftplusBackward0' });
    },
    shown: ([beta, threshold]) => `beta=${decimal(beta)}, threshold=${decimal(threshold)}`,
  },
  {
    layer: 'LogSigmoid',
    name: 'logsigmoid',
    parameters: '',
    compute: (tape, x) =>
      unary(tape, 'Neg', unary(tape, 'Softplus', unary(tape, 'Neg', x)), { name: 'LogSigmoidBackward0' }),
  },
  {
    layer: 'Hardsigmoid',
    name: 'hardsigmoid',
    parameters: 'inplace: bool=False',
    compute: (tape, x) =>
      unary(tape, 'HardSigmoid', x, { attributes: { alpha: 1 / 6, beta: 0.5 }, name: 'HardsigmoidBackward0' }),
  },
  {
    layer: 'Hardswish',
    name: 'hardswish',
    parameters: 'inplace: bool=False',
    compute: engine('HardSwish', 'HardswishBackward0'),
  },
  {
    layer: 'Hardtanh',
    name: 'hardtanh',
    parameters: 'min_val=-1.0, max_val=1.0, inplace: bool=False',
    compute: (tape, x, [low, high]) => hardTanh(tape, x, Number(low), Number(high)),
    shown: ([low, high]) => `min_val=${decimal(low)}, max_val=${decimal(high)}`,
  },
  {
    layer: 'ReLU6',
    name: 'relu6',
    parameters: 'inplace: bool=False',
    compute: (tape, x) => hardTanh(tape, x, 0, 6),
  },
  { layer: 'Identity', name: 'identity', parameters: '*args, **kwargs', compute: (_, x) => x },
];

const decimal = (value: number | string | undefined): string =>
  typeof value === 'number' && Number.isInteger(value) ? `${value}.0` : String(value);
