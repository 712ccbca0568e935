import { PythonError } from '../../language/errors';
import { readAt } from '../autograd/places';
import type { Tape } from '../autograd/tape';
import { Variable } from '../autograd/variable';
import { add, binary, cast, mul, numberOf, sub, unary } from '../math/pointwise';
import { mean, overAll, sum } from '../math/reducing';
import { permute, reshape } from '../math/shaping';
import { sameShape, shapeText } from '../tensor/shape';

export type Reduction = 'none' | 'mean' | 'sum';

export function toReduction(word: unknown): Reduction {
  if (word === 'none' || word === 'mean' || word === 'sum') return word;
  throw new PythonError('ValueError', `${String(word)} is not a valid value for reduction`);
}

function reduced(tape: Tape, losses: Variable, reduction: Reduction, name?: string): Variable {
  if (reduction === 'none') {
    if (name && losses.edge) losses.edge.node.name = name;
    return losses;
  }
  return reduction === 'sum' ? sum(tape, losses, overAll, name) : mean(tape, losses, overAll, name);
}

/** Loss of every element of input and target, which are spread to one shape. */
export type ElementLoss = (tape: Tape, input: Variable, target: Variable, options: Record<string, number>) => Variable;

const half = (x: Variable): Variable => numberOf(0.5, x.dtype);

/** d²/2 up to |d| = beta, beta · (|d| - beta/2) beyond: written without a choice, as m · (|d| - m/2) with m = min(|d|, beta). */
const huberOf = (tape: Tape, d: Variable, beta: number): Variable => {
  const size = unary(tape, 'Abs', d);
  const near = binary(tape, 'Min', size, numberOf(beta, d.dtype));
  return mul(tape, near, sub(tape, size, mul(tape, near, half(d))));
};

export const elementLosses: Record<string, { compute: ElementLoss; name?: string; options?: Record<string, number> }> =
  {
    mse_loss: {
      compute: (tape, input, target) => {
        const d = sub(tape, input, target);
        return mul(tape, d, d);
      },
      name: 'MseLossBackward0',
    },
    l1_loss: { compute: (tape, input, target) => unary(tape, 'Abs', sub(tape, input, target)) },
    smooth_l1_loss: {
      compute: (tape, input, target, { beta = 1 }) =>
        mul(tape, huberOf(tape, sub(tape, input, target), beta), numberOf(1 / beta, input.dtype)),
      name: 'SmoothL1LossBackward0',
      options: { beta: 1 },
    },
    huber_loss: {
      compute: (tape, input, target, { delta = 1 }) => huberOf(tape, sub(tape, input, target), delta),
      name: 'HuberLossBackward0',
      options: { delta: 1 },
    },
  };

export function elementLoss(
  tape: Tape,
  kind: string,
  input: Variable,
  target: Variable,
  reduction: Reduction,
  options: Record<string, number>,
): Variable {
  const { compute, name } = elementLosses[kind] as (typeof elementLosses)[string];
  return reduced(tape, compute(tape, input, cast(tape, target, input.dtype), options), reduction, name);
}

/** -(t · log x + (1 - t) · log(1 - x)), the logarithms not below -100. */
export function binaryCrossEntropy(
  tape: Tape,
  x: Variable,
  target: Variable,
  weight: Variable | null,
  reduction: Reduction,
): Variable {
  if (!sameShape(x.shape, target.shape))
    throw new PythonError(
      'ValueError',
      `Using a target size (torch.Size(${shapeText(target.shape)})) that is different to the input size (torch.Size(${shapeText(x.shape)})) is deprecated. Please ensure they have the same size.`,
    );
  if (target.dtype !== x.dtype)
    throw new PythonError('RuntimeError', `Found dtype ${target.dtype.scalarName} but expected ${x.dtype.scalarName}`);
  if (x.array.some((value) => !(value >= 0 && value <= 1)))
    throw new PythonError(
      'RuntimeError',
      'all elements of input should be between 0 and 1. Hint: put torch.sigmoid(x) in front, or use BCEWithLogitsLoss.',
    );
  const one = numberOf(1, x.dtype);
  const log = (v: Variable): Variable => binary(tape, 'Max', unary(tape, 'Log', v), numberOf(-100, x.dtype));
  const losses = unary(
    tape,
    'Neg',
    add(tape, mul(tape, target, log(x)), mul(tape, sub(tape, one, target), log(sub(tape, one, x)))),
  );
  return reduced(tape, weight ? mul(tape, losses, weight) : losses, reduction, 'BinaryCrossEntropyBackward0');
}

