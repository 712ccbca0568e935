import type { Graph, GraphNode, Initializer } from '../../../../shared/network/graph';

/** Operators that compute every number from the numbers in its place. */
const elementwise: ReadonlySet<string> = new Set([
  ...['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Max', 'Min', 'Neg', 'Abs', 'Exp', 'Log', 'Sqrt', 'Reciprocal', 'Erf', 'Clip'],
  ...['Sin', 'Cos', 'Tanh', 'Sigmoid', 'Relu', 'Softplus', 'Where', 'Greater', 'Less', 'Identity'],
]);

const count = ({ dims }: Initializer): number => dims.reduce((product, size) => product * size, 1);

/**
 * What people write by hand, as networks have it: a list of numbers [n] is a column [n, 1], and a + b · x of one number is a linear layer
 * with the weight b and the bias a.
 */
export const asWritten = (graph: Graph): Graph => withLinear(withColumns(graph));

function withColumns(graph: Graph): Graph {
  const { nodes, initializers, inputs, outputs } = graph;
  const flat = inputs.filter(({ dims }) => dims.length === 1);
  const column = <Port extends { dims: number[] }>(port: Port): Port =>
    port.dims.length === 1 ? { ...port, dims: [-1, 1] } : port;
  const [output] = outputs;
  if (flat.length === 0 && output?.dims.length !== 1) return graph;
  const ends = { inputs: inputs.map(column), outputs: outputs.map(column) };
  const places =
    flat.length === inputs.length &&
    nodes.every(({ opType }) => elementwise.has(opType)) &&
    initializers.every((item) => count(item) === 1);
  if (places) return { ...graph, ...ends };
  const shapes: Initializer[] = [];
  const reshape = (from: string, to: string, ...sizes: number[]): GraphNode => {
    const name = `${to}:shape`;
    shapes.push({ name, dims: [sizes.length], data: BigInt64Array.from(sizes, BigInt), frozen: true });
    return { name: '', opType: 'Reshape', inputs: [from, name], outputs: [to], attributes: {} };
  };
  const list = (name: string): string => `${name}:list`;
  const flats = new Set(flat.map(({ name }) => name));
  const before = flat.map(({ name }) => reshape(name, list(name), -1));
  const turned = output?.dims.length === 1 ? output.name : null;
  const named = (name: string): string => (flats.has(name) || name === turned ? list(name) : name);
  const inner = nodes.map((node) => ({ ...node, inputs: node.inputs.map(named), outputs: node.outputs.map(named) }));
  const after = turned === null ? [] : [reshape(list(turned), turned, -1, 1)];
  return { ...graph, ...ends, nodes: [...before, ...inner, ...after], initializers: [...initializers, ...shapes] };
}

function withLinear(graph: Graph): Graph {
  const columns = new Set(
    graph.inputs.filter(({ dims }) => dims.length === 2 && dims[1] === 1).map(({ name }) => name),
  );
  const numbers = new Map(
    graph.initializers.flatMap((item) =>
      item.data instanceof Float32Array && !item.frozen && count(item) === 1 ? [[item.name, item] as const] : [],
    ),
  );
  const readers = (name: string): number => graph.nodes.filter(({ inputs }) => inputs.includes(name)).length;
  /** The two inputs of a node, the weight first; null: they are something else. */
  const weighted = (node: GraphNode | undefined, isOther: (name: string) => boolean): [string, string] | null => {
    const [a = '', b = ''] = node?.inputs ?? [];
    if (numbers.has(a) && isOther(b)) return [a, b];
    return numbers.has(b) && isOther(a) ? [b, a] : null;
  };
  const products = new Map(
    graph.nodes.flatMap((node) => {
      const [output = ''] = node.outputs;
      const found = node.opType === 'Mul' && readers(output) === 1 ? weighted(node, (name) => columns.has(name)) : null;
      return found ? [[output, { node, weight: found[0], input: found[1] }] as const] : [];
    }),
  );
  const gone = new Set<GraphNode>();
  const dims = new Map<string, number[]>();
  const nodes = graph.nodes.map((node): GraphNode => {
    const sum = node.opType === 'Add' ? weighted(node, (name) => products.has(name)) : null;
    const product = products.get(sum?.[1] ?? '');
    if (!sum || !product || readers(sum[0]) > 1 || readers(product.weight) > 1) return node;
    gone.add(product.node);
    dims.set(product.weight, [1, 1]).set(sum[0], [1]);
    const inputs = [product.input, product.weight, sum[0]];
    return { ...node, name: 'linear', opType: 'Gemm', inputs, attributes: { alpha: 1, beta: 1, transA: 0, transB: 1 } };
  });
  const initializers = graph.initializers.map((item) => ({ ...item, dims: dims.get(item.name) ?? item.dims }));
  return { ...graph, nodes: nodes.filter((node) => !gone.has(node)), initializers };
}
