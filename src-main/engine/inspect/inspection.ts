import { readerTap, tapGraph, valueTap, type WatchedValue } from '../../../shared/inspect/taps';
import type { Graph, Initializer } from '../../../shared/network/graph';
import type { RecordedGraph } from '../../../shared/recorded-graph/recorded-graph';
import type { LossName } from '../../../shared/training/losses';
import { inSlices } from '../../slices';
import type { AnsweringCard, LossOptionsPlan, NativeEngine, Tensor } from '../native';
import type { CheckedGradient, InspectTensor, Read, Reading, WeightEdit, WeightPlace } from './messages';
import { recordNetwork } from './recorded-graph';
import { largest, picture, strongest, wholeRange } from './read';

export interface InspectionPlan {
  graph: Graph;
  watched: readonly WatchedValue[];
  loss: LossName;
  lossOptions: LossOptionsPlan;
  /** Where it is computed; null: on the processor. */
  device: AnsweringCard | null;
}

/** What one run left: everything that a person may ask to see. */
interface RunResult {
  graph: Graph;
  sample: Record<string, Tensor>;
  target: Tensor;
  values: Record<string, Tensor>;
  /** By initializer. */
  gradients: Record<string, Tensor>;
  /** By tap. */
  deltas: Record<string, Tensor>;
}

/** All inspections run on one thread: another would not change a bit, and the processors are for training. */
const threads = 1;

/**
 * One network under the microscope. Values and gradients of a run stay here, whole; calls read the few numbers that are shown. Weights are copies: no
 * training knows of it.
 */
export class Inspection {
  private result: RunResult | null = null;
  /** Questions that are being answered from `result`, whose arrays must then stay as they are. */
  private held = 0;

  constructor(
    private readonly native: NativeEngine,
    private readonly plan: InspectionPlan,
  ) {}

  /**
   * One sample forwards and backwards, by the operators training uses. The loss and ∂E/∂w are those of a training step, bit for bit. Deltas
   * need another pass: taps between a convolution and its pool keep the engine from computing both in one go, which sums in another order,
   * so that there δ·v may differ from ∂E/∂w in the last digit.
   */
  run(sample: Tensor, target: Tensor, edits: readonly WeightEdit[]): { loss: number } {
    const { watched, loss, lossOptions, device } = this.plan;
    const graph = withEdits(this.plan.graph, edits);
    const inputs = { [graph.inputs[0]?.name ?? '']: sample };
    const outputs = watched.map(({ name, dims }) => ({ name, dims: [-1, ...dims.slice(1)] }));
    const values = this.native.infer({ ...graph, outputs }, inputs, { threads, device });
    const options = { threads, device, loss: lossOptions };
    const old = this.held === 0 ? this.result : null;
    const { loss: value, gradients } = this.native.gradients(graph, inputs, target, loss, {
      ...options,
      into: old?.gradients ?? null,
    });
    const taps = tapGraph({ ...graph, initializers: frozen(graph) }, watched);
    const { gradients: deltas } = this.native.gradients(taps, inputs, target, loss, {
      ...options,
      into: old?.deltas ?? null,
    });
    this.result = { graph, sample: inputs, target, values, gradients, deltas };
    return { loss: value };
  }

  /** What ran, operator by operator. */
  recordedGraph(): RecordedGraph {
    const { loss, lossOptions, device } = this.plan;
    return recordNetwork(this.native, { ...this.ran(), loss, lossOptions, device });
  }

  read(reads: readonly Read[]): Reading[] {
    return reads.map((read) => this.readOne(read));
  }

  /** ∂E/∂w from the backward pass beside (E(w+h) - E(w-h)) / 2h, computed in double: on the processor, since cards compute in single precision. */
  check(places: readonly WeightPlace[]): Promise<CheckedGradient[]> {
    const { graph, gradients } = this.ran();
    const lossOf = this.lossInDouble(graph);
    return this.holding(places, (place) => {
      const initializer = floatsOf(graph, place.name);
      const values = initializer.slice();
      const weight = values[place.index] ?? 0;
      const step = stepFor(weight);
      // Rounded to what a weight can be: the difference between the two is exact.
      values[place.index] = weight + step;
      const above = values[place.index] ?? 0;
      const lossAbove = lossOf(new Map([[place.name, values]]));
      values[place.index] = weight - step;
      const below = values[place.index] ?? 0;
      const numeric = (lossAbove - lossOf(new Map([[place.name, values]]))) / (above - below);
      return { place, analytic: numberAt(gradients[place.name]?.data, place.index), numeric };
    });
  }

