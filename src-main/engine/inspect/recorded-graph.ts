import { readersOf, readerTap, tapGraph, valueTap, type Reader, type WatchedValue } from '../../../shared/inspect/taps';
import type { Graph, GraphNode, Initializer } from '../../../shared/network/graph';
import type {
  RecordedEdge,
  RecordedGraph,
  RecordedNode,
  RecordedValue,
} from '../../../shared/recorded-graph/recorded-graph';
import { summarise, type NumberSummary } from '../../../shared/recorded-graph/summary';
import type { LossName } from '../../../shared/training/losses';
import type { AnsweringCard, LossOptionsPlan, NativeEngine, Tensor } from '../native';

/** A network, and one sample that goes through it. */
export interface SampleRun {
  graph: Graph;
  /** By the name of the graph's input. */
  sample: Record<string, Tensor>;
  target: Tensor;
  loss: LossName;
  lossOptions: LossOptionsPlan;
  /** Where it is computed; null: on the processor. */
  device: AnsweringCard | null;
}

/** Of the nodes that are none of the graph's: no layer's name begins with this sign. */
const targetId = '#target';
const lossId = '#loss';

const threads = 1;

/**
 * The operators of the network with the loss behind them, forwards and backwards on the sample: every value, ∂E/∂value and what of it came back through
 * each reader, every weight and ∂E/∂w. A node belongs to the layer that its name begins with; which layers there are the caller knows.
 */
export function recordNetwork(native: NativeEngine, run: SampleRun): RecordedGraph {
  const { graph, sample, target, loss, lossOptions, device } = run;
  const outputs = graph.nodes.flatMap(({ outputs: names }) =>
    names.filter(isGiven).map((name) => ({ name, dims: [] })),
  );
  const values = { ...native.infer({ ...graph, outputs }, sample, { threads, device }), ...sample };
  const trained = trainedValues(graph);
  const watched = [...trained].flatMap((name) => (values[name] ? [{ name, dims: values[name].dims }] : []));
  const options = { threads, device, loss: lossOptions };
  const backward = native.gradients(tapGraph(graph, watched), sample, target, loss, options);
  return new Recording(run, { values, trained, watched, ...backward }).graph;
}

interface Computed {
  values: Record<string, Tensor>;
  /** Values and weights that have a gradient. */
  trained: ReadonlySet<string>;
  watched: readonly WatchedValue[];
  loss: number;
  /** By weight and by tap. */
  gradients: Record<string, Tensor>;
}

class Recording {
  private readonly nodes: RecordedNode[] = [];
  private readonly edges: RecordedEdge[] = [];
  /** Where a value comes from. */
  private readonly made = new Map<string, { from: string; output: number }>();
  private readonly device: string;
  private readonly readers: ReadonlyMap<string, readonly Reader[]>;
  private readonly watched: ReadonlySet<string>;

  constructor(
    { graph, target, loss, device }: SampleRun,
    private readonly computed: Computed,
  ) {
    this.device = device ? `cuda:${device.card}` : 'cpu';
    this.readers = readersOf(graph);
    this.watched = new Set(computed.watched.map(({ name }) => name));
    const initializers = new Map(graph.initializers.map((item) => [item.name, item]));
    const [answer] = graph.outputs;

    for (const { name } of graph.inputs) this.tensor(name, null, this.value(name, ['x']));
    for (const node of graph.nodes) {
      for (const name of node.inputs) {
        const initializer = initializers.get(name);
        if (initializer && !this.made.has(name)) this.weight(initializer);
      }
      this.operator(node, answer?.name);
    }
    this.tensor(targetId, null, { names: ['d'], ...told(target), gradient: null });
    this.loss(loss, answer?.name ?? '');
  }

  get graph(): RecordedGraph {
    return { nodes: this.nodes, edges: this.edges, groups: [] };
  }

