import type { EagerArray } from '../../../engine/native';
import { PythonError } from '../../language/errors';
import {
  HostObject,
  type BinaryOperator,
  type CallContext,
  type CompareOperator,
  type UnaryOperator,
} from '../../language/host';
import { format } from '../../language/representation';
import type { PyClass, Value } from '../../language/values';
import { AccumulateGrad } from '../autograd/backward';
import { readAt, writtenAt } from '../autograd/places';
import { Buffer } from '../autograd/buffer';
import { Variable, type Edge, type VersionCounter } from '../autograd/variable';
import type { Session } from '../session';
import { cpu, type Device } from './device';
import type { DType } from './dtype';
import { add, cast } from '../math/pointwise';
import { elementCount, sameShape, shapeText, stridesOf, type Shape } from './shape';
import { placesOf, writablePlaces, type View } from './view';

/**
 * A torch.Tensor. Values are read through `variable`, which is contiguous; a tensor that shares the memory of another one (a slice, a transposed
 * one) reads it again when that has changed. Values are changed through `assign`, which writes into the memory of the base.
 */
export class Tensor extends HostObject {
  grad: Tensor | null = null;
  /** Tensor, Parameter or NumPy's ndarray. */
  readonly type: PyClass;
  retainsGrad = false;
  /** Changes of the memory; views compare. */
  revision = 0;
  readonly counter: VersionCounter;
  private current: Variable;
  private seen: number;

  constructor(
    readonly session: Session,
    variable: Variable,
    readonly view: View | null = null,
    private place: Device = cpu,
    type: PyClass = session.tensorClass,
  ) {
    super();
    this.type = type;
    this.counter = view ? view.base.counter : { value: 0 };
    this.current = this.adopt(variable);
    this.seen = view?.base.revision ?? 0;
  }

  get variable(): Variable {
    const { view } = this;
    if (view && this.seen !== view.base.revision) {
      this.seen = view.base.revision;
      this.current = this.adopt(this.readAgain(view));
    }
    return this.current;
  }

  get device(): Device {
    return this.place;
  }
  get shape(): Shape {
    return this.current.shape;
  }
  get dtype(): DType {
    return this.current.dtype;
  }
  get count(): number {
    return elementCount(this.current.shape);
  }
  /** To be read only. */
  get array(): EagerArray {
    return this.variable.array;
  }
  get strides(): readonly number[] {
    return this.view?.strides ?? stridesOf(this.shape);
  }
  get contiguous(): boolean {
    const plain = stridesOf(this.shape);
    return this.strides.every((stride, i) => stride === plain[i] || (this.shape[i] as number) <= 1);
  }
  get edge(): Edge | null {
    return this.variable.edge;
  }
  get requiresGrad(): boolean {
    return this.edge !== null;
  }
  get isLeaf(): boolean {
    return !this.edge || this.edge.node instanceof AccumulateGrad;
  }

  /** Another tensor that looks into the same memory. `variable`: what it reads there now. */
  viewed(variable: Variable, offset: number, strides: readonly number[], detached = false): Tensor {
    const { view } = this;
    return new Tensor(
      this.session,
      variable,
      { base: view?.base ?? this, offset, strides, detached: detached || (view?.detached ?? false) },
      this.device,
      this.type === this.session.arrayClass ? this.type : this.session.tensorClass,
    );
  }

  setRequiresGrad(requires: boolean): void {
    if (requires && this.dtype.kind !== 'float')
      throw new PythonError(
        'RuntimeError',
        `only Tensors of floating point dtype can require gradients. Hint: create it with decimal points (2. instead of 2) or dtype=torch.float32, this one is ${this.dtype.repr()}.`,
      );
    if (!this.isLeaf) {
      if (requires) return;
      throw new PythonError(
        'RuntimeError',
        "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach().",
      );
    }
    if (requires === this.requiresGrad) return;
    const node = requires ? new AccumulateGrad(this.count, this.dtype, this) : null;
    const { buffer, shape, dtype } = this.variable;
    this.current = this.adopt(new Variable(buffer, shape, dtype, node && { node, output: 0 }));
  }

  /** detach_(): a leaf without gradient from here on. */
  forget(): void {
    const { buffer, shape, dtype } = this.variable;
    this.current = this.adopt(new Variable(buffer, shape, dtype, null));
  }