  /** In double, too. */
  whatIf(rates: readonly number[]): Promise<number[]> {
    const { graph, gradients } = this.ran();
    const lossOf = this.lossInDouble(graph);
    return this.holding(rates, (rate) => {
      const stepped = new Map<string, Float32Array>();
      for (const { name, data } of graph.initializers) {
        const gradient = gradients[name]?.data;
        if (!(data instanceof Float32Array) || !(gradient instanceof Float32Array)) continue;
        stepped.set(name, afterStep(data, gradient, rate));
      }
      return lossOf(stepped);
    });
  }

  /** A question that takes several slices of time, between which another run may come. */
  private async holding<Item, Answer>(items: readonly Item[], answer: (item: Item) => Answer): Promise<Answer[]> {
    this.held += 1;
    try {
      return await inSlices(items, answer);
    } finally {
      this.held -= 1;
    }
  }

  private readOne({ tensor, range, at = [], whole = false, top = 0, picture: wanted }: Read): Reading {
    const values = this.values(tensor);
    if (!values) return { found: false, largest: 0, values: at.map(() => 0), whole: null, top: [], picture: null };
    const part = range ?? wholeRange(values);
    const value = (place: number) => values[part.start + place * part.step] ?? NaN;
    return {
      found: true,
      largest: largest(values, part),
      values: at.map(value),
      whole: whole ? Float32Array.from({ length: part.count }, (_, place) => value(place)) : null,
      top: top === 0 ? [] : strongest(values, part, top).map((place) => ({ place, value: value(place) })),
      picture: wanted ? picture(values, part, wanted.rows, wanted.columns) : null,
    };
  }

  private values(tensor: InspectTensor): Float32Array | null {
    const { graph, values, gradients, deltas } = this.ran();
    if (tensor.of === 'weight') return floatsOf(graph, tensor.name);
    const found = {
      value: () => values[tensor.name],
      'value-gradient': () => deltas[valueTap(tensor.name)],
      'reader-gradient': () =>
        tensor.of === 'reader-gradient' ? deltas[readerTap(tensor.name, tensor.reader)] : undefined,
      'weight-gradient': () => gradients[tensor.name],
    }[tensor.of]();
    return found?.data instanceof Float32Array ? found.data : null;
  }

  /** The loss with some weights replaced. Nothing is trained there, so no backward pass is run. */
  private lossInDouble(graph: Graph): (replaced: ReadonlyMap<string, Float32Array>) => number {
    const { sample, target } = this.ran();
    const { loss, lossOptions } = this.plan;
    return (replaced) => {
      const initializers = frozen(graph).map((item) => ({ ...item, data: replaced.get(item.name) ?? item.data }));
      const options = { threads, precision: 'float64', loss: lossOptions } as const;
      return this.native.gradients({ ...graph, initializers }, sample, target, loss, options).loss;
    };
  }

  private ran(): RunResult {
    if (!this.result) throw new Error('this inspection has not run');
    return this.result;
  }
}

/** w - η·∂E/∂w in single precision, as the plain optimizer rounds it. */
function afterStep(weights: Float32Array, gradients: Float32Array, rate: number): Float32Array {
  const single = Math.fround(rate);
  return weights.map((weight, index) => weight - Math.fround(single * (gradients[index] ?? 0)));
}

/** About 1e-4 of the weight's size, a power of two: adding it loses no digit of the weight. */
function stepFor(weight: number): number {
  const size = Math.max(1, Math.abs(weight));
  return 2 ** (Math.floor(Math.log2(size)) - 13);
}

/** Weights that no gradient is asked for. */
function frozen({ initializers }: Graph): Initializer[] {
  return initializers.map((item) => ({ ...item, frozen: true }));
}

function withEdits(graph: Graph, edits: readonly WeightEdit[]): Graph {
  if (edits.length === 0) return graph;
  const initializers = graph.initializers.map((item): Initializer => {
    const own = edits.filter(({ name }) => name === item.name);
    if (own.length === 0 || !(item.data instanceof Float32Array)) return item;
    const data = item.data.slice();
    for (const { index, value } of own) if (index < data.length) data[index] = value;
    return { ...item, data };
  });
  return { ...graph, initializers };
}

function floatsOf(graph: Graph, name: string): Float32Array {
  const found = graph.initializers.find((item) => item.name === name);
  if (!(found?.data instanceof Float32Array)) throw new Error(`there is no weight ${name}`);
  return found.data;
}

function numberAt(values: Float32Array | BigInt64Array | undefined, index: number): number {
  return values instanceof Float32Array ? (values[index] ?? NaN) : NaN;
}