  private tensor(name: string, group: string | null, value: RecordedValue): void {
    const requiresGrad = this.computed.trained.has(name);
    this.add({ id: name, kind: requiresGrad ? 'leaf' : 'constant', operator: null, group, requiresGrad }, [value]);
    this.made.set(name, { from: name, output: 0 });
  }

  private weight({ name, dims, data }: Initializer): void {
    const group = layerOf(name);
    const gradient = summaryOf(this.computed.gradients[name]);
    this.tensor(name, group, { names: [name.slice(group.length + 1)], ...told({ dims, data }), gradient });
  }

  private operator({ name: id, opType, inputs, outputs }: GraphNode, answer: string | undefined): void {
    const given = outputs.filter(isGiven);
    const requiresGrad = given.some((name) => this.computed.trained.has(name));
    this.add(
      { id, kind: 'operator', operator: opType, group: layerOf(id), requiresGrad },
      given.map((name) => this.value(name, name === answer ? ['y'] : [])),
    );
    given.forEach((name, output) => this.made.set(name, { from: id, output }));
    inputs.forEach((name, input) => this.read(name, id, input));
  }

  private loss(loss: LossName, answer: string): void {
    const number = (value: number): NumberSummary => ({ kind: 'numbers', numbers: [value] });
    this.add({ id: lossId, kind: 'operator', operator: loss, group: null, requiresGrad: true, result: true }, [
      { names: ['E'], shape: [], dtype: 'float32', value: number(this.computed.loss), gradient: number(1) },
    ]);
    this.read(answer, lossId, 0);
    this.read(targetId, lossId, 1);
  }

  private add(
    node: Pick<RecordedNode, 'id' | 'kind' | 'operator' | 'group' | 'requiresGrad'> & { result?: boolean },
    outputs: RecordedValue[],
  ): void {
    this.nodes.push({ gradFunction: null, device: this.device, result: false, ...node, outputs });
  }

  private read(name: string, to: string, input: number): void {
    const place = this.made.get(name);
    if (!place) return;
    const requiresGrad = this.computed.trained.has(name);
    this.edges.push({ ...place, to, input, requiresGrad, gradient: this.returned(name, { node: to, input }) });
  }

  private value(name: string, names: string[]): RecordedValue {
    const { values, gradients } = this.computed;
    return { names, ...told(values[name]), gradient: summaryOf(gradients[valueTap(name)]) };
  }

  /** What came back through one reader. Of a weight only the sum over all readers is known. */
  private returned(name: string, reader: Reader): NumberSummary | null {
    const several = (this.readers.get(name)?.length ?? 0) > 1;
    if (!this.watched.has(name)) return several ? null : summaryOf(this.computed.gradients[name]);
    return summaryOf(this.computed.gradients[several ? readerTap(name, reader) : valueTap(name)]);
  }
}

/** Trained weights, and all that is computed from one. */
function trainedValues({ nodes, initializers }: Graph): Set<string> {
  const weights = initializers.filter(({ data, frozen }) => data instanceof Float32Array && !frozen);
  const found = new Set(weights.map(({ name }) => name));
  for (const { inputs, outputs } of nodes)
    if (inputs.some((name) => found.has(name))) for (const name of outputs.filter(isGiven)) found.add(name);
  return found;
}

/** An output that is left out has an empty name. */
const isGiven = (name: string): boolean => name !== '';

/** Nodes and weights are called after their layer: "id", "id.weight". */
const layerOf = (name: string): string => name.split('.', 1)[0] ?? name;

const told = (tensor: Tensor | undefined): Pick<RecordedValue, 'shape' | 'dtype' | 'value'> => ({
  shape: tensor?.dims ?? [],
  dtype: tensor?.data instanceof BigInt64Array ? 'int64' : 'float32',
  value: summaryOf(tensor),
});

function summaryOf(tensor: Tensor | undefined): NumberSummary | null {
  if (!tensor) return null;
  const { data } = tensor;
  return summarise(data instanceof Float32Array ? data : Array.from(data, Number));
}
