import type { Tensor as ConstantTensor } from '../../../engine/native';
import type { AttributeValue } from '../../../../shared/network/graph';
import type { CallContext } from '../../language/host';
import type { PyInstance } from '../../language/values';
import { AccumulateGrad } from '../autograd/backward';
import type { OperationListener } from '../autograd/listener';
import { integers } from '../autograd/tape';
import type { LayerCall, Trace } from '../autograd/trace';
import type { Buffer } from '../autograd/buffer';
import type { Variable } from '../autograd/variable';
import { shapeText } from '../tensor/shape';
import type { RecordedValue, Recording, Step } from './recording';
import { NetworkRefusal } from './refusal';

/** Names of what a module holds. */
export interface ModuleNames {
  tensors: ReadonlyMap<Buffer, string>;
  layers: ReadonlyMap<PyInstance, string>;
}

/** Operators that put numbers in other places. Transpose is not among them: an import knows a weight that is read with rows as columns. */
const places: ReadonlySet<string> = new Set(['Reshape', 'Slice', 'Concat', 'Identity']);

/**
 * Records one forward call. Values are known by their memory and shape, so that a view, a detached tensor or a weight under another edge
 * is what it is; what it has not heard of is a constant.
 */
export class Recorder implements OperationListener {
  private readonly values: RecordedValue[] = [];
  private readonly steps: Step[] = [];
  private readonly inputs: number[] = [];
  /** Values by their memory, and of each by its shape. */
  private readonly known = new Map<Buffer, Map<string, number>>();
  /** Those that the input decides. */
  private readonly dependent = new Set<number>();

  constructor(
    private readonly trace: Trace,
    private readonly context: CallContext,
    private readonly names: ModuleNames,
  ) {}

  addInput(variable: Variable, name: string): void {
    const id = this.add(variable, { kind: 'input', name, shape: variable.shape });
    this.inputs.push(id);
    this.dependent.add(id);
  }

  finish(output: Variable): Recording {
    const { values, steps, inputs } = this;
    return { values, steps, inputs, output: this.idOf(output) };
  }

  operator(
    opType: string,
    inputs: readonly (Variable | ConstantTensor | null)[],
    attributes: Record<string, AttributeValue>,
    outputs: readonly Variable[],
  ): void {
    const read = inputs.map((input) => (input && 'buffer' in input ? this.idOf(input) : input));
    if (this.isConstant(opType, read)) {
      const name = this.nameOf(read);
      for (const output of outputs)
        this.addConstant(
          output,
          read.some((id) => this.isTrained(id)),
          name,
        );
      return;
    }
    const depends = read.some((id) => typeof id === 'number' && this.dependent.has(id));
    const made = outputs.map((output) => this.add(output, { kind: 'computed', shape: output.shape }));
    if (depends) for (const id of made) this.dependent.add(id);
    this.step(opType, attributes, read, made);
  }

  same(from: Variable, to: Variable): void {
    this.keep(to, this.idOf(from));
  }

  foreign(operation: string, inputs: readonly Variable[], output: Variable): void {
    if (this.known.has(output.buffer) || !inputs.some((input) => this.depends(input))) return;
    const { line } = this.context.position;
    this.dependent.add(this.add(output, { kind: 'foreign', operation, line, shape: output.shape }));
  }

  looked(at: Variable, how: string): void {
    if (!this.depends(at)) return;
    throw new NetworkRefusal('scratchpad.network-decides', { operation: how, line: this.context.position.line });
  }

  private depends({ buffer }: Variable): boolean {
    const ids = this.known.get(buffer)?.values() ?? [];
    return [...ids].some((id) => this.dependent.has(id));
  }

  private idOf(variable: Variable): number {
    const forms = this.known.get(variable.buffer);
    const found = forms?.get(shapeText(variable.shape));
    if (found !== undefined) return found;
    const [other] = forms?.values() ?? [];
    if (other === undefined) return this.addTensor(variable);
    if (this.values[other]?.kind === 'constant')
      return this.addConstant(variable, this.isTrained(other), this.nameOf([other]));
    // The same memory read under another shape.
    const id = this.add(variable, { kind: 'computed', shape: variable.shape });
    if (this.dependent.has(other)) this.dependent.add(id);
    this.step('Reshape', {}, [other, integers(variable.shape)], [id]);
    return id;
  }

  /** A tensor that nothing recorded has made. */
  private addTensor(variable: Variable): number {
    const trained = variable.edge?.node instanceof AccumulateGrad;
    return this.addConstant(variable, trained, this.names.tensors.get(variable.buffer) ?? null);
  }

  private addConstant(variable: Variable, trained: boolean, name: string | null): number {
    const { buffer, shape, array } = variable;
    // Whoever changes it from now on takes a copy first.
    buffer.shared = true;
    return this.add(variable, { kind: 'constant', shape, array, trained, name });
  }

  /**
   * Whether an operation makes the same numbers in every call: of constants, or of weights whose numbers it only puts in other places (the
   * gates of an LSTM in ONNX's order), which can be trained there as well.
   */
  private isConstant(opType: string, read: Step['inputs']): boolean {
    const ids = read.filter((id) => typeof id === 'number');
    if (ids.length === 0 || ids.some((id) => this.values[id]?.kind !== 'constant')) return false;
    return places.has(opType) || !ids.some((id) => this.isTrained(id));
  }

  private isTrained(id: Step['inputs'][number]): boolean {
    const value = typeof id === 'number' ? this.values[id] : undefined;
    return value?.kind === 'constant' && value.trained;
  }

  private nameOf(ids: Step['inputs']): string | null {
    const named = ids.map((id) => (typeof id === 'number' ? this.values[id] : undefined));
    const found = named.find((value) => value?.kind === 'constant' && value.name !== null);
    return found?.kind === 'constant' ? found.name : null;
  }

  private add(variable: Variable, value: RecordedValue): number {
    const id = this.values.push(value) - 1;
    this.keep(variable, id);
    return id;
  }

  private keep({ buffer, shape }: Variable, id: number): void {
    const forms = this.known.get(buffer) ?? new Map<string, number>();
    this.known.set(buffer, forms.set(shapeText(shape), id));
  }

  private step(
    opType: string,
    attributes: Record<string, AttributeValue>,
    inputs: Step['inputs'],
    outputs: number[],
  ): void {
    const { layer: call } = this.trace;
    const layer = call && { call: call.number, name: this.layerName(call) };
    this.steps.push({ opType, attributes, inputs, outputs, line: this.context.position.line, layer });
  }

  /** fc1, features.0; of a place in a Sequential (0, 1.2) that says nothing what it is: linear. */
  private layerName({ module, kind }: LayerCall): string {
    const known = module.deref();
    const path = (known && this.names.layers.get(known)) ?? '';
    return /[a-z]/i.test(path) ? path : kind.toLowerCase();
  }
}
