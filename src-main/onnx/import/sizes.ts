import { LabError } from '../../../shared/errors';
import type { Graph } from '../../../shared/network/graph';
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
  for (const { name, dims } of graph.inputs) shapes.set(name, { dims: dims.slice(1), plain: true });
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
  if (axis === undefined) return { dims: [...two], plain: false };
  const share = (two[axis] ?? 0) / batches[0];
  if (growing.length > 1 || share * batches[1] !== three[axis]) return null;
  // Heads or time steps may be folded into the batch: they stay as a size of their own.
  const rest = share === 1 ? [] : [share];
  return { dims: [...two.slice(0, axis), ...rest, ...two.slice(axis + 1)], plain: axis === 0 && share === 1 };
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
