import type { Graph, GraphNode, Initializer } from '../../shared/network/graph';

/** Dimensions: a size, -1 for the batch, null for one that is not known. */
export type PartialShape = readonly (number | null)[];

type Rule = (node: GraphNode, shapes: (PartialShape | undefined)[], constants: (Initializer | undefined)[]) => Known;
type Known = PartialShape | PartialShape[] | undefined;

const same: Rule = (_node, [first]) => first;

const broadcast: Rule = (_node, shapes) => {
  const rank = Math.max(...shapes.map((shape) => shape?.length ?? NaN));
  if (Number.isNaN(rank)) return undefined;
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape = []) => shape.at(axis - rank) ?? (rank - axis > shape.length ? 1 : null));
    const wide = sizes.find((size) => size !== null && size > 1) ?? sizes.find((size) => size === -1);
    return wide ?? (sizes.includes(null) ? null : 1);
  });
};

/** What a window of `kernel` pixels gives along each dimension of a picture; null where the file leaves it to `auto_pad` or sizes are open. */
function windowed(
  node: GraphNode,
  input: PartialShape,
  kernel: readonly (number | null)[],
  transposed = false,
): (number | null)[] {
  const rank = input.length - 2;
  const {
    strides,
    dilations,
    pads,
    auto_pad: automatic = 'NOTSET',
    ceil_mode: ceil = 0,
    output_shape: fixed,
  } = node.attributes;
  const each = (value: unknown, usual: number): number[] => {
    const given = numbers(value);
    return Array.from({ length: rank }, (_, axis) => given[axis] ?? usual);
  };
  const [steps, gaps, padding, extra] = [
    each(strides, 1),
    each(dilations, 1),
    numbers(pads),
    each(node.attributes.output_padding, 0),
  ];
  return input.slice(2).map((size, axis) => {
    const width = kernel[axis];
    if (size === null || size === -1 || !width || automatic !== 'NOTSET' || fixed !== undefined) return null;
    const [step = 1, gap = 1, rest = 0] = [steps[axis], gaps[axis], extra[axis]];
    const around = (padding[axis] ?? 0) + (padding[axis + rank] ?? 0);
    const span = gap * (width - 1) + 1;
    if (transposed) return step * (size - 1) + rest + span - around;
    // With ceil_mode a last window may begin in the padding, or not: the engine tells.
    return ceil === 1 ? null : Math.floor((size + around - span) / step) + 1;
  });
}

const convolution =
  (count: (weight: PartialShape, node: GraphNode) => number | null, transposed = false): Rule =>
  (node, [input, weight]) =>
    input && weight && [input[0] ?? null, count(weight, node), ...windowed(node, input, weight.slice(2), transposed)];

const pool: Rule = (node, [input]) =>
  input && [...input.slice(0, 2), ...windowed(node, input, numbers(node.attributes.kernel_shape))];

const unknownOf = (rank: number): null[] => Array.from({ length: rank }, () => null);

const reduce: Rule = (node, [input], [, axes]) => {
  if (!input) return undefined;
  const wanted = axes ? integersOf(axes) : numbers(node.attributes.axes);
  const reduced = wanted.map((axis) => (axis < 0 ? axis + input.length : axis));
  const all = reduced.length === 0;
  if (node.attributes.keepdims !== 0) return input.map((size, axis) => (all || reduced.includes(axis) ? 1 : size));
  return all ? [] : input.filter((_, axis) => !reduced.includes(axis));
};

/** Y [steps, directions, batch, hidden], and the states [directions, batch, hidden]. */
const recurrent: Rule = ({ attributes: { layout = 0 } }, [input, , weight]) => {
  const [first = null, second = null] = input ?? [];
  const [directions = null, , hidden = null] = weight ?? [];
  if (layout !== 0) {
    const state = [first, directions, hidden];
    return [[first, second, directions, hidden], state, state];
  }
  const state = [directions, second, hidden];
  return [[first, directions, second, hidden], state, state];
};

/** Where a start or an end of a Slice lies among `size` values. */
const bounded = (place: number, size: number): number => Math.min(size, Math.max(0, place < 0 ? place + size : place));

/** Broadcast to a shape. */
function expanded(input: PartialShape | undefined, wanted: readonly number[]): PartialShape | undefined {
  if (!input) return undefined;
  const rank = Math.max(input.length, wanted.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [own = 1, given = 1] = [input.at(axis - rank), wanted.at(axis - rank)].map((size, which) =>
      rank - axis > (which === 0 ? input : wanted).length ? 1 : size,
    );
    return given === 1 || own === -1 ? own : given;
  });
}

function numbers(value: unknown): number[] {
  return Array.isArray(value) ? value.filter((item): item is number => typeof item === 'number') : [];
}

const integersOf = ({ data }: Initializer): number[] => Array.from<number | bigint, number>(data, Number);

