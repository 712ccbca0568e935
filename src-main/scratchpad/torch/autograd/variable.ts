import type { EagerArray } from '../../../engine/native';
import type { DType } from '../tensor/dtype';
import type { Shape } from '../tensor/shape';

/**
 * Memory of values. Never written to once something else relies on it (`shared`): whoever wants to change values in place then
 * takes a copy first. So what a record saved is what it was.
 */
export class Buffer {
  shared = false;
  constructor(readonly array: EagerArray) {}
}

/** Counts the changes in place of a tensor and its views. */
export interface VersionCounter {
  value: number;
}

/** Where a gradient goes: to an output of something on the tape. */
export interface Edge {
  readonly node: GradientNode;
  readonly output: number;
}

/** Values as operators see them: contiguous and fixed, with the way their gradient takes. */
export class Variable {
  /** Of the tensor that holds it, and its count at that time: a record refuses to go on when the count has moved since. */
  counter: VersionCounter | null = null;
  version = 0;

  constructor(
    readonly buffer: Buffer,
    readonly shape: Shape,
    readonly dtype: DType,
    /** Null: no gradient is asked for. */
    readonly edge: Edge | null,
  ) {}

  static of(array: EagerArray, shape: Shape, dtype: DType, edge: Edge | null = null): Variable {
    return new Variable(new Buffer(array), shape, dtype, edge);
  }

  get array(): EagerArray {
    return this.buffer.array;
  }

  /** The same memory under another shape or another edge. */
  alias(shape: Shape, edge: Edge | null): Variable {
    this.buffer.shared = true;
    return new Variable(this.buffer, shape, this.dtype, edge);
  }

  get changed(): boolean {
    return this.counter !== null && this.counter.value !== this.version;
  }
}

/** Something on the tape: hands gradients on. */
export interface GradientNode {
  /** Later ones were recorded later, and go backward first. */
  readonly order: number;
  /** As grad_fn shows it: MulBackward0. */
  name: string;
  /** The ways of the inputs; null where no gradient is asked for. */
  readonly edges: readonly (Edge | null)[];
  /** What every output is. */
  readonly outputs: readonly { count: number; dtype: DType }[];
  /** Receives the gradient of an output that was asked to keep it, by its place. */
  retained?: Map<number, (gradient: EagerArray) => void>;
  /**
   * Gradients of the inputs from those of the outputs (null: none arrived). Their arrays belong to the callee, those it returns to the
   * caller. `keep`: it will be asked again.
   */
  backward(gradients: (EagerArray | null)[], keep: boolean): (EagerArray | null)[];
}
