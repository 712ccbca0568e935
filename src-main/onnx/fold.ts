import {
  type AttributeValue,
  type Graph,
  type GraphNode,
  type Initializer,
  isNumberList,
} from '../../shared/network/graph';
import { inferNode, type PartialShape } from './shapes';

/**
 * Exporters write sizes as a computation: Shape, Gather, Concat, then a Reshape to the result; factors that follow from sizes (the root
 * of a head's width) likewise. Here such chains are worked out, with null for a size that is open, and what reads them gets a constant; a Reshape gets 0 (copy) or -1 (the rest) for an open size, a recurrent
 * layer loses initial states that are zeros of an open size, which is what it begins with anyway.
 */
type Size = number | 'batch' | null;

interface Sizes {
  /** A list, or the one value of a scalar. */
  values: Size[];
  scalar: boolean;
  /** float32, not int64. */
  float: boolean;
}

type Rule = (node: GraphNode, inputs: (Sizes | undefined)[], shape: PartialShape | undefined) => Sizes | undefined;

const list = (values: readonly Size[], float = false): Sizes => ({ values: [...values], scalar: false, float });
const same: Rule = (_node, [first]) => first;

/** Value by value, of lists of one length or with a scalar. */
const each =
  (compute: (values: Size[], float: boolean) => Size, gives?: 'float' | 'integer'): Rule =>
  (_node, inputs) => {
    const given = inputs.flatMap((input) => input ?? []);
    if (given.length < inputs.length) return undefined;
    const length = Math.max(...given.map(({ values }) => values.length));
    const float = given.some((input) => input.float);
    const values = Array.from({ length }, (_, index) =>
      compute(
        given.map((input) => input.values[input.values.length === 1 ? 0 : index] ?? null),
        float,
      ),
    );
    return {
      values,
      scalar: given.every(({ scalar }) => scalar),
      float: gives === undefined ? float : gives === 'float',
    };
  };

/** Of numbers; open where one of them is. */
const numbersOnly =
  (compute: (numbers: number[], float: boolean) => number) =>
  (values: Size[], float: boolean): Size => {
    const numbers = values.filter((value) => typeof value === 'number');
    return numbers.length === values.length ? compute(numbers, float) : null;
  };
const arithmetic = (compute: (a: number, b: number, float: boolean) => number): Rule =>
  each(numbersOnly(([a = 0, b = 0], float) => compute(a, b, float)));
const unary = (compute: (a: number) => number): Rule => each(numbersOnly(([a = 0]) => compute(a)));

/** Over all values of a list. */
const reduce =
  (compute: (values: number[]) => number): Rule =>
  ({ attributes: { keepdims = 1 } }, [data]) => {
    const [value] = data?.scalar === false ? [numbersOnly(compute)(data.values, data.float)] : [];
    return data && value !== undefined ? { values: [value], scalar: keepdims === 0, float: data.float } : undefined;
  };

/** ONNX's numbers for float32 and its kin. */
const floatTypes: ReadonlySet<AttributeValue | undefined> = new Set([1, 10, 11, 16]);
const bool = 9;

