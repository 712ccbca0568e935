import { add, binary, computePairs, div, mul, plus, square, stepped, sub, times, unary } from '../math/pointwise';
import { matmul } from '../math/products';
import { mean, sum } from '../math/reducing';
import { broadcast, concat, narrow, permute, reshape, swapped } from '../math/shaping';
import { elementCount, sameShape, type Shape } from '../tensor/shape';
import type { RecordedCall } from './operator-node';
import { spreadAt } from './places';
import type { Tape } from './tape';
import { Variable } from './variable';

/**
 * Gradients of the inputs of an operator from that of its output, as operations that are recorded themselves: what create_graph=True
 * walks back with. Null: this input gets none.
 */
export type Derivative = (g: Variable, call: Call) => (Variable | null)[];

/** An operation that has run, as formulas read it. */
export interface Call {
  tape: Tape;
  /** Number of inputs. */
  count: number;
  /** An input. */
  x(index?: number): Variable;
  /** The output: as it was kept, or computed again. */
  y(): Variable;
  /** Of an input. */
  shape(index?: number): Shape;
  /** Values of an input that is constant; null: left out. */
  constant(index: number): number[] | null;
  attributes: RecordedCall['attributes'];
  number(name: string, otherwise: number): number;
}

export function callOf(tape: Tape, { opType, attributes, inputs, shapes, constants, output }: RecordedCall): Call {
  return {
    tape,
    count: shapes.length,
    x: (index = 0) => {
      const found = inputs[index];
      if (!found) throw new Error(`${opType} keeps no input ${index}`);
      return found;
    },
    y: () => output ?? tape.apply(opType, inputs, { attributes }),
    shape: (index = 0) => shapes[index] ?? [],
    constant: (index) => {
      const found = constants[index];
      return found ? Array.from(found.data, Number) : null;
    },
    attributes,
    number: (name, otherwise) => {
      const value = attributes[name];
      return typeof value === 'number' ? value : otherwise;
    },
  };
}

/** Summed over the dimensions along which a tensor of `shape` was repeated. */
function sumTo(tape: Tape, g: Variable, shape: Shape): Variable {
  if (sameShape(g.shape, shape)) return g;
  const lead = g.shape.length - shape.length;
  const dims = g.shape.flatMap((size, i) => (i < lead || (shape[i - lead] === 1 && size !== 1) ? [i] : []));
  return reshape(tape, sum(tape, g, { dims, keep: true }), shape);
}

/** g · slope(x), for functions of every element. */
const slope =
  (of: (x: Variable, call: Call) => Variable): Derivative =>
  (g, call) => [mul(call.tape, g, of(call.x(), call))];

/** The same, from the output. */
const slopeOfOutput =
  (of: (y: Variable, call: Call) => Variable): Derivative =>
  (g, call) => [mul(call.tape, g, of(call.y(), call))];

const step = (tape: Tape, x: Variable, f: (x: number) => number): Variable => stepped(tape, x, 'StepBackward0', f);

/** `above` where x > 0, and `scale` · exp(x / width) elsewhere: slopes of Elu and its kin. */
function exponentialBelow(tape: Tape, x: Variable, above: number, scale: number, width: number): Variable {
  const below = step(tape, x, (value) => Number(value <= 0));
  // exp is asked for what it is good for only: ∞ · 0 would be no number.
  const curve = mul(tape, unary(tape, 'Exp', times(tape, mul(tape, x, below), 1 / width)), below);
  return add(
    tape,
    times(tape, curve, scale),
    step(tape, x, (value) => (value > 0 ? above : 0)),
  );
}