  /** `x.data = y`: other values, of any shape, for the same leaf. */
  replace(values: Variable): void {
    const { edge } = this;
    values.buffer.shared = true;
    if (edge && !sameShape(values.shape, this.shape)) {
      this.write(new Variable(values.buffer, values.shape, values.dtype, null));
      this.setRequiresGrad(true);
    } else {
      this.write(new Variable(values.buffer, values.shape, values.dtype, edge));
    }
  }

  /** The same tensor elsewhere, its gradient with it: what modules do with their parameters. */
  moveTo(device: Device): void {
    this.place = device;
    this.write(this.variable.alias(this.shape, this.edge));
    this.variable.buffer.settle();
    this.grad?.moveTo(device);
  }

  addGradient(gradient: Buffer): void {
    if (!this.grad) {
      this.grad = new Tensor(this.session, new Variable(gradient, this.shape, this.dtype, null), null, this.device);
      return;
    }
    const sum = this.session.tape.addTo(this.grad.variable.buffer.own(), gradient);
    this.grad.write(new Variable(sum, this.shape, this.dtype, this.grad.edge));
  }

  addRecorded(gradient: Variable): void {
    const { tape } = this.session;
    const total = this.grad ? add(tape, this.grad.variable, gradient) : gradient.alias(gradient.shape, gradient.edge);
    this.grad = new Tensor(this.session, total, null, this.device);
  }

  /** Gradients are kept here although this is no leaf. */
  retainGrad(): void {
    const { edge } = this;
    if (!edge || this.isLeaf || this.retainsGrad) return;
    this.retainsGrad = true;
    edge.node.retained ??= new Map();
    edge.node.retained.set(edge.output, (gradient) => this.addGradient(gradient));
  }

  /** Takes over the values of the result of an operation, as `x += y` does. Returns this. */
  become(result: Value): this {
    if (!isTensor(result)) return this;
    const from = result.dtype;
    if (kinds.indexOf(from.kind) > kinds.indexOf(this.dtype.kind))
      throw new PythonError(
        'RuntimeError',
        `result type ${from.scalarName} can't be cast to the desired output type ${this.dtype.scalarName}`,
      );
    if (!sameShape(result.shape, this.shape))
      throw new PythonError(
        'RuntimeError',
        `output with shape ${shapeText(this.shape)} doesn't match the broadcast shape ${shapeText(result.shape)}`,
      );
    this.assign(cast(this.session.tape, result.variable, this.dtype));
    return this;
  }

  /** New values of the same shape and dtype in place of the old ones, as an in-place operation leaves them. */
  assign(values: Variable): void {
    const { view } = this;
    this.refuseLeaf();
    // The memory may be that of another tensor: x.copy_(y).
    if (values.counter) values.buffer.shared = true;
    const { tape } = this.session;
    const keeps = !tape.recording || (view?.detached ?? false);
    if (!view) {
      this.write(keeps ? new Variable(values.buffer, values.shape, values.dtype, this.edge) : values);
      return;
    }
    view.base.assignAt(writablePlaces(view, this.shape), values, keeps);
  }

  /** New values at places of the memory that this tensor looks into. */
  writeAt(places: Int32Array, values: Variable): void {
    const keeps = !this.session.tape.recording || (this.view?.detached ?? false);
    (this.view?.base ?? this).assignAt(places, values, keeps);
  }

  /** The same for the elements at some places of this tensor (no view). `keeps`: no gradient goes to the new values. */
  assignAt(places: Int32Array, values: Variable, keeps = !this.session.tape.recording): void {
    const before = this.variable;
    const array = this.writable();
    for (let i = 0; i < places.length; i++) array[places[i] as number] = values.array[i] as number;
    const { tape } = this.session;
    const edge = keeps ? before.edge : writtenAt(tape, before, values, places, array);
    const written = new Variable(new Buffer(array), before.shape, before.dtype, edge);
    tape.listener?.foreign('x[…] = …', [before, values], written);
    this.write(written);
  }

  /** The array of this tensor (no view), to be written to: a copy where something else relies on the old values. */
  writable(): EagerArray {
    const { buffer } = this.current;
    if (!buffer.shared) return buffer.written;
    this.session.tape.context?.chargeMemory(buffer.array.byteLength);
    return buffer.array.slice();
  }

  /** What this tensor is from now on, whatever it was. */
  private write(variable: Variable): void {
    this.counter.value += 1;
    this.revision += 1;
    this.current = this.adopt(variable);
  }