/** The same of sigmoid(x), without overflow: (1 - t) · x + (1 + (p - 1) · t) · softplus(-x). */
export function binaryCrossEntropyLogits(
  tape: Tape,
  x: Variable,
  target: Variable,
  weight: Variable | null,
  positive: Variable | null,
  reduction: Reduction,
): Variable {
  if (!sameShape(x.shape, target.shape))
    throw new PythonError(
      'ValueError',
      `Target size (torch.Size(${shapeText(target.shape)})) must be the same as input size (torch.Size(${shapeText(x.shape)}))`,
    );
  const t = cast(tape, target, x.dtype);
  const one = numberOf(1, x.dtype);
  const soft = unary(tape, 'Softplus', unary(tape, 'Neg', x));
  const scaled = positive ? mul(tape, add(tape, mul(tape, sub(tape, positive, one), t), one), soft) : soft;
  const losses = add(tape, mul(tape, sub(tape, one, t), x), scaled);
  return reduced(tape, weight ? mul(tape, losses, weight) : losses, reduction, 'BinaryCrossEntropyWithLogitsBackward0');
}

export interface ClassOptions {
  weight: Variable | null;
  ignore: number;
  reduction: Reduction;
  smoothing: number;
}

/** -log p of the class, from log p: (N, C), (N, C, …) or (C); target: (N), (N, …) or (). */
export function negativeLogLikelihood(
  tape: Tape,
  logs: Variable,
  target: Variable,
  { weight, ignore, reduction, smoothing }: ClassOptions,
): Variable {
  const single = logs.shape.length === 1;
  const rank = logs.shape.length;
  const classes = (single ? logs.shape[0] : logs.shape[1]) as number;
  const wanted = single ? [] : [logs.shape[0] as number, ...logs.shape.slice(2)];
  if (!sameShape(target.shape, wanted)) {
    if (target.shape[0] !== wanted[0])
      throw new PythonError(
        'ValueError',
        `Expected input batch_size (${wanted[0] ?? 1}) to match target batch_size (${target.shape[0] ?? 1}).`,
      );
    throw new PythonError('RuntimeError', `Expected target size ${shapeText(wanted)}, got ${shapeText(target.shape)}`);
  }
  if (target.dtype.kind === 'float')
    throw new PythonError(
      'RuntimeError',
      `expected scalar type Long but found ${target.dtype.scalarName}. Hint: target.long() makes class indices of it.`,
    );
  // One row per target: classes last.
  const order = rank > 2 ? [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1] : null;
  const rows = reshape(tape, order ? permute(tape, logs, order) : logs, [target.count, classes]);
  const places = Int32Array.from(target.array, (label, i) => {
    if (label === ignore) return i * classes;
    if (label < 0 || label >= classes) throw new PythonError('IndexError', `Target ${label} is out of bounds.`);
    return i * classes + label;
  });
  const share = (label: number): number => (label === ignore ? 0 : ((weight?.array[label] as number | undefined) ?? 1));
  const weights = logs.dtype.array(target.count).map((_, i) => share(target.array[i] as number));
  const of = (values: typeof weights): Variable => Variable.of(values, [values.length], logs.dtype);
  const plain = !weight && !target.array.includes(ignore);
  const picked = unary(tape, 'Neg', readAt(tape, rows, places, [places.length], 'NllLossBackward0'));
  const own = plain ? picked : mul(tape, picked, of(weights));
  const total = [...weights].reduce((all, value) => all + value, 0);
  const name = rank > 2 ? 'NllLoss2DBackward0' : 'NllLossBackward0';
  const finish = (losses: Variable): Variable => {
    if (reduction === 'none') return reshape(tape, losses, target.shape, name);
    if (reduction === 'mean' && plain) return mean(tape, losses, overAll, name);
    const all = sum(tape, losses, overAll, name);
    return reduction === 'sum' ? all : binary(tape, 'Div', all, numberOf(total, logs.dtype), { name });
  };
  if (smoothing === 0) return finish(own);
  // A share of the truth is spread evenly over the classes.
  const even = weight ? mul(tape, rows, weight) : rows;
  const kept = of(weights.map((_, i) => Number(target.array[i] !== ignore)));
  const smooth = mul(tape, unary(tape, 'Neg', sum(tape, even, { dims: [1], keep: false })), kept);
  const mixed = add(
    tape,
    mul(tape, own, numberOf(1 - smoothing, logs.dtype)),
    mul(tape, smooth, numberOf(smoothing / classes, logs.dtype)),
  );
  const result = finish(mixed);
  if (result.edge && reduction !== 'none') result.edge.node.name = 'AddBackward0';
  return result;
}

