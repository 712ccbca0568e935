import type { EagerArray } from '../../../engine/native';
import { summarise, type NumberSummary } from '../../../../shared/recorded-graph/summary';
import type { PyInstance } from '../../language/values';
import type { DType } from '../tensor/dtype';
import type { Shape } from '../tensor/shape';
import type { Edge, Variable } from './variable';

/** Longer arrays are not looked through while a program runs: that would take longer than what it computes. */
const mostSummarised = 4096;
/** Operations without a gradient that are remembered. With what is kept of each they take some megabytes at most. */
const mostRemembered = 10_000;

/** A call of a module that has no modules inside: a layer. */
export interface LayerCall {
  number: number;
  /** Weak, so that a model can go although it was used. */
  module: WeakRef<PyInstance>;
  /** Its class: Linear. */
  kind: string;
}

interface Values {
  array: EagerArray;
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
  value: NumberSummary | null;
}

/** The number of an operation that the trace remembers, and which of its outputs. */
export interface Origin {
  operation: number;
  output: number;
}

/** Something that ran, in short: for drawing the graph. Holds no array. */
export interface Operation {
  /** The engine's word for it; of what is no operator of the engine the name of its gradient function without "Backward". */
  operator: string;
  inputs: readonly (Operand | null)[];
  outputs: readonly { shape: Shape; dtype: DType; value: NumberSummary | null }[];
  layer: LayerCall | null;
  /** Gradients of the last backward pass: of the outputs, and what was handed on to each input. */
  received: (NumberSummary | null)[];
  returned: (NumberSummary | null)[];
}

/**
 * Remembers what ran. An operation that gradients go through is kept by its node, as long as that lives. Of all others the last ones are kept here, so
 * that a computation without gradients can be drawn, too.
 */
export class Trace {
  /** The layer that is being called. */
  layer: LayerCall | null = null;
  private readonly remembered = new Map<number, Operation>();
  private operations = 0;
  private calls = 0;

  /** Of an operation that is kept by its node. */
  describe(operator: string, inputs: readonly (Variable | null)[], outputs: readonly Values[]): Operation {
    return {
      operator,
      inputs: inputs.map((input) => input && operandOf(input)),
      outputs: outputs.map(({ shape, dtype, array }) => ({ shape, dtype, value: shortly(array) })),
      layer: this.layer,
      received: [],
      returned: [],
    };
  }

  /** An operation that no gradient goes through. */
  remember(operator: string, inputs: readonly (Variable | null)[], outputs: readonly Variable[]): void {
    const operation = (this.operations += 1);
    const described = this.describe(operator, inputs, outputs);
    // An edge would keep everything alive that it leads to.
    this.remembered.set(operation, {
      ...described,
      inputs: described.inputs.map((input) => input && { ...input, edge: null }),
    });
    outputs.forEach((variable, output) => (variable.madeBy = { operation, output }));
    if (this.remembered.size > mostRemembered) this.remembered.delete(operation - mostRemembered);
  }

  /** Undefined: too long ago. */
  recall({ operation }: Origin): Operation | undefined {
    return this.remembered.get(operation);
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
}

/** Null: too long. */
export const shortly = (array: EagerArray | null | undefined): NumberSummary | null =>
  array && array.length <= mostSummarised ? summarise(array) : null;

function operandOf({ id, shape, dtype, edge, madeBy, array }: Variable): Operand {
  return { id, shape, dtype, edge, madeBy, value: shortly(array) };
}
