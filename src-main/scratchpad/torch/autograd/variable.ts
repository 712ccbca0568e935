import type { EagerArray } from '../../../engine/native';
import { float32, type DType } from '../tensor/dtype';
import type { Shape } from '../tensor/shape';
import { Buffer } from './buffer';
import type { Card } from './card';
import type { Operation, Origin } from './trace';

/** Counts the changes in place of a tensor and its views. */
export interface VersionCounter {
  value: number;
}

/** Where a gradient goes: to an output of something on the tape. */
export interface Edge {
  readonly node: GradientNode;
  readonly output: number;
}

let variables = 0;

/** Values as operators see them: contiguous and fixed, with the way their gradient takes. */
export class Variable {
  /** Tells it from all others. */
  readonly id = (variables += 1);
  /** What computed it, where no gradient goes and the trace remembers. */
  madeBy: Origin | null = null;
  /** Of the tensor that holds it, and its count at that time: a record refuses to go on when the count has moved since. */
  counter: VersionCounter | null = null;
  version = 0;

  constructor(
    /** Another one once its values are on another device. */
    public buffer: Buffer,
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

  /** Of its elements. */
  get count(): number {
    return this.buffer.length;
  }

  /** For the tensor that holds it: its operators run there from now on. Nothing but float32 is ever on a card. */
  moveTo(card: Card | null): void {
    const place = this.dtype === float32 && this.count > 0 ? card : null;
    if (this.buffer.card !== place) this.buffer = this.buffer.movedTo(place);
  }

  /** The same memory under another shape or another edge. */
  alias(shape: Shape, edge: Edge | null): Variable {
    this.buffer.shared = true;
    const alias = new Variable(this.buffer, shape, this.dtype, edge);
    if (shape === this.shape && !edge) alias.madeBy = this.madeBy;
    return alias;
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
  /** For those who draw the graph. Null: the leaf itself. */
  readonly operation: Operation | null;
  /** Receives the gradient of an output that was asked to keep it, by its place. */
  retained?: Map<number, (gradient: Buffer) => void>;
  /**
   * Gradients of the inputs from those of the outputs (null: none arrived). What it is given belongs to the callee, what it returns to the
   * caller. `keep`: it will be asked again.
   */
  backward(gradients: (Buffer | null)[], keep: boolean): (Buffer | null)[];
}
