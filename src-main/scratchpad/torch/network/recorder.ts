import type { Tensor as ConstantTensor } from '../../../engine/native';
import type { AttributeValue } from '../../../../shared/network/graph';
import type { CallContext } from '../../language/host';
import type { PyInstance } from '../../language/values';
import { AccumulateGrad } from '../autograd/backward';
import type { OperationListener } from '../autograd/listener';
import { integers } from '../autograd/tape';
import type { LayerCall, Trace } from '../autograd/trace';
import type { Buffer, Variable } from '../autograd/variable';
import { shapeText } from '../tensor/shape';
import type { RecordedValue, Recording, Step } from './recording';
import { NetworkRefusal } from './refusal';

/** Names of what a module holds. */
export interface ModuleNames {
  tensors: ReadonlyMap<Buffer, string>;
  layers: ReadonlyMap<PyInstance, string>;
}

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
    if (other === undefined) return this.addConstant(variable);
    // The same memory read under another shape.
    const id = this.add(variable, { kind: 'computed', shape: variable.shape });
    if (this.dependent.has(other)) this.dependent.add(id);
    this.step('Reshape', {}, [other, integers(variable.shape)], [id]);
    return id;
  }

  private addConstant(variable: Variable): number {
    const { buffer, shape, array, edge } = variable;
    // Whoever changes it from now on takes a copy first.
    buffer.shared = true;
    const trained = edge?.node instanceof AccumulateGrad;
    const name = this.names.tensors.get(buffer) ?? null;
    return this.add(variable, { kind: 'constant', shape, array, trained, name });
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
