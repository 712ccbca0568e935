import { LabError } from '../../../shared/errors';
import type { Graph, Initializer } from '../../../shared/network/graph';
import type { EngineOperator, Tensor } from '../../engine/native';

/** What an import asks of the engine. */
export interface ImportEngine {
  operators(): Promise<EngineOperator[]>;
  infer(graph: Graph, inputs: Record<string, Tensor>, threads?: number): Promise<Record<string, Tensor>>;
}

/** A value's dimensions without the batch, and whether the batch is where layers expect it: first, and nowhere else. */
export interface SampleShape {
  dims: number[];
  plain: boolean;
  /** It comes second, after the steps of a sequence. */
  second: boolean;
}

/** Prime to each other and to most sizes, so that a dimension that grows with the batch is told from one that happens to be equal. */
const batches = [2, 3] as const;

/**
 * The shape of every value for one sample, by running the graph on two batches: the engine's own shape rules, and proof that the
 * model takes any batch. Throws 'model.fixed-batch' where it does not.
 */
export async function sampleShapes(
  engine: ImportEngine,
  graph: Graph,
  file: string,
): Promise<Map<string, SampleShape>> {
  const values = graph.nodes.flatMap(({ outputs }) => outputs.filter((name) => name !== ''));
  const everything = { ...graph, outputs: values.map((name) => ({ name, dims: [] })) };
  const [two, three] = [await run(batches[0]), await run(batches[1])];
  const shapes = new Map<string, SampleShape>();
  for (const { name, dims } of graph.inputs) shapes.set(name, { dims: dims.slice(1), plain: true, second: false });
  for (const name of values) {
    const shape = sampleShape(two[name]?.dims ?? [], three[name]?.dims ?? []);
    if (!shape) throw new LabError('model.fixed-batch', { file, reason: `"${name}" does not grow with the batch` });
    shapes.set(name, shape);
  }
  return shapes;

  async function run(batch: number): Promise<Record<string, Tensor>> {
    const inputs = Object.fromEntries(graph.inputs.map(({ name, dims }) => [name, zeros([batch, ...dims.slice(1)])]));
    try {
      return await engine.infer(everything, inputs, 0);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new LabError('model.fixed-batch', { file, reason }, { cause: error });
    }
  }
}

export function zeros(dims: number[]): Tensor {
  return { dims, data: new Float32Array(dims.reduce((count, size) => count * size, 1)) };
}

/** Null where the two batches do not differ as batches do. */
function sampleShape(two: readonly number[], three: readonly number[]): SampleShape | null {
  if (two.length !== three.length) return null;
  const growing = two.flatMap((size, axis) => (size === three[axis] ? [] : [axis]));
  const [axis] = growing;
  // Computed from constants alone: the same for every sample.
  if (axis === undefined) return { dims: [...two], plain: false, second: false };
  const share = (two[axis] ?? 0) / batches[0];
  if (growing.length > 1 || share * batches[1] !== three[axis]) return null;
  // Heads or time steps may be folded into the batch: they stay as a size of their own.
  const rest = share === 1 ? [] : [share];
  const dims = [...two.slice(0, axis), ...rest, ...two.slice(axis + 1)];
  return { dims, plain: axis === 0 && share === 1, second: axis === 1 && share === 1 };
}

/**
 * A model for exactly one sample or batch, whose Reshapes say so, with that size left open: a first size equal to the fixed batch
 * is read from what comes in.
 */
export function openBatch(graph: Graph, batch: number | null): Graph {
  if (batch === null) return graph;
  const shapes = new Set(graph.nodes.flatMap(({ opType, inputs }) => (opType === 'Reshape' ? [inputs[1] ?? ''] : [])));
  const others = new Set(
    graph.nodes.flatMap(({ opType, inputs }) => inputs.filter((_, at) => opType !== 'Reshape' || at !== 1)),
  );
  const initializers = graph.initializers.map((item) => {
    const { name, data } = item;
    const fixed = shapes.has(name) && !others.has(name) && data instanceof BigInt64Array && data[0] === BigInt(batch);
    if (!fixed) return item;
    const open = data.slice();
    open[0] = 0n;
    return { ...item, data: open };
  });
  return { ...graph, initializers };
}