const rules: ReadonlyMap<string, Rule> = new Map(
  Object.entries<Rule>({
    Shape: ({ attributes: { start = 0, end } }, _inputs, shape) =>
      shape &&
      list(
        shape
          .slice(Number(start), end === undefined ? undefined : Number(end))
          .map((size) => (size === -1 ? 'batch' : size)),
      ),
    Size: (_node, _inputs, shape) => {
      const open = shape?.some((size) => size === null || size === -1);
      const count = shape?.reduce<number>((product, size) => product * (size ?? 1), 1) ?? 1;
      return shape && { values: [open ? null : count], scalar: true, float: false };
    },
    Gather: (_node, [data, indices]) => {
      if (!data || data.scalar || !indices) return undefined;
      const values = indices.values.map((index) =>
        typeof index === 'number' ? (data.values.at(index) ?? null) : null,
      );
      return { ...data, values, scalar: indices.scalar };
    },
    Unsqueeze: (_node, [data]) => (data?.scalar ? list(data.values, data.float) : undefined),
    Squeeze: (_node, [data]) => (data?.values.length === 1 ? { ...data, scalar: true } : undefined),
    Reshape: (_node, [data, shape]) =>
      data && shape && shape.values.length <= 1 ? { ...data, scalar: shape.values.length === 0 } : undefined,
    Concat: (_node, parts) =>
      parts.every((part) => part !== undefined && !part.scalar)
        ? list(
            parts.flatMap((part) => part?.values ?? []),
            parts.some((part) => part?.float),
          )
        : undefined,
    Slice: ({ attributes }, [data, starts, ends, , steps]) => {
      const start = starts?.values[0] ?? (isNumberList(attributes.starts) ? attributes.starts[0] : undefined);
      const end = ends?.values[0] ?? (isNumberList(attributes.ends) ? attributes.ends[0] : undefined);
      const plain = data && !data.scalar && (steps?.values[0] ?? 1) === 1;
      return plain && typeof start === 'number' && typeof end === 'number'
        ? list(data.values.slice(start, end), data.float)
        : undefined;
    },
    Cast: ({ attributes: { to } }, [data]) => {
      if (!data) return undefined;
      const convert = (value: number): number => (to === bool ? Number(value !== 0) : Math.trunc(value));
      if (floatTypes.has(to)) return { ...data, float: true };
      const values = data.values.map((value) => (typeof value === 'number' ? convert(value) : value));
      return { ...data, values, float: false };
    },
    Identity: same,
    Add: arithmetic((a, b) => a + b),
    Sub: arithmetic((a, b) => a - b),
    Mul: arithmetic((a, b) => a * b),
    Div: arithmetic((a, b, float) => (float ? a / b : Math.trunc(a / b))),
    // Of whole numbers it has the sign of the divisor.
    Mod: arithmetic((a, b) => a - b * Math.floor(a / b)),
    Pow: arithmetic((a, b) => a ** b),
    Max: each(numbersOnly((values) => Math.max(...values))),
    Min: each(numbersOnly((values) => Math.min(...values))),
    Neg: unary((a) => -a),
    Floor: unary(Math.floor),
    Ceil: unary(Math.ceil),
    Sqrt: unary(Math.sqrt),
    Reciprocal: unary((a) => 1 / a),
    // A batch is equal to nothing that is written for "as it is" (-1) or "one" (0).
    Equal: each(([a = null, b = null]) => {
      if (typeof a === 'number' && typeof b === 'number') return Number(a === b);
      return [a, b].some((size) => typeof size === 'number' && size <= 0) && a !== null && b !== null ? 0 : null;
    }, 'integer'),
    Where: (node, [condition, a, b]) => {
      const chosen = each(([which = null, x = null, y = null]) => (which === null ? null : which === 0 ? y : x));
      const found = chosen(node, [condition, a, b], undefined);
      return found && { ...found, float: a?.float === true || b?.float === true };
    },
    Range: (_node, [start, limit, delta]) => {
      const [from, to, step] = [start, limit, delta].map((part) => part?.values[0]);
      if (typeof from !== 'number' || typeof to !== 'number' || typeof step !== 'number') return undefined;
      const length = Math.max(0, Math.ceil((to - from) / step));
      return length <= longest
        ? list(
            Array.from({ length }, (_, index) => from + index * step),
            start?.float,
          )
        : undefined;
    },
    ReduceProd: reduce((values) => values.reduce((product, value) => product * value, 1)),
    ReduceSum: reduce((values) => values.reduce((sum, value) => sum + value, 0)),
    ReduceMax: reduce((values) => Math.max(...values)),
    ReduceMin: reduce((values) => Math.min(...values)),
  }),
);

/** Longest list of sizes that is worked out. */
const longest = 64;

/** Operators of which nothing may be left once sizes are worked out. */
export const sizeOperators: ReadonlySet<string> = new Set(rules.keys());

/** Operators whose result holds only values of their first input, or of all inputs of a Concat: zeros stay zeros. */
const moves: ReadonlySet<string> = new Set([
  ...[
    'Identity',
    'Cast',
    'Reshape',
    'Squeeze',
    'Unsqueeze',
    'Flatten',
    'Transpose',
    'Slice',
    'Gather',
    'Expand',
    'Tile',
  ],
  ...['Split', 'Concat'],
]);

/** Places of the initial states, which are zeros unless given. */
const states = [5, 6];
const recurrent: ReadonlySet<string> = new Set(['LSTM', 'GRU', 'RNN']);

export function foldSizes(graph: Graph, known: ReadonlyMap<string, PartialShape>): Graph {
  const shapes = new Map(known);
  const constants = new Map(graph.initializers.map((item) => [item.name, item]));
  const sizes = new Map<string, Sizes>();
  /** Those that nodes computed. */
  const computed = new Set<string>();
  /** Zeros of whatever size. */
  const zeros = new Set<string>();
  const noteValues = ({ name, dims, data, frozen }: Initializer): void => {
    const float = data instanceof Float32Array;
    // A float that is not said to be constant is a weight.
    if (dims.length <= 1 && data.length <= longest && (!float || frozen))
      sizes.set(name, { values: Array.from<number | bigint, number>(data, Number), scalar: dims.length === 0, float });
    if (float && data.every((value) => value === 0)) zeros.add(name);
  };
  for (const initializer of graph.initializers) {
    shapes.set(initializer.name, initializer.dims);
    noteValues(initializer);
  }
  const added: Initializer[] = [];
  const constant: AddConstant = (name, { scalar, float }, values) => {
    const data = float ? Float32Array.from(values) : BigInt64Array.from(values, BigInt);
    const item = { name, dims: scalar ? [] : [values.length], data, frozen: true };
    if (!constants.has(name)) added.push(item);
    constants.set(name, item);
    return name;
  };
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const nodes = graph.nodes.flatMap((node) => {
    const filled = filledConstant(node, sizes, constants);
    if (filled) {
      added.push(filled);
      constants.set(filled.name, filled);
      shapes.set(filled.name, filled.dims);
      noteValues(filled);
      return [];
    }
    const inputs = node.inputs.map((name) => sizes.get(name));
    // Constants that a file computes with each other are not sizes.
    const follows = node.opType === 'Shape' || node.opType === 'Size' || inputs.some((input) => !input?.float);
    const found = follows ? rules.get(node.opType)?.(node, inputs, shapes.get(node.inputs[0] ?? '')) : undefined;
    const rest = (): GraphNode => withConstants(node, sizes, computed, shapes, constant);
    const folded = found ? node : recurrent.has(node.opType) ? withoutZeros(node, zeros) : rest();
    inferNode(folded, shapes, constants);
    const [output = ''] = folded.outputs;
    if (found) {
      sizes.set(output, found);
      computed.add(output);
      const { values } = found;
      // What the file itself gives out.
      if (outputs.has(output) && values.every((value) => typeof value === 'number')) {
        constant(output, found, values);
        return [];
      }
    }
    const open = folded.opType === 'ConstantOfShape' && Number(folded.attributes.value ?? 0) === 0;
    const sources = folded.opType === 'Concat' ? folded.inputs : folded.inputs.slice(0, 1);
    const moved = moves.has(folded.opType) && sources.every((name) => zeros.has(name));
    if (open || moved) for (const name of folded.outputs) zeros.add(name);
    return [folded];
  });
  return withoutUnused({ ...graph, nodes, initializers: [...graph.initializers, ...added] }, nodes, graph);
}

