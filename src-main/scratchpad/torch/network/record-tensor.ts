import type { Value } from '../../language/values';
import { AccumulateGrad } from '../autograd/backward';
import type { Operand, Operation, Trace } from '../autograd/trace';
import { Variable } from '../autograd/variable';
import { namedTensors } from '../graph';
import { elementCount, type Shape } from '../tensor/shape';
import { isTensor, type Tensor } from '../tensor/tensor';
import type { RecordedValue, Recording, Step } from './recording';
import { NetworkRefusal } from './refusal';

/** A tensor without gradient that another one was computed from: its input, perhaps. */
export interface Leaf {
  /** Of the variable that was read. */
  id: number;
  name: string;
  shape: Shape;
}

type Place = Variable | Operand;
type Variables = readonly (readonly [string, Value])[];

/** What may be the input of a tensor: it has as many rows, and the gradient ends before it. */
export function inputLeaves(result: Tensor, variables: Variables): Leaf[] {
  const walk = new TapeWalk(result.session.tape.trace, variables, new Set());
  walk.visit(result.variable);
  const rows = result.shape[0];
  return walk.leaves.filter(({ shape }) => shape.length > 0 && shape[0] === rows && elementCount(shape) > 1);
}

/** The operations behind a tensor, from the tensors in `inputs` on, with the weights as they are now. */
export function recordTensor(result: Tensor, variables: Variables, inputs: readonly Leaf[]): Recording {
  const walk = new TapeWalk(result.session.tape.trace, variables, new Set(inputs.map(({ id }) => id)));
  return walk.recording(result.variable);
}

class TapeWalk {
  readonly leaves: Leaf[] = [];
  private readonly values: RecordedValue[] = [];
  private readonly steps: Step[] = [];
  private readonly inputs: number[] = [];
  /** Values of operations, by output; of weights, and (by number) of everything else. */
  private readonly made = new Map<Operation | AccumulateGrad | number, number[]>();
  private readonly named: ReadonlyMap<number, { name: string; tensor: Tensor }>;

  constructor(
    private readonly trace: Trace,
    variables: Variables,
    private readonly wanted: ReadonlySet<number>,
  ) {
    const { tensors } = namedTensors(variables);
    this.named = new Map(tensors.map((named) => [named.tensor.variable.id, named]));
  }

  recording(result: Variable): Recording {
    const output = this.visit(result);
    const { values, steps, inputs } = this;
    return { values, steps, inputs, output };
  }

  visit(place: Place): number {
    const { edge, id } = place;
    if (edge?.node instanceof AccumulateGrad)
      return this.once(edge.node, () => this.weight(edge.node as AccumulateGrad));
    if (edge) return this.operation(edge.node.operation as Operation, edge.output);
    const computed = place.madeBy && !this.named.has(id) ? this.trace.recall(place.madeBy) : undefined;
    if (computed?.form && place.madeBy) return this.operation(computed, place.madeBy.output);
    return this.once(id, () => this.leaf(place));
  }

  private once(key: AccumulateGrad | number, make: () => RecordedValue): number {
    const [known] = this.made.get(key) ?? [];
    if (known !== undefined) return known;
    const id = this.values.push(make()) - 1;
    this.made.set(key, [id]);
    if (this.values[id]?.kind === 'input') this.inputs.push(id);
    return id;
  }

  private operation(operation: Operation, output: number): number {
    const known = this.made.get(operation);
    if (known) return known[output] as number;
    const { form, operator } = operation;
    const inputs = form
      ? operation.inputs.map((operand, i) => (operand ? this.visit(operand) : (form.constants[i] ?? null)))
      : [];
    const outputs = operation.outputs.map(({ shape }) => {
      const value: RecordedValue = form
        ? { kind: 'computed', shape }
        : { kind: 'foreign', operation: operator, line: null, shape };
      return this.values.push(value) - 1;
    });
    this.made.set(operation, outputs);
    if (form)
      this.steps.push({ opType: operator, attributes: form.attributes, inputs, outputs, line: null, layer: null });
    // What leads to it is still looked through for inputs.
    else for (const operand of operation.inputs) if (operand) this.visit(operand);
    return outputs[output] as number;
  }

  private weight({ holder }: AccumulateGrad): RecordedValue {
    const tensor = holder as unknown as Value;
    if (!isTensor(tensor))
      throw new NetworkRefusal('scratchpad.network-gone', { operation: 'AccumulateGrad', name: '' });
    const name = [...this.named.values()].find((named) => named.tensor === tensor)?.name ?? null;
    return { kind: 'constant', shape: tensor.shape, array: tensor.array, trained: true, name };
  }

  private leaf(place: Place): RecordedValue {
    const { id, shape } = place;
    const named = this.named.get(id);
    const name = named?.name ?? null;
    if (!this.leaves.some((leaf) => leaf.id === id))
      this.leaves.push({ id, name: name ?? `#${this.leaves.length + 1}`, shape });
    if (this.wanted.has(id)) return { kind: 'input', name: name ?? 'input', shape };
    const kept = place instanceof Variable ? place.array : (named?.tensor.array ?? place.value?.numbers ?? null);
    if (!kept) return { kind: 'foreign', operation: `[${shape.join(', ')}]`, line: null, shape };
    return { kind: 'constant', shape, array: Float64Array.from(kept), trained: false, name };
  }
}