/** How a tensor differs from what is expected beyond rounding; null where it does not. */
export function closeTo(actual: Tensor | null, expected: Tensor): string | null {
  if (actual?.dims.join() !== expected.dims.join())
    return `shape [${actual?.dims.join() ?? ''}], not [${expected.dims.join()}]`;
  let scale = 1e-30;
  for (const value of expected.data) scale = Math.max(scale, Math.abs(Number(value)) || 0);
  for (const [index, value] of expected.data.entries()) {
    const [a, e] = [Number(actual.data[index]), Number(value)];
    if (!Object.is(a, e) && !(Math.abs(a - e) <= 1e-5 * scale)) return `${a} at ${index}, not ${e}`;
  }
  return null;
}

/**
 * Nodes that read constants only, as the constants they make: masks, scales, weights that are turned or cut before use. A weight stays
 * one if nothing but that reads it, for the same values are trained then.
 */
export async function computeConstants(engine: ImportEngine, given: Graph): Promise<Graph> {
  const graph = withoutAliases(given);
  const constants = new Map(graph.initializers.map((item) => [item.name, item]));
  const readers = new Map<string, number>();
  for (const { inputs } of graph.nodes) for (const name of inputs) readers.set(name, (readers.get(name) ?? 0) + 1);
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  /** Whether the constant a node makes is trained. */
  const made = new Map<string, boolean>();
  const computed = graph.nodes.filter((node) => {
    const inputs = node.inputs.filter((name) => name !== '');
    const trained = inputs.filter((name) => {
      const value = constants.get(name);
      return made.get(name) ?? (value?.data instanceof Float32Array && value.frozen !== true);
    });
    const constant = inputs.length > 0 && inputs.every((name) => constants.has(name) || made.has(name));
    const kept = trained.length === 0 || (moves.has(node.opType) && trained.every((name) => readers.get(name) === 1));
    if (!constant || !kept || node.outputs.some((name) => outputs.has(name))) return false;
    for (const name of node.outputs) made.set(name, trained.length > 0);
    return true;
  });
  if (computed.length === 0) return graph;
  const gone = new Set(computed);
  const nodes = graph.nodes.filter((node) => !gone.has(node));
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  const wanted = [...made.keys()].filter((name) => read.has(name));
  const used = new Set(computed.flatMap(({ inputs }) => inputs));
  const values = await engine.infer(
    {
      ...graph,
      nodes: computed,
      initializers: graph.initializers.filter(({ name }) => used.has(name)),
      inputs: [],
      outputs: wanted.map((name) => ({ name, dims: [] })),
    },
    {},
    0,
  );
  const results = wanted.map((name): Initializer => {
    const { dims = [], data = new Float32Array() } = values[name] ?? {};
    return { name, dims, data, ...(made.get(name) ? {} : { frozen: true }) };
  });
  const kept = graph.initializers.filter(({ name }) => read.has(name) || outputs.has(name) || !used.has(name));
  return { ...graph, nodes, initializers: [...kept, ...results] };
}

/**
 * PyTorch keeps one of several equal weights, and gives the others their names by an Identity. Those that hold one number throughout
 * (biases of 0, scales of 1 before training) are equal by chance: each gets its values back.
 */
function withoutAliases(graph: Graph): Graph {
  const names = new Map(graph.initializers.map(({ name }) => [name, name]));
  const byChance = new Map(graph.initializers.filter(isUniform).map((item) => [item.name, item]));
  const copies: Initializer[] = [];
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const nodes = graph.nodes.flatMap((node) => {
    const inputs = node.inputs.map((name) => names.get(name) ?? name);
    const [input = ''] = inputs;
    const [output = ''] = node.outputs;
    if (node.opType !== 'Identity' || !names.has(input) || outputs.has(output)) return [{ ...node, inputs }];
    const copied = byChance.get(input);
    if (copied) copies.push({ ...copied, name: output });
    names.set(output, copied ? output : input);
    return [];
  });
  return { ...graph, nodes, initializers: [...graph.initializers, ...copies] };
}

function isUniform({ data, frozen }: Initializer): boolean {
  return data instanceof Float32Array && !frozen && data.every((value) => value === data[0]);
}

/** Operators that put every value of a weight in one place. */
const moves: ReadonlySet<string> = new Set([
  ...['Identity', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten', 'Transpose', 'Concat'],
]);
