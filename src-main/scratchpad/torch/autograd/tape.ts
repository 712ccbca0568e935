import type { EagerArray, EagerRequest, NativeEngine, Tensor as ConstantTensor } from '../../../engine/native';
import type { AttributeValue } from '../../../../shared/network/graph';
import type { CallContext } from '../../language/host';
import { float32, normalise, type DType } from '../tensor/dtype';
import { elementCount } from '../tensor/shape';
import { Buffer } from './buffer';
import type { Card } from './card';
import type { OperationListener } from './listener';
import { OperatorNode } from './operator-node';
import { Operators, prepared, type PreparedOperator } from './operators';
import { Trace } from './trace';
import { Variable, type GradientNode } from './variable';

/** An input of an operator that is no variable: fixed numbers (the shape of a Reshape), or null where it is left out. */
export type Constant = ConstantTensor | null;
export type Input = Variable | Constant;

export interface ApplyOptions {
  attributes?: Record<string, AttributeValue>;
  outputs?: number;
  /** As grad_fn shows it; by default the operator's name with Backward0. */
  name?: string;
}

/** A list of int64 as an input. */
export const integers = (values: readonly number[]): ConstantTensor => ({
  dims: [values.length],
  data: BigInt64Array.from(values, BigInt),
});

/** One float32 as an input. */
export const scalar = (value: number): ConstantTensor => ({ dims: [], data: Float32Array.of(value) });

/** A step of the interpreter takes about as long as so many elements. */
const kElementsPerStep = 64;

const noAttributes: Record<string, AttributeValue> = {};
const noConstants: readonly Constant[] = [];
const constantOf = (input: Input): Constant => (input instanceof Variable ? null : input);

/** Runs operators of the engine as they are asked for, and records those whose gradient may be asked for. */
export class Tape {
  /** False inside `with torch.no_grad():`. */
  recording = true;
  /** Of the processor. */
  readonly operators: Operators;
  readonly trace = new Trace();
  /** Who turns what runs into a network; null: nobody. */
  listener: OperationListener | null = null;
  /** Of the call that is running: what it takes is charged there. */
  context: CallContext | null = null;
  private nodes = 0;
  private calls = 0;

  constructor(
    readonly engine: NativeEngine,
    threads: number,
  ) {
    this.operators = new Operators((request) =>
      prepared(engine.createEagerOperator(request, { threads }), (lists, call) =>
        call(...lists.map((list) => list.map((buffer) => buffer && buffer.array))),
      ),
    );
  }

  nextOrder(): number {
    this.nodes += 1;
    return this.nodes;
  }

  /** The number of a call of an operator. */
  nextCall(): number {
    this.calls += 1;
    return this.calls;
  }

  /** Zeros. Throws MemoryError when the program would hold too much. */
  allocate(count: number, dtype: DType): EagerArray {
    this.context?.chargeMemory(count * (dtype === float32 ? 4 : 8));
    this.chargeWork(count);
    return dtype.array(count);
  }

  /** Work goes with the size of what it makes. */
  private chargeWork(count: number): void {
    this.context?.charge(1 + count / kElementsPerStep);
  }

  /** For an operator to write all of it. */
  buffer(count: number, dtype: DType, card: Card | null): Buffer {
    if (!card) return new Buffer(this.allocate(count, dtype));
    this.chargeWork(count);
    return card.buffer(count);
  }

  zeros(count: number, dtype: DType, card: Card | null): Buffer {
    return card ? card.filled(count, 0) : new Buffer(this.allocate(count, dtype));
  }

  prepare(card: Card | null, key: string, request: () => EagerRequest): PreparedOperator {
    return (card ?? this).operators.prepare(key, request);
  }

  /** The sum of two gradients; the first may be overwritten. */
  addTo(sum: Buffer, more: Buffer): Buffer {
    const card = sum.card ?? more.card;
    if (!card) {
      const [to, from] = [sum.array, more.array];
      for (let i = 0; i < to.length; i++) to[i] = (to[i] as number) + (from[i] as number);
      return sum;
    }
    const input = { dims: [sum.length], needsGradient: false };
    const operator = this.prepare(card, `+ ${sum.length}`, () => ({
      opType: 'Add',
      attributes: noAttributes,
      precision: 'float32',
      inputs: [input, input],
      outputs: 1,
    }));
    const result = this.buffer(sum.length, float32, card);
    operator.forward(this.nextCall(), [sum, more], [result]);
    return result;
  }

