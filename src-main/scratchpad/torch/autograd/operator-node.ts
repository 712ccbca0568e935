import type { EagerRequest } from '../../../engine/native';
import { PythonError } from '../../language/errors';
import type { DType } from '../tensor/dtype';
import { elementCount, shapeText, type Shape } from '../tensor/shape';
import type { Buffer } from './buffer';
import type { Card } from './card';
import type { PreparedOperator } from './operators';
import type { Constant, Tape } from './tape';
import type { Operation, OperatorForm } from './trace';
import type { Edge, GradientNode, Variable } from './variable';

/** An operator that has run. */
export interface Run {
  name: string;
  opType: string;
  /** Prepares the operator again should it have been forgotten since. */
  key: string;
  request: () => EagerRequest;
  operator: PreparedOperator;
  /** Where it ran; null: on the processor. */
  card: Card | null;
  call: number;
  /** Null: omitted or constant. */
  inputs: readonly (Variable | null)[];
  form: OperatorForm;
  dtype: DType;
}

export interface RecordedCall {
  opType: string;
  attributes: EagerRequest['attributes'];
  /** As far as they were kept. */
  inputs: readonly (Variable | null)[];
  shapes: readonly Shape[];
  constants: readonly Constant[];
  /** The first; null: not kept. */
  output: Variable | null;
}

/** Of these either factor is read for the gradient of the other one only. */
const products = new Set(['Mul', 'MatMul', 'Gemm', 'Conv', 'ConvTranspose']);

/** An operator of the engine on the tape. */
export class OperatorNode implements GradientNode {
  readonly order: number;
  name: string;
  readonly edges: readonly (Edge | null)[];
  readonly outputs: readonly { count: number; dtype: DType }[];
  readonly operation: Operation;
  retained?: Map<number, (gradient: Buffer) => void>;

  private readonly operator: Pick<Run, 'key' | 'request' | 'card' | 'call' | 'dtype'>;
  private readonly view: boolean;
  private readonly inputSizes: readonly number[];
  /** What backward reads and what must therefore not have changed; null once it was given up. */
  private saved: {
    inputs: readonly (Variable | null)[];
    outputs: readonly (Variable | null)[];
    read: Variable[];
  } | null;

  constructor(
    private readonly tape: Tape,
    { name, opType, key, request, operator, card, call, inputs, form, dtype }: Run,
    results: (node: GradientNode) => readonly Variable[],
  ) {
    const { shapes, view, savesInputs, readsInputs, readsOutput } = operator.description;
    this.order = tape.nextOrder();
    this.name = name;
    this.operator = { key, request, card, call, dtype };
    this.view = view;
    this.edges = inputs.map((input) => input?.edge ?? null);
    this.inputSizes = inputs.map((input) => input?.count ?? 0);
    this.outputs = shapes.map((shape) => ({ count: elementCount(shape), dtype }));
    const outputs = results(this);
    this.operation = tape.trace.describe(opType, inputs, outputs, form);
    const savedInputs = inputs.map((input) => (savesInputs && !view ? input : null));
    const savedOutputs = outputs.map((output, i) => (readsOutput && !view && i === 0 ? output : null));
    const matters = (i: number): boolean =>
      !products.has(opType) || this.edges.some((edge, j) => edge !== null && j !== i);
    const read = [...savedInputs.filter((_, i) => readsInputs && matters(i)), ...savedOutputs].filter(
      (v) => v !== null,
    );
    for (const variable of [...savedInputs, ...savedOutputs]) if (variable) variable.buffer.shared = true;
    this.saved = { inputs: savedInputs, outputs: savedOutputs, read };
  }

  backward(gradients: (Buffer | null)[], keep: boolean): (Buffer | null)[] {
    if (this.view) return [gradients[0] ?? null];
    const { saved, tape } = this;
    const { key, request, card, call, dtype } = this.operator;
    if (!saved) throw new PythonError('RuntimeError', secondTime);
    for (const variable of saved.read) if (variable.changed) throw this.changedInPlace(variable);
    const operator = tape.prepare(card, key, request);
    const inputGradients = this.edges.map((edge, i) => edge && tape.buffer(this.inputSizes[i] ?? 0, dtype, card));
    operator.backward(
      call,
      saved.inputs.map((input) => input && input.buffer),
      saved.outputs.map((output) => output && output.buffer),
      this.outputs.map(({ count }, i) =>
        i < operator.description.differentiable ? (gradients[i] ?? tape.zeros(count, dtype, card)) : null,
      ),
      inputGradients,
    );
    // What saved nothing can be asked any number of times, as in PyTorch.
    if (!keep && saved.read.length > 0) this.saved = null;
    return inputGradients;
  }

  /** What ran, for a gradient that is recorded itself. Throws RuntimeError when a value it was computed from has changed since. */
  recall(): RecordedCall {
    const { saved, operator } = this;
    const { opType, attributes, inputs } = operator.request();
    if (!saved) throw new PythonError('RuntimeError', secondTime);
    for (const variable of saved.read) if (variable.changed) throw this.changedInPlace(variable);
    return {
      opType,
      attributes,
      inputs: saved.inputs,
      shapes: inputs.map((input) => input?.dims ?? []),
      constants: inputs.map((input) => (input && 'data' in input ? input : null)),
      output: saved.outputs[0] ?? null,
    };
  }

  private changedInPlace({ dtype, shape, edge, counter, version }: Variable): PythonError {
    const from = edge ? `, which is output ${edge.output} of ${edge.node.name},` : '';
    return new PythonError(
      'RuntimeError',
      `one of the variables needed for gradient computation has been modified by an inplace operation: [torch.${dtype.scalarName}Tensor ${shapeText(shape)}]${from} is at version ${counter?.value ?? version}; expected version ${version} instead. Hint: ${this.name} needs the old values. Write the change as a new tensor (x = x + 1 instead of x += 1), or make it after backward().`,
    );
  }
}

const secondTime =
  'Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors after calling backward.';
