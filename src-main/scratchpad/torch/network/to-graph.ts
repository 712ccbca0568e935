import type { Graph, GraphNode, Initializer } from '../../../../shared/network/graph';
import type { Tensor as ConstantTensor } from '../../../engine/native';
import { elementCount, sameShape, type Shape } from '../tensor/shape';
import type { RecordedValue, Recording, Step } from './recording';
import { NetworkRefusal } from './refusal';

/** A forward call on so many samples. */
export interface Recorded {
  recording: Recording;
  batch: number;
}

/**
 * The graph of a recorded call, for any number of samples. Of two calls, with two numbers of samples, everything that differs between them
 * follows from that number or is refused; of a single one a first size that is the number of samples is taken for it.
 */
export function toGraph(name: string, first: Recorded, second: Recorded | null): Graph {
  const pair = new Pair(name, first, second);
  return pair.graph();
}

const wordOf = (opType: string): string => (opType === 'Gemm' ? 'linear' : opType.toLowerCase());

const batchFirst = (shape: Shape): number[] => [-1, ...shape.slice(1)];

class Pair {
  private readonly nodes: GraphNode[] = [];
  private readonly initializers = new Map<string, Initializer>();
  /** What a value is called, by its place. */
  private readonly names = new Map<number, string>();
  private readonly taken = new Set<string>();
  private readonly nodeNames = new Set<string>();
  private readonly layerNames = new Map<number, string>();

  constructor(
    private readonly name: string,
    private readonly first: Recorded,
    private readonly second: Recorded | null,
  ) {}

  graph(): Graph {
    const { values, inputs, output } = this.first.recording;
    const needed = this.needed();
    if (!inputs.some((id) => needed.values.has(id)))
      throw new NetworkRefusal('scratchpad.network-nothing', this.details);
    this.checkOutput(this.valueAt(output).shape);
    for (const id of inputs) this.names.set(id, this.free((values[id] as { name: string }).name));
    for (const [place, step] of this.first.recording.steps.entries())
      if (needed.steps.has(step)) this.addStep(step, this.second?.recording.steps[place] ?? null);
    return {
      name: 'network',
      nodes: this.nodes,
      initializers: [...this.initializers.values()],
      inputs: inputs.map((id) => ({ name: this.nameOf(id), dims: batchFirst(this.valueAt(id).shape) })),
      outputs: [{ name: this.nameOf(output), dims: batchFirst(this.valueAt(output).shape) }],
    };
  }

  private get details() {
    return { name: this.name };
  }

  /** What leads to the output. Throws where an operation on the way has no operator. */
  private needed(): { values: Set<number>; steps: Set<Step> } {
    const { values, steps, output } = this.first.recording;
    const found = { values: new Set([output]), steps: new Set<Step>() };
    for (const step of steps.toReversed()) {
      if (!step.outputs.some((id) => found.values.has(id))) continue;
      found.steps.add(step);
      for (const input of step.inputs) if (typeof input === 'number') found.values.add(input);
    }
    const foreign = [...found.values].map((id) => values[id]).find((value) => value?.kind === 'foreign');
    if (foreign?.kind === 'foreign') {
      const { operation, line } = foreign;
      throw line === null
        ? new NetworkRefusal('scratchpad.network-operation-taped', { operation })
        : new NetworkRefusal('scratchpad.network-operation', { operation, line });
    }
    const other = this.second?.recording;
    const equal = other === undefined || (other.steps.length === steps.length && other.values.length === values.length);
    if (!equal) throw new NetworkRefusal('scratchpad.network-steps', this.details);
    return found;
  }

  private checkOutput(shape: Shape): void {
    const { second } = this;
    const other = second?.recording.values[second.recording.output];
    const follows = shape[0] === this.first.batch && (!other || other.shape[0] === second?.batch);
    if (!follows) throw new NetworkRefusal('scratchpad.network-batch', { ...this.details, shape: shape.join(', ') });
  }

  private addStep(step: Step, other: Step | null): void {
    const { opType, attributes, outputs } = step;
    if (other && !(opType === other.opType && JSON.stringify(attributes) === JSON.stringify(other.attributes)))
      throw new NetworkRefusal('scratchpad.network-steps', this.details);
    const [input] = step.inputs;
    const [output = 0] = outputs;
    if (opType === 'Reshape' && typeof input === 'number' && this.reshapes(input, output, step)) return;
    // A copy is what it copies.
    if (opType === 'Identity' && typeof input === 'number')
      return void this.names.set(output, this.nameOf(input, step));
    const inputs = step.inputs.map((given, place) =>
      isZeroState(opType, place, given, this.first.recording)
        ? ''
        : this.inputName(given, other?.inputs[place] ?? null, step, place),
    );
    this.push(step, opType, inputs, attributes);
  }

  private push(step: Step, opType: string, inputs: string[], attributes: GraphNode['attributes']): void {
    const outputs = step.outputs.map((id) => this.outputName(id));
    this.nodes.push({ name: this.nodeName(step, opType), opType, inputs, outputs, attributes });
  }

  /** The last node of a layer is called as the layer is, and stands for it. */
  private nodeName({ layer, outputs }: Step, opType: string): string {
    if (!layer) return this.free(wordOf(opType), this.nodeNames);
    const known = this.layerNames.get(layer.call) ?? this.free(layer.name, this.nodeNames);
    this.layerNames.set(layer.call, known);
    const later = this.first.recording.steps.some(
      (step) => step.layer?.call === layer.call && (step.outputs[0] ?? 0) > (outputs[0] ?? 0),
    );
    return later ? this.free(`${known}.${wordOf(opType)}`, this.nodeNames) : known;
  }