/** Most values that a ConstantOfShape is written out for. */
const mostFilled = 2 ** 22;

/**
 * A ConstantOfShape, or an Expand of one number, as the constant it makes. Zeros for every sample of an
 * open batch are written as those of one, which broadcast.
 */
function filledConstant(
  { opType, attributes, inputs, outputs }: GraphNode,
  sizes: ReadonlyMap<string, Sizes>,
  constants: ReadonlyMap<string, Initializer>,
): Initializer | null {
  const expands = opType === 'Expand';
  if (!expands && opType !== 'ConstantOfShape') return null;
  const source = expands ? constants.get(inputs[0] ?? '') : undefined;
  const shape = sizes.get(inputs[expands ? 1 : 0] ?? '');
  // What is trained is no constant.
  const trained = source?.data instanceof Float32Array && !source.frozen && source.data[0] !== 0;
  if (!shape || (expands && (source?.data.length !== 1 || trained))) return null;
  const value = Number(source?.data[0] ?? attributes.value ?? 0);
  const dims = shape.values.flatMap((size) => {
    if (size === 'batch') return value === 0 ? 1 : [];
    return size !== null && size >= 0 ? size : [];
  });
  const count = dims.reduce((product, size) => product * size, 1);
  if (dims.length < shape.values.length || count > mostFilled) return null;
  const whole = source ? source.data instanceof BigInt64Array : attributes.valueType === 'int64';
  const data = whole ? new BigInt64Array(count).fill(BigInt(value)) : new Float32Array(count).fill(value);
  return { name: outputs[0] ?? '', dims, data, frozen: true };
}

type AddConstant = (name: string, kind: Sizes, values: readonly number[]) => string;

/** Inputs that were computed from sizes, as constants. */
function withConstants(
  node: GraphNode,
  sizes: ReadonlyMap<string, Sizes>,
  computed: ReadonlySet<string>,
  shapes: ReadonlyMap<string, PartialShape>,
  constant: AddConstant,
): GraphNode {
  const inputs = node.inputs.map((name, place) => {
    const found = sizes.get(name);
    if (!found || !computed.has(name)) return name;
    const { values } = found;
    if (values.every((value) => typeof value === 'number')) return constant(`${name}:sizes`, found, values);
    if (node.opType !== 'Reshape' || place !== 1) return name;
    const input = shapes.get(node.inputs[0] ?? '');
    const copied = values.map((value, at) => {
      if (typeof value === 'number') return value;
      return value === 'batch' && input?.[at] === -1 ? 0 : -1;
    });
    return copied.filter((value) => value === -1).length <= 1 ? constant(`${name}:shape`, list(copied), copied) : name;
  });
  return { ...node, inputs };
}

function withoutZeros(node: GraphNode, zeros: ReadonlySet<string>): GraphNode {
  const inputs = node.inputs.map((name, place) => (states.includes(place) && zeros.has(name) ? '' : name));
  return { ...node, inputs };
}

/** Nodes that computed what nothing reads any more; what nothing read to begin with stays as it is. */
function withoutUnused(graph: Graph, nodes: readonly GraphNode[], before: Graph): Graph {
  const outputs = graph.outputs.map(({ name }) => name);
  const readBefore = new Set([...before.nodes.flatMap(({ inputs }) => inputs), ...outputs]);
  const read = new Set(outputs);
  const kept = nodes.toReversed().filter((node) => {
    const needed = node.outputs.some((name) => read.has(name) || (name !== '' && !readBefore.has(name)));
    if (needed) for (const name of node.inputs) read.add(name);
    return needed;
  });
  const initializers = graph.initializers.filter(({ name }) => read.has(name) || !readBefore.has(name));
  return { ...graph, nodes: kept.toReversed(), initializers };
}