  /** In-place operations on a leaf would leave its gradient without a meaning. */
  refuseLeaf(): void {
    if (!this.session.tape.recording || !this.requiresGrad || this.view?.detached) return;
    const hint = 'Hint: inside "with torch.no_grad():" the values of a parameter may be changed.';
    if (!this.view && this.isLeaf)
      throw new PythonError(
        'RuntimeError',
        `a leaf Variable that requires grad is being used in an in-place operation. ${hint}`,
      );
    if (this.view?.base.isLeaf && this.view.base.requiresGrad)
      throw new PythonError(
        'RuntimeError',
        `a view of a leaf Variable that requires grad is being used in an in-place operation. ${hint}`,
      );
  }

  private readAgain(view: View): Variable {
    const { session, shape } = this;
    const from = view.base.variable;
    const source = view.detached ? from.alias(from.shape, null) : from;
    // Whether something is recorded follows from the base, wherever the view is read.
    return session.withRecording(true, () =>
      readAt(session.tape, source, placesOf(view, shape), shape, 'AsStridedBackward0'),
    );
  }

  private adopt(variable: Variable): Variable {
    const held =
      variable.counter && variable.counter !== this.counter ? variable.alias(variable.shape, variable.edge) : variable;
    const { buffer } = held;
    held.moveTo(this.place.card);
    if (held.buffer !== buffer)
      this.session.tape.listener?.same(new Variable(buffer, held.shape, held.dtype, held.edge), held);
    held.counter = this.counter;
    held.version = this.counter.value;
    return held;
  }

  // Python's syntax.

  override attribute(name: string, context: CallContext): Value | undefined {
    const own = this.session.protocol.attribute(this, name);
    return own === undefined ? super.attribute(name, context) : own;
  }
  override attributeNames(): Iterable<string> {
    return new Set([...super.attributeNames(), ...this.session.protocol.attributeNames(this)]);
  }
  override setAttribute(name: string, value: Value, context: CallContext): void {
    this.session.enter(context).setAttribute(this, name, value, context);
  }
  override binary(operator: BinaryOperator, other: Value, reflected: boolean, context: CallContext): Value | undefined {
    return this.session.enter(context).binary(this, operator, other, reflected, context);
  }
  override inPlace(operator: BinaryOperator, other: Value, context: CallContext): Value | undefined {
    return this.session.enter(context).inPlace(this, operator, other);
  }
  override unary(operator: UnaryOperator, context: CallContext): Value | undefined {
    return this.session.enter(context).unary(this, operator);
  }
  override compare(operator: CompareOperator, other: Value, context: CallContext): Value | undefined {
    return this.session.enter(context).compare(this, operator, other);
  }
  override item(index: Value, context: CallContext): Value {
    return this.session.enter(context).item(this, index, context);
  }
  override setItem(index: Value, value: Value, context: CallContext): void {
    this.session.enter(context).setItem(this, index, value, context);
  }
  override iterate(context: CallContext): Iterable<Value> {
    return this.session.enter(context).iterate(this, context);
  }
  override length(): number {
    if (this.shape.length === 0) throw new PythonError('TypeError', 'len() of a 0-d tensor');
    return this.shape[0] as number;
  }
  override truth(): boolean {
    if (this.count === 1) {
      this.session.tape.listener?.looked(this.variable, 'bool()');
      return this.array[0] !== 0;
    }
    const what = this.count === 0 ? 'no values' : 'more than one value';
    throw new PythonError(
      'RuntimeError',
      `Boolean value of Tensor with ${what} is ambiguous. Hint: .all() or .any() makes one truth of many.`,
    );
  }
  override toNumber(): bigint | number | boolean | undefined {
    if (this.count === 1) {
      this.session.tape.listener?.looked(this.variable, 'float()');
      return this.session.protocol.number(this) as bigint | number | boolean;
    }
    throw new PythonError('RuntimeError', `a Tensor with ${this.count} elements cannot be converted to Scalar`);
  }
  override format(spec: string, context: CallContext): string {
    // As in PyTorch: one number is formatted as a number, anything else takes no specification.
    if (this.shape.length === 0 && this.count === 1 && this.type !== this.session.arrayClass)
      return format(this.session.protocol.number(this), spec, context);
    if (spec === '') return this.str();
    throw new PythonError(
      'TypeError',
      `unsupported format string passed to ${this.type.name}.__format__. Hint: x.item() gives the number of a tensor with one element.`,
    );
  }
  repr(): string {
    return this.session.protocol.describe(this);
  }
  override str(): string {
    return this.session.protocol.print(this);
  }
}

const kinds = ['bool', 'int', 'float'];

export const isTensor = (value: Value | undefined): value is Tensor => value instanceof Tensor;