  /** Whether a Reshape is none, or is a Flatten, and was dealt with. */
  private reshapes(input: number, output: number, step: Step): boolean {
    const [from, to] = [this.valueAt(input).shape, this.valueAt(output).shape];
    if (sameShape(from, to)) {
      this.names.set(output, this.nameOf(input, step));
      return true;
    }
    if (to.length !== 2 || from.length < 3 || to[0] !== from[0] || to[0] !== this.first.batch) return false;
    this.push(step, 'Flatten', [this.nameOf(input, step)], { axis: 1 });
    return true;
  }

  private inputName(given: Step['inputs'][number], other: Step['inputs'][number], step: Step, place: number): string {
    if (given === null) return '';
    if (typeof given === 'number') {
      if (this.second && typeof other !== 'number') throw this.varies(step);
      return this.nameOf(given, step, other as number | null);
    }
    const fixed = this.fixed(given, other as ConstantTensor | null, step, place);
    return this.addConstant(null, { ...fixed, frozen: true });
  }

  /** Numbers that are part of an operator: sizes and places, with the number of samples left open. */
  private fixed(
    given: ConstantTensor,
    other: ConstantTensor | null,
    step: Step,
    place: number,
  ): Omit<Initializer, 'name'> {
    const { data, dims } = given;
    const plain = { dims: [...dims], data };
    if (!(data instanceof BigInt64Array)) return plain;
    const samples = (value: bigint, i: number): boolean =>
      other ? value !== other.data[i] : step.opType === 'Reshape' && i === 0 && value === BigInt(this.first.batch);
    const differing = [...data.keys()].filter((i) => samples(data[i] as bigint, i));
    if (differing.length === 0) return plain;
    const open = data.slice();
    const [at = 0] = differing;
    if (step.opType === 'Reshape' && place === 1 && differing.length === 1) open[at] = -1n;
    else if (step.opType === 'Expand' && place === 1 && at === 0 && differing.length === 1) open[at] = 1n;
    else throw this.varies(step);
    return { ...plain, data: open };
  }

  private valueAt(id: number): RecordedValue {
    return this.first.recording.values[id] as RecordedValue;
  }

  private nameOf(id: number, step: Step | null = null, other: number | null = id): string {
    const known = this.names.get(id);
    if (known !== undefined) return known;
    const value = this.valueAt(id);
    if (value.kind !== 'constant') return this.outputName(id);
    const name = this.addConstant(value.name, this.constant(value, other, step));
    this.names.set(id, name);
    return name;
  }

  /** A tensor that is not computed: a weight, or the same numbers in every call. */
  private constant(
    value: RecordedValue & { kind: 'constant' },
    other: number | null,
    step: Step | null,
  ): Omit<Initializer, 'name'> {
    const { shape, array, trained } = value;
    const again = this.second && other !== null ? this.second.recording.values[other] : value;
    const same =
      again?.kind === 'constant' &&
      sameShape(again.shape, shape) &&
      again.array.every((x, i) => Object.is(x, array[i]));
    if (same) return { dims: [...shape], data: Float32Array.from(array), ...(trained ? {} : { frozen: true }) };
    const row = again?.kind === 'constant' ? commonRow(value, again) : null;
    if (!row) throw this.varies(step);
    return { dims: [1, ...shape.slice(1)], data: Float32Array.from(row), frozen: true };
  }

  private addConstant(wanted: string | null, value: Omit<Initializer, 'name'>): string {
    const name = this.free(wanted ?? `constant-${this.initializers.size + 1}`);
    this.initializers.set(name, { ...value, name });
    return name;
  }

  private outputName(id: number): string {
    const known = this.names.get(id);
    if (known !== undefined) return known;
    const name = this.free(id === this.first.recording.output ? 'output' : `value-${id}`);
    this.names.set(id, name);
    return name;
  }

  private free(wanted: string, taken = this.taken): string {
    let name = wanted;
    for (let number = 2; taken.has(name); number += 1) name = `${wanted}-${number}`;
    taken.add(name);
    return name;
  }

  private varies(step: Step | null): NetworkRefusal {
    const operation = step?.opType ?? '';
    return step?.line === null || !step
      ? new NetworkRefusal('scratchpad.network-operation-taped', { operation })
      : new NetworkRefusal('scratchpad.network-varies', { operation, line: step.line });
  }
}

/** A recurrent layer that starts from zeros needs not be told so: in the notebook there are as many as there are samples. */
function isZeroState(opType: string, place: number, given: Step['inputs'][number], { values }: Recording): boolean {
  if (!['RNN', 'LSTM', 'GRU'].includes(opType) || place < 5 || typeof given !== 'number') return false;
  const value = values[given];
  return value?.kind === 'constant' && !value.trained && value.array.every((x) => x === 0);
}

/** Rows that are all alike, as many as there are samples (torch.zeros(len(x), 8)): one of them stands for all. */
function commonRow(
  one: RecordedValue & { kind: 'constant' },
  two: RecordedValue & { kind: 'constant' },
): ArrayLike<number> | null {
  if (one.shape.length === 0 || !sameShape(one.shape.slice(1), two.shape.slice(1))) return null;
  const width = elementCount(one.shape.slice(1));
  const row = one.array.slice(0, width);
  const alike = [one, two].every(({ array }) => array.every((x, i) => Object.is(x, row[i % width])));
  return alike ? row : null;
}