function geluSlope(x: Variable, { tape, attributes }: Call): Variable {
  if (attributes['approximate'] === 'tanh') {
    const c = Math.sqrt(2 / Math.PI);
    const inner = times(tape, add(tape, x, times(tape, mul(tape, x, square(tape, x)), 0.044715)), c);
    const t = unary(tape, 'Tanh', inner);
    const bend = mul(
      tape,
      plus(tape, times(tape, square(tape, t), -1), 1),
      plus(tape, times(tape, square(tape, x), 3 * 0.044715), 1),
    );
    return add(tape, times(tape, plus(tape, t, 1), 0.5), times(tape, mul(tape, x, bend), 0.5 * c));
  }
  const share = times(tape, plus(tape, unary(tape, 'Erf', times(tape, x, Math.SQRT1_2)), 1), 0.5);
  const density = times(tape, unary(tape, 'Exp', times(tape, square(tape, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return add(tape, share, mul(tape, x, density));
}

function mishSlope(x: Variable, { tape }: Call): Variable {
  const t = unary(tape, 'Tanh', unary(tape, 'Softplus', x));
  const rise = mul(tape, unary(tape, 'Sigmoid', x), plus(tape, times(tape, square(tape, t), -1), 1));
  return add(tape, t, mul(tape, x, rise));
}

/** The output of a reduction under the shape it has with the reduced dimensions as 1, repeated to that of the input. */
function spreadBack({ tape, shape, constant }: Call, reduced: Variable): Variable {
  const from = shape();
  const axes = constant(1);
  const kept = from.map((size, i) => (!axes || axes.includes(i) ? 1 : size));
  return broadcast(tape, reshape(tape, reduced, kept), from);
}

const extreme: Derivative = (g, call) => {
  const { tape } = call;
  const x = call.x();
  const top = spreadBack(call, Variable.of(call.y().array, call.y().shape, g.dtype));
  const hit = computePairs(tape, x, top, x.dtype, (a, b) => Number(a === b));
  const axes = call.constant(1);
  const hits = sum(tape, hit, { dims: axes, keep: true });
  return [mul(tape, spreadBack(call, g), div(tape, hit, hits))];
};

/** Where an element of one operand is chosen; of equals each gets half. */
const choice =
  (first: (a: number, b: number) => boolean): Derivative =>
  (g, { tape, x, shape }) => {
    const [a, b] = [x(0), x(1)];
    const share = (p: number, q: number): number => (p === q ? 0.5 : Number(first(p, q)));
    const of = (f: (a: number, b: number) => number): Variable => mul(tape, g, computePairs(tape, a, b, g.dtype, f));
    return [
      sumTo(tape, of(share), shape(0)),
      sumTo(
        tape,
        of((p, q) => 1 - share(p, q)),
        shape(1),
      ),
    ];
  };

/** A product of vectors, matrices or many of them: vectors take part as a row and a column. */
const product: Derivative = (g, { tape, x, shape }) => {
  const [p, q] = [shape(0), shape(1)];
  const [row, column] = [p.length === 1, q.length === 1];
  const a = row ? reshape(tape, x(0), [1, ...p]) : x(0);
  const b = column ? reshape(tape, x(1), [...q, 1]) : x(1);
  const lead = g.shape.slice(0, g.shape.length - (row ? 0 : 1) - (column ? 0 : 1));
  const full = reshape(tape, g, [...lead, a.shape.at(-2) ?? 1, b.shape.at(-1) ?? 1]);
  const turned = (v: Variable): Variable =>
    permute(tape, v, swapped(v.shape.length, v.shape.length - 1, v.shape.length - 2));
  const of = (gradient: Variable, wide: Shape, narrowed: Shape): Variable =>
    reshape(tape, sumTo(tape, gradient, wide), narrowed);
  return [of(matmul(tape, full, turned(b)), a.shape, p), of(matmul(tape, turned(a), full), b.shape, q)];
};

/** x · wᵀ + b */
const gemm: Derivative = (g, { tape, x, shape, count }) => [
  matmul(tape, g, x(1)),
  matmul(tape, permute(tape, g, [1, 0]), x(0)),
  ...(count > 2 ? [sumTo(tape, g, shape(2))] : []),
];

/** A piece of a dimension back in its place, zeros around it. */
function padded(tape: Tape, g: Variable, dim: number, before: number, size: number): Variable {
  const zeros = (length: number): Variable => {
    const shape = g.shape.map((own, i) => (i === dim ? length : own));
    return Variable.of(g.dtype.array(elementCount(shape)), shape, g.dtype);
  };
  const after = size - before - (g.shape[dim] ?? 0);
  return concat(tape, [zeros(before), g, zeros(after)], dim);
}

const softmaxAxis = ({ shape, number }: Call): number => (number('axis', -1) + shape().length) % shape().length;

const layerNormalisation: Derivative = (g, call) => {
  const { tape, shape } = call;
  const x = call.x();
  const rank = x.shape.length;
  const axis = (call.number('axis', -1) + rank) % rank;
  const over = { dims: x.shape.flatMap((_, i) => (i >= axis ? [i] : [])), keep: true };
  const off = sub(tape, x, mean(tape, x, over));
  const spread = plus(tape, mean(tape, square(tape, off), over), call.number('epsilon', 1e-5));
  const deviation = unary(tape, 'Sqrt', spread);
  const normal = div(tape, off, deviation);
  const scaled = mul(tape, g, call.x(1));
  const along = mul(tape, normal, mean(tape, mul(tape, scaled, normal), over));
  const own = div(tape, sub(tape, sub(tape, scaled, mean(tape, scaled, over)), along), deviation);
  return [own, sumTo(tape, mul(tape, g, normal), shape(1)), ...(call.count > 2 ? [sumTo(tape, g, shape(2))] : [])];
};

const half = (x: number): number => Number(x > 0);

/** By operator. What is not here cannot be gone through twice. */
export const derivatives: Readonly<Record<string, Derivative>> = {
  Identity: (g) => [g],
  Add: (g, { tape, shape }) => [sumTo(tape, g, shape(0)), sumTo(tape, g, shape(1))],
  Sub: (g, { tape, shape }) => [sumTo(tape, g, shape(0)), sumTo(tape, unary(tape, 'Neg', g), shape(1))],
  Mul: (g, { tape, x, shape }) => [
    sumTo(tape, mul(tape, g, x(1)), shape(0)),
    sumTo(tape, mul(tape, g, x(0)), shape(1)),
  ],
  Div: (g, { tape, x, shape }) => {
    const own = div(tape, g, x(1));
    const other = unary(tape, 'Neg', div(tape, mul(tape, own, x(0)), x(1)));
    return [sumTo(tape, own, shape(0)), sumTo(tape, other, shape(1))];
  },
  Pow: (g, { tape, x, y, shape }) => {
    const [base, exponent] = [x(0), x(1)];
    const lower = binary(tape, 'Pow', base, plus(tape, exponent, -1));
    const own = mul(tape, g, mul(tape, exponent, lower));
    // Of no base that is not positive is there a logarithm, and of a constant exponent no gradient is asked for.
    const other = exponent.edge ? sumTo(tape, mul(tape, g, mul(tape, y(), unary(tape, 'Log', base))), shape(1)) : null;
    return [sumTo(tape, own, shape(0)), other];
  },
  Max: choice((a, b) => a > b),
  Min: choice((a, b) => a < b),
  Neg: (g, { tape }) => [unary(tape, 'Neg', g)],
  Abs: slope((x, { tape }) => step(tape, x, Math.sign)),
  Exp: slopeOfOutput((y) => y),
  Log: (g, { tape, x }) => [div(tape, g, x())],
  Sqrt: (g, { tape, y }) => [div(tape, g, times(tape, y(), 2))],
  Reciprocal: slopeOfOutput((y, { tape }) => unary(tape, 'Neg', square(tape, y))),
  Sin: slope((x, { tape }) => unary(tape, 'Cos', x)),
  Cos: slope((x, { tape }) => unary(tape, 'Neg', unary(tape, 'Sin', x))),
  Tanh: slopeOfOutput((y, { tape }) => plus(tape, times(tape, square(tape, y), -1), 1)),
  Sigmoid: slopeOfOutput((y, { tape }) => sub(tape, y, square(tape, y))),
  Erf: slope((x, { tape }) =>
    times(tape, unary(tape, 'Exp', unary(tape, 'Neg', square(tape, x))), 2 / Math.sqrt(Math.PI)),
  ),
  Relu: slopeOfOutput((y, { tape }) => step(tape, y, half)),
  LeakyRelu: slopeOfOutput((y, { tape, number }) => step(tape, y, (value) => (value > 0 ? 1 : number('alpha', 0.01)))),
  PRelu: (g, { tape, x, shape }) => {
    const below = step(tape, x(), (value) => Number(value <= 0));
    const above = step(tape, x(), half);
    const own = mul(tape, g, add(tape, above, mul(tape, below, x(1))));
    return [own, sumTo(tape, mul(tape, mul(tape, g, below), x()), shape(1))];
  },
  Elu: slopeOfOutput((y, { tape, number }) => {
    const below = step(tape, y, (value) => Number(value <= 0));
    return add(tape, mul(tape, below, plus(tape, y, number('alpha', 1))), step(tape, y, half));
  }),
  Celu: slope((x, { tape, number }) => exponentialBelow(tape, x, 1, 1, number('alpha', 1))),
  Selu: slope((x, { tape, number }) =>
    exponentialBelow(tape, x, number('gamma', 1), number('gamma', 1) * number('alpha', 1), 1),
  ),
  Softplus: slopeOfOutput((y, { tape }) => {
    const rest = unary(tape, 'Exp', unary(tape, 'Neg', y));
    return plus(tape, unary(tape, 'Neg', rest), 1);
  }),
  Softsign: (g, { tape, x }) => [div(tape, g, square(tape, plus(tape, unary(tape, 'Abs', x()), 1)))],
  Gelu: slope(geluSlope),
  Mish: slope(mishSlope),
  HardSigmoid: slope((x, { tape, number }) => {
    const [alpha, beta] = [number('alpha', 0.2), number('beta', 0.5)];
    return step(tape, x, (value) => (alpha * value + beta > 0 && alpha * value + beta < 1 ? alpha : 0));
  }),
  HardSwish: slope((x, { tape }) => {
    const middle = step(tape, x, (value) => Number(value > -3 && value < 3));
    const rise = mul(tape, middle, plus(tape, times(tape, x, 1 / 3), 0.5));
    return add(
      tape,
      rise,
      step(tape, x, (value) => Number(value >= 3)),
    );
  }),
  Clip: slope((x, { tape, constant }) => {
    const [low = -Infinity] = constant(1) ?? [];
    const [high = Infinity] = constant(2) ?? [];
    return step(tape, x, (value) => Number(value >= low && value <= high));
  }),
  MatMul: product,
  Gemm: gemm,
  ReduceSum: (g, call) => [spreadBack(call, g)],
  ReduceMean: (g, call) => {
    const spread = spreadBack(call, g);
    return [times(call.tape, spread, elementCount(g.shape) / elementCount(spread.shape))];
  },
  ReduceMax: extreme,
  ReduceMin: extreme,
  Softmax: (g, call) => {
    const { tape } = call;
    const y = call.y();
    const total = sum(tape, mul(tape, g, y), { dims: [softmaxAxis(call)], keep: true });
    return [mul(tape, y, sub(tape, g, total))];
  },
  LogSoftmax: (g, call) => {
    const { tape } = call;
    const total = sum(tape, g, { dims: [softmaxAxis(call)], keep: true });
    return [sub(tape, g, mul(tape, unary(tape, 'Exp', call.y()), total))];
  },
  LayerNormalization: layerNormalisation,
  Reshape: (g, { tape, shape }) => [reshape(tape, g, shape())],
  Transpose: (g, { tape, attributes }) => {
    const order = attributes['perm'] as number[];
    return [
      permute(
        tape,
        g,
        order.map((_, i) => order.indexOf(i)),
      ),
    ];
  },
  Expand: (g, { tape, shape }) => [sumTo(tape, g, shape())],
  Concat: (g, { tape, shape, number, count }) => {
    const axis = number('axis', 0);
    let start = 0;
    return Array.from({ length: count }, (_, i) => {
      const size = shape(i)[axis] ?? 0;
      start += size;
      return narrow(tape, g, axis, start - size, size);
    });
  },
  Slice: (g, { tape, shape, constant }) => {
    const [start = 0] = constant(1) ?? [];
    const [dim = 0] = constant(3) ?? [];
    return [padded(tape, g, dim, start, shape()[dim] ?? 0)];
  },
  Pad: (g, { tape, shape, constant }) => {
    const before = constant(1) ?? [];
    return [shape().reduce((inner, size, dim) => narrow(tape, inner, dim, before[dim] ?? 0, size), g)];
  },
  Gather: (g, { tape, x, shape }) => {
    const width = elementCount(shape().slice(1));
    const places = Int32Array.from({ length: g.count }, (_, i) => {
      const row = x(1).array[Math.floor(i / width)] as number;
      return row * width + (i % width);
    });
    return [spreadAt(tape, g, places, shape()), null];
  },
};