/** From logits; the target holds class indices, or a share for every class. */
export function crossEntropy(tape: Tape, logits: Variable, target: Variable, options: ClassOptions): Variable {
  if (logits.dtype.kind !== 'float')
    throw new PythonError(
      'RuntimeError',
      `"log_softmax_lastdim_kernel_impl" not implemented for '${logits.dtype.scalarName}'`,
    );
  const axis = logits.shape.length === 1 ? 0 : 1;
  const logs = tape.apply('LogSoftmax', [logits], { attributes: { axis }, name: 'LogSoftmaxBackward0' });
  if (target.dtype.kind !== 'float' || !sameShape(target.shape, logits.shape))
    return negativeLogLikelihood(tape, logs, target, options);
  const classes = logits.shape[axis] as number;
  const { smoothing, weight, reduction } = options;
  const shares =
    smoothing === 0
      ? target
      : add(
          tape,
          mul(tape, target, numberOf(1 - smoothing, target.dtype)),
          numberOf(smoothing / classes, target.dtype),
        );
  const weighted = weight
    ? mul(
        tape,
        logs,
        reshape(
          tape,
          weight,
          logs.shape.map((_, i) => (i === axis ? classes : 1)),
        ),
      )
    : logs;
  const losses = unary(tape, 'Neg', sum(tape, mul(tape, weighted, shares), { dims: [axis], keep: false }));
  if (reduction === 'none') return losses;
  const all = sum(tape, losses, overAll);
  return reduction === 'sum'
    ? all
    : binary(tape, 'Div', all, numberOf(losses.count, logits.dtype), { name: 'DivBackward1' });
}

/** t · (log t - x), or exp(t) · (t - x) where the target is given as logarithms. */
export function klDivergence(
  tape: Tape,
  x: Variable,
  target: Variable,
  reduction: Reduction | 'batchmean',
  logTarget: boolean,
): Variable {
  const shares = logTarget ? unary(tape, 'Exp', target) : target;
  const logs = logTarget
    ? target
    : Variable.of(
        target.array.map((value) => (value > 0 ? Math.log(value) : 0)),
        target.shape,
        target.dtype,
      );
  const losses = mul(tape, shares, sub(tape, logs, x));
  if (reduction !== 'batchmean') return reduced(tape, losses, reduction);
  return binary(tape, 'Div', sum(tape, losses), numberOf(x.shape[0] ?? 1, x.dtype));
}
