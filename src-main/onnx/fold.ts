import { type Graph, type GraphNode, type Initializer, isNumberList } from '../../shared/network/graph';
import { inferNode, type PartialShape } from './shapes';

/**
 * Exporters write sizes as a computation: Shape, Gather, Concat, then a Reshape to the result. Here such chains are worked out, with null for a size that is open, and what reads them gets a constant; a Reshape gets 0 (copy) or -1 (the rest) for an open size, a recurrent
 * layer loses initial states that are zeros of an open size, which is what it begins with anyway.
 */
type Size = number | 'batch' | null;

interface Sizes {
  /** A list, or the one value of a scalar. */
  values: Size[];
  scalar: boolean;
}

type Rule = (node: GraphNode, inputs: (Sizes | undefined)[], shape: PartialShape | undefined) => Sizes | undefined;

const list = (values: readonly Size[]): Sizes => ({ values: [...values], scalar: false });
const same: Rule = (_node, [first]) => first;

/** Of lists of one length, or with a scalar; open where one of them is. */
const arithmetic =
  (compute: (a: number, b: number) => number): Rule =>
  (_node, [a, b]) => {
    if (!a || !b) return undefined;
    const length = Math.max(a.values.length, b.values.length);
    const at = ({ values }: Sizes, index: number): Size => values[values.length === 1 ? 0 : index] ?? null;
    const values = Array.from({ length }, (_, index) => {
      const [x, y] = [at(a, index), at(b, index)];
      return typeof x === 'number' && typeof y === 'number' ? compute(x, y) : null;
    });
    return { values, scalar: a.scalar && b.scalar };
  };

const rules: ReadonlyMap<string, Rule> = new Map(
  Object.entries<Rule>({
    Shape: ({ attributes: { start = 0, end } }, _inputs, shape) =>
      shape &&
      list(
        shape
          .slice(Number(start), end === undefined ? undefined : Number(end))
          .map((size) => (size === -1 ? 'batch' : size)),
      ),
    Gather: (_node, [data, indices]) => {
      if (!data || data.scalar || !indices) return undefined;
      const values = indices.values.map((index) =>
        typeof index === 'number' ? (data.values.at(index) ?? null) : null,
      );
      return { values, scalar: indices.scalar };
    },
    Unsqueeze: (_node, [data]) => (data?.scalar ? list(data.values) : undefined),
    Squeeze: (_node, [data]) => (data?.values.length === 1 ? { ...data, scalar: true } : undefined),
    Concat: (_node, parts) =>
      parts.every((part) => part !== undefined && !part.scalar)
        ? list(parts.flatMap((part) => part?.values ?? []))
        : undefined,
    Slice: ({ attributes }, [data, starts, ends, , steps]) => {
      const start = starts?.values[0] ?? (isNumberList(attributes.starts) ? attributes.starts[0] : undefined);
      const end = ends?.values[0] ?? (isNumberList(attributes.ends) ? attributes.ends[0] : undefined);
      const plain = data && !data.scalar && (steps?.values[0] ?? 1) === 1;
      return plain && typeof start === 'number' && typeof end === 'number'
        ? list(data.values.slice(start, end))
        : undefined;
    },
    Cast: same,
    Identity: same,
    Add: arithmetic((a, b) => a + b),
    Sub: arithmetic((a, b) => a - b),
    Mul: arithmetic((a, b) => a * b),
    Div: arithmetic((a, b) => Math.trunc(a / b)),
  }),
);

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
  for (const { name, dims, data } of graph.initializers) {
    shapes.set(name, dims);
    if (data instanceof BigInt64Array && dims.length <= 1 && data.length <= 64)
      sizes.set(name, { values: Array.from(data, Number), scalar: dims.length === 0 });
    if (data instanceof Float32Array && data.every((value) => value === 0)) zeros.add(name);
  }
  const added: Initializer[] = [];
  const constant = (name: string, values: readonly number[], scalar = false): string => {
    const item = { name, dims: scalar ? [] : [values.length], data: BigInt64Array.from(values, BigInt), frozen: true };
    if (!constants.has(name)) added.push(item);
    constants.set(name, item);
    return name;
  };
  const nodes = graph.nodes.map((node) => {
    const found = rules.get(node.opType)?.(
      node,
      node.inputs.map((name) => sizes.get(name)),
      shapes.get(node.inputs[0] ?? ''),
    );
    const rest = (): GraphNode => withConstants(node, sizes, computed, shapes, constant);
    const folded = found ? node : recurrent.has(node.opType) ? withoutZeros(node, zeros) : rest();
    inferNode(folded, shapes, constants);
    const [output = ''] = folded.outputs;
    if (found) {
      sizes.set(output, found);
      computed.add(output);
    }
    const filled = folded.opType === 'ConstantOfShape' && Number(folded.attributes.value ?? 0) === 0;
    const expanded = folded.opType === 'Expand' && zeros.has(folded.inputs[0] ?? '');
    if (filled || expanded) zeros.add(output);
    return folded;
  });
  return withoutUnused({ ...graph, nodes, initializers: [...graph.initializers, ...added] }, nodes, graph);
}

/** Inputs that were computed from sizes, as constants. */
function withConstants(
  node: GraphNode,
  sizes: ReadonlyMap<string, Sizes>,
  computed: ReadonlySet<string>,
  shapes: ReadonlyMap<string, PartialShape>,
  constant: (name: string, values: readonly number[], scalar?: boolean) => string,
): GraphNode {
  const inputs = node.inputs.map((name, place) => {
    const found = sizes.get(name);
    if (!found || !computed.has(name)) return name;
    const { values, scalar } = found;
    if (values.every((value) => typeof value === 'number')) return constant(`${name}:sizes`, values, scalar);
    if (node.opType !== 'Reshape' || place !== 1) return name;
    const input = shapes.get(node.inputs[0] ?? '');
    const copied = values.map((value, at) => {
      if (typeof value === 'number') return value;
      return value === 'batch' && input?.[at] === -1 ? 0 : -1;
    });
    return copied.filter((value) => value === -1).length <= 1 ? constant(`${name}:shape`, copied) : name;
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