const axesOf = (node: GraphNode, constant: Initializer | undefined): number[] =>
  constant ? integersOf(constant) : numbers(node.attributes.axes);

const rules: ReadonlyMap<string, Rule> = new Map(
  Object.entries<Rule>({
    Conv: convolution(([outputs = null]) => outputs),
    ConvTranspose: convolution(
      ([, outputs = null], { attributes: { group = 1 } }) => (outputs === null ? null : outputs * Number(group)),
      true,
    ),
    MaxPool: pool,
    AveragePool: pool,
    GlobalAveragePool: (_node, [input]) => input?.map((size, axis) => (axis < 2 ? size : 1)),
    GlobalMaxPool: (_node, [input]) => input?.map((size, axis) => (axis < 2 ? size : 1)),
    Gemm: ({ attributes }, [a, b]) => [
      a?.[attributes.transA === 1 ? 1 : 0] ?? null,
      b?.[attributes.transB === 1 ? 0 : 1] ?? null,
    ],
    MatMul: (_node, [a, b]) => {
      if (!a || !b || a.length < 2 || b.length < 2) return undefined;
      const rank = Math.max(a.length, b.length);
      // One matrix for all samples leaves what comes before the last dimension as it is.
      const leading = b.length === 2 ? a.slice(0, -2) : unknownOf(rank - 2);
      return [...leading, a.at(-2) ?? null, b.at(-1) ?? null];
    },
    Flatten: (node, [input]) => {
      if (!input) return [null, null];
      const axis = Number(node.attributes.axis ?? 1);
      const at = axis < 0 ? axis + input.length : axis;
      return [product(input.slice(0, at)), product(input.slice(at))];
    },
    Reshape: (_node, [input], [, wanted]) => wanted && reshaped(input, integersOf(wanted)),
    Transpose: (node, [input]) => {
      const order = numbers(node.attributes.perm);
      return order.length > 0 ? order.map((axis) => input?.[axis] ?? null) : input?.toReversed();
    },
    Squeeze: (node, [input], [, constant]) => {
      const axes = axesOf(node, constant);
      if (!input || axes.length === 0) return undefined;
      return input.filter((_, axis) => !axes.includes(axis) && !axes.includes(axis - input.length));
    },
    Unsqueeze: (node, [input], [, constant]) => {
      const axes = axesOf(node, constant);
      if (!input) return undefined;
      const rank = input.length + axes.length;
      const rest = [...input];
      return Array.from({ length: rank }, (_, axis) =>
        axes.includes(axis) || axes.includes(axis - rank) ? 1 : (rest.shift() ?? null),
      );
    },
    Concat: (node, shapes) => {
      const [first] = shapes;
      if (!first || shapes.some((shape) => shape === undefined)) return first && unknownOf(first.length);
      const axis = Number(node.attributes.axis ?? 1);
      const at = axis < 0 ? axis + first.length : axis;
      return first.map((size, index) => (index === at ? sum(shapes.map((shape) => shape?.[index] ?? null)) : size));
    },
    Split: (node, [input], [, constant]) => {
      if (!input) return undefined;
      const axis = Number(node.attributes.axis ?? 0);
      const at = axis < 0 ? axis + input.length : axis;
      const whole = input[at];
      const equal = whole && whole > 0 && whole % node.outputs.length === 0 ? whole / node.outputs.length : null;
      const written = constant ? integersOf(constant) : numbers(node.attributes.split);
      const sizes = written.length > 0 ? written : node.outputs.map(() => equal);
      return node.outputs.map((_, part) => input.map((size, index) => (index === at ? (sizes[part] ?? null) : size)));
    },
    Slice: (_node, [input], [starts, ends, axes, steps]) => {
      if (!input || !starts || !ends) return input && unknownOf(input.length);
      const [from, to] = [integersOf(starts), integersOf(ends)];
      const cut = axes
        ? integersOf(axes).map((axis) => (axis < 0 ? axis + input.length : axis))
        : from.map((_, at) => at);
      const by = steps ? integersOf(steps) : [];
      return input.map((size, axis) => {
        const at = cut.indexOf(axis);
        if (at === -1 || size === null) return size;
        const [start = 0, end = 0, step = 1] = [from[at], to[at], by[at]];
        // All of it, which a batch of any size is too.
        if (size === -1) return start === 0 && end > 2 ** 31 && step === 1 ? -1 : null;
        return step > 0 ? Math.ceil(Math.max(0, bounded(end, size) - bounded(start, size)) / step) : null;
      });
    },
    Pad: (_node, [input]) => input && unknownOf(input.length),
    Gather: (node, [data, indices]) => {
      if (!data || !indices) return undefined;
      const axis = Number(node.attributes.axis ?? 0);
      const at = axis < 0 ? axis + data.length : axis;
      return [...data.slice(0, at), ...indices, ...data.slice(at + 1)];
    },
    ReduceMean: reduce,
    ReduceMax: reduce,
    ReduceSum: reduce,
    Resize: (_node, [input], [, , scales, sizes]) => {
      if (sizes) return integersOf(sizes);
      const factors = scales && Array.from<number | bigint, number>(scales.data, Number);
      return input?.map((size, axis) => {
        const factor = factors?.[axis];
        return factor === undefined || size === null
          ? null
          : factor === 1
            ? size
            : size === -1
              ? null
              : Math.floor(size * factor);
      });
    },
    Expand: (_node, [input], [, wanted]) => wanted && expanded(input, integersOf(wanted)),
    LSTM: recurrent,
    GRU: recurrent,
    RNN: recurrent,
    ...Object.fromEntries(
      ['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Sum', 'Max', 'Min', 'Where', 'Equal', 'Greater', 'Less'].map((name) => [
        name,
        broadcast,
      ]),
    ),
    ...Object.fromEntries(
      [
        ...[
          'Cast',
          'Trilu',
          'Not',
          'Neg',
          'Abs',
          'Exp',
          'Log',
          'Sqrt',
          'Clip',
          'Identity',
          'Dropout',
          'BatchNormalization',
          'PRelu',
        ],
        ...['LayerNormalization', 'GroupNormalization', 'InstanceNormalization', 'Relu', 'LeakyRelu', 'Elu', 'Selu'],
        ...[
          'Gelu',
          'Sigmoid',
          'HardSigmoid',
          'HardSwish',
          'Tanh',
          'Softplus',
          'Softsign',
          'Softmax',
          'LogSoftmax',
          'Mish',
        ],
      ].map((name) => [name, same]),
    ),
  }),
);