  /** Whether an operation on these goes onto the tape. */
  records(inputs: readonly Input[]): boolean {
    return this.recording && inputs.some((input) => input instanceof Variable && input.edge !== null);
  }

  /** The first output of an operator. */
  apply(opType: string, inputs: readonly Input[], options: ApplyOptions = {}): Variable {
    return this.applyAll(opType, inputs, options)[0] as Variable;
  }

  /** Runs one operator of the engine's table. All variables are of one dtype, which the outputs have, too. */
  applyAll(opType: string, inputs: readonly Input[], options: ApplyOptions = {}): readonly Variable[] {
    const { attributes = noAttributes, outputs = 1 } = options;
    const recorded = this.records(inputs);
    const variables = inputs.map((input) => (input instanceof Variable ? input : null));
    const first = variables[0] as Variable;
    const { dtype } = first;
    const request = () => ({
      opType,
      attributes,
      precision: dtype.precision,
      inputs: inputs.map((input) =>
        input instanceof Variable ? { dims: input.shape, needsGradient: recorded && input.edge !== null } : input,
      ),
      outputs,
    });
    const key = keyOf(opType, dtype, attributes, inputs, recorded, outputs);
    const card = variables.find((variable) => variable?.buffer.card)?.buffer.card ?? null;
    const operator = this.prepare(card, key, request);
    const { shapes, view, differentiable } = operator.description;

    const call = this.nextCall();
    const buffers = view ? [] : shapes.map((shape) => this.buffer(elementCount(shape), dtype, card));
    if (!view)
      operator.forward(
        call,
        variables.map((variable) => variable && variable.buffer),
        buffers,
      );
    // Whole numbers stay what their dtype can hold.
    if (dtype.kind !== 'float') for (const { array } of buffers) normalise(array, dtype);
    const results = (node: GradientNode | null): readonly Variable[] =>
      shapes.map((shape, i) => {
        const edge = node && i < differentiable ? { node, output: i } : null;
        return view ? first.alias(shape, edge) : new Variable(buffers[i] as Buffer, shape, dtype, edge);
      });
    const form = { attributes, constants: variables.includes(null) ? inputs.map(constantOf) : noConstants };
    let made: readonly Variable[] = [];
    if (recorded) {
      const name = options.name ?? `${opType}Backward0`;
      new OperatorNode(
        this,
        { name, opType, key, request, operator, card, call, inputs: variables, form, dtype },
        (node) => (made = results(node)),
      );
    } else {
      made = results(null);
      this.trace.remember(opType, variables, made, form);
    }
    this.listener?.operator(opType, inputs, attributes, made);
    return made;
  }

  /** What `f` computes, which ONNX has one operator for: a listener hears of that, and of nothing that `f` runs. */
  as(
    opType: string,
    inputs: readonly Input[],
    attributes: Record<string, AttributeValue>,
    f: () => Variable,
  ): Variable {
    return this.retold(f, (listener, result) => listener.operator(opType, inputs, attributes, [result]));
  }

  /** What `f` computes; a listener hears only what `tell` says of it. */
  retold(f: () => Variable, tell: (listener: OperationListener, result: Variable) => void): Variable {
    const { listener } = this;
    if (!listener) return f();
    this.listener = null;
    try {
      const result = f();
      tell(listener, result);
      return result;
    } finally {
      this.listener = listener;
    }
  }
}

function keyOf(
  opType: string,
  dtype: DType,
  attributes: Record<string, AttributeValue>,
  inputs: readonly Input[],
  recorded: boolean,
  outputs: number,
): string {
  let key = `${opType} ${dtype.precision} ${outputs} `;
  if (attributes !== noAttributes) key += JSON.stringify(attributes);
  for (const input of inputs) {
    if (input === null) key += '_ ';
    else if (input instanceof Variable) key += `${input.shape.join(',')}${recorded && input.edge ? '+' : '-'} `;
    else key += `[${input.dims.join(',')}:${input.data.join(',')}] `;
  }
  return key;
}
