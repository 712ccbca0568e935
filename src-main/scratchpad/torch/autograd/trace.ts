import type { Tensor as ConstantTensor } from '../../../engine/native';
import type { AttributeValue } from '../../../../shared/network/graph';
import { fewNumbers } from '../../../../shared/recorded-graph/summary';
import type { PyInstance } from '../../language/values';
import type { DType } from '../tensor/dtype';
import type { Shape } from '../tensor/shape';
import { Recent, type Glimpse } from './recent';
import type { Buffer } from './buffer';
import type { Edge, Variable } from './variable';

/** Operations without a gradient that are remembered. With what is kept of each they take some megabytes at most. */
const mostRemembered = 1000;

/** A call of a module that has no modules inside: a layer. */
export interface LayerCall {
  number: number;
  /** Weak, so that a model can go although it was used. */
  module: WeakRef<PyInstance>;
  /** Its class: Linear. */
  kind: string;
}

export interface Result {
  /** Null: its values are not to be kept. */
  buffer: Buffer | null;
  shape: Shape;
  dtype: DType;
}

/** What an operation read. */
export interface Operand {
  /** Of the variable. */
  id: number;
  shape: Shape;
  dtype: DType;
  /** The way of its gradient, which leads to what computed it. */
  edge: Edge | null;
  /** What computed it, where no gradient goes. */
  madeBy: Origin | null;
  value: Glimpse | null;
}

/** The number of an operation that the trace remembers, and which of its outputs. */
export interface Origin {
  operation: number;
  output: number;
}

/** What an operator of the engine needs beside its operands. */
export interface OperatorForm {
  attributes: Record<string, AttributeValue>;
  /** By place: fixed numbers; null for an operand, and where it is left out. */
  constants: readonly (ConstantTensor | null)[];
}

/** Something that ran: for drawing the graph, and for making a network of it. */
export interface Operation {
  /** The engine's word for it; of what is no operator of the engine the name of its gradient function without "Backward". */
  operator: string;
  /** Null: no operator of the engine. */
  form: OperatorForm | null;
  inputs: readonly (Operand | null)[];
  outputs: readonly { shape: Shape; dtype: DType; value: Glimpse | null }[];
  layer: LayerCall | null;
  /** Gradients of the last backward pass: of the outputs, and what was handed on to each input. */
  received: (Glimpse | null)[];
  returned: (Glimpse | null)[];
}

/**
 * Remembers what ran. An operation that gradients go through is kept by its node, as long as that lives. Of all others the last ones are kept here,
 * and those that variables were computed by when a cell ended, so that a computation without gradients can be drawn, too.
 */
export class Trace {
  /** The layer that is being called. */
  layer: LayerCall | null = null;
  private readonly recent = new Recent();
  private readonly remembered = new Map<number, Operation>();
  private held: ReadonlyMap<number, Operation> = new Map();
  private operations = 0;
  private calls = 0;

  /** An operation that is kept by its node. */
  describe(
    operator: string,
    inputs: readonly (Variable | null)[],
    outputs: readonly Result[],
    form: OperatorForm | null = null,
  ): Operation {
    return this.operation(
      operator,
      inputs.map((input) => input && operand(input, input.edge, isKnown(input) ? null : this.glimpse(input.buffer))),
      outputs,
      form,
    );
  }

  /** An operation that no gradient goes through. */
  remember(
    operator: string,
    inputs: readonly (Variable | null)[],
    outputs: readonly Variable[],
    form: OperatorForm | null = null,
  ): void {
    const operation = (this.operations += 1);
    // An edge would keep everything alive that it leads to. Memory that is no record's stays free to be written to.
    const read = inputs.map((input) => input && operand(input, null, isKnown(input) ? null : this.copyOfShort(input)));
    this.remembered.set(operation, this.operation(operator, read, outputs, form));
    outputs.forEach((variable, output) => (variable.madeBy = { operation, output }));
    if (this.remembered.size > mostRemembered) this.remembered.delete(operation - mostRemembered);
  }

  /** Undefined: too long ago. */
  recall({ operation }: Origin): Operation | undefined {
    return this.remembered.get(operation) ?? this.held.get(operation);
  }

  /** Holds on to these, and no longer to those it held before. */
  hold(origins: Iterable<Origin>): void {
    const held = new Map<number, Operation>();
    for (const origin of origins) {
      const operation = this.recall(origin);
      if (operation) held.set(origin.operation, operation);
    }
    this.held = held;
  }

  /** Runs `f` as a call of a layer; null: of a module that calls others. */
  within<T>(module: PyInstance | null, f: () => T): T {
    const before = this.layer;
    this.layer = module && { number: (this.calls += 1), module: new WeakRef(module), kind: module.type.name };
    try {
      return f();
    } finally {
      this.layer = before;
    }
  }

  /** Of a gradient, which its owner goes on working with. */
  glimpseOfCopy(gradient: Buffer): Glimpse {
    return this.recent.keepCopy(gradient);
  }

  private operation(
    operator: string,
    inputs: readonly (Operand | null)[],
    outputs: readonly Result[],
    form: OperatorForm | null,
  ): Operation {
    return {
      operator,
      form,
      inputs,
      outputs: outputs.map(({ shape, dtype, buffer }) => ({ shape, dtype, value: buffer && this.glimpse(buffer) })),
      layer: this.layer,
      received: [],
      returned: [],
    };
  }

  private glimpse(buffer: Buffer): Glimpse {
    buffer.shared = true;
    if (!buffer.glimpse?.kept) buffer.glimpse = this.recent.keep(buffer);
    return buffer.glimpse;
  }

  private copyOfShort({ buffer }: Variable): Glimpse | null {
    return buffer.length <= fewNumbers ? this.recent.keepCopy(buffer) : null;
  }
}

const operand = ({ id, shape, dtype, madeBy }: Variable, edge: Edge | null, value: Glimpse | null): Operand => ({
  id,
  shape,
  dtype,
  edge,
  madeBy,
  value,
});

/** Its values are kept with the operation that made it. */
const isKnown = ({ madeBy, edge }: Variable): boolean =>
  madeBy !== null || (edge !== null && edge.node.operation !== null);