/** The batch stays the batch only alone: with four channels folded into it nobody can tell it apart any more. */
function product(sizes: PartialShape): number | null {
  const known = sizes
    .filter((size) => size !== null && size !== -1)
    .reduce<number>((all, size) => all * (size ?? 1), 1);
  if (sizes.includes(null)) return null;
  const batches = sizes.filter((size) => size === -1).length;
  if (batches === 0) return known;
  return batches === 1 && known === 1 ? -1 : null;
}

function sum(sizes: PartialShape): number | null {
  if (sizes.length === 1) return sizes[0] ?? null;
  return sizes.reduce<number | null>(
    (all, size) => (all === null || size === null || size === -1 ? null : all + size),
    0,
  );
}

/** The shape a Reshape gives: 0 copies, -1 is the rest, which is the batch where all else is accounted for. */
function reshaped(input: PartialShape | undefined, wanted: readonly number[]): PartialShape {
  const known = wanted.map((size, axis) => (size === 0 ? (input?.[axis] ?? null) : size === -1 ? null : size));
  const rest = wanted.indexOf(-1);
  if (rest === -1 || !input) return known;
  const others = product(known.filter((_, axis) => axis !== rest));
  const sizes = product(input.filter((size) => size !== -1));
  const batch = input.filter((size) => size === -1).length === 1;
  if (batch && others !== null && others !== -1 && others === sizes) known[rest] = -1;
  if (!batch && others !== null && others > 0 && sizes !== null) known[rest] = sizes / others;
  return known;
}

/**
 * What can be told about the shapes of a graph's values without computing: enough to know how many dimensions and channels an
 * old operator sees. `known` (the file's own word) counts more than what follows from the nodes.
 */
export function inferShapes(graph: Graph, known: ReadonlyMap<string, PartialShape>): Map<string, PartialShape> {
  const shapes = new Map<string, PartialShape>(known);
  const constants = new Map(graph.initializers.map((item) => [item.name, item]));
  for (const { name, dims } of graph.initializers) shapes.set(name, dims);
  for (const node of graph.nodes) inferNode(node, shapes, constants);
  return shapes;
}

/** Adds what one node tells of its outputs to `shapes`. */
export function inferNode(
  node: GraphNode,
  shapes: Map<string, PartialShape>,
  constants: ReadonlyMap<string, Initializer>,
): void {
  const found = rules.get(node.opType)?.(
    node,
    node.inputs.map((name) => shapes.get(name)),
    node.inputs.map((name) => constants.get(name)),
  );
  if (!found) return;
  const several = isList(found) ? found : [found];
  for (const [index, shape] of several.entries()) {
    const name = node.outputs[index] ?? '';
    if (name === '') continue;
    const known = shapes.get(name);
    shapes.set(
      name,
      known?.length === shape.length ? known.map((size, axis) => size ?? shape[axis] ?? null) : (known ?? shape),
    );
  }
}

function isList(found: PartialShape | PartialShape[]): found is PartialShape[] {
  return found.length > 0 && found.every((item) => Array.isArray(item));
}
