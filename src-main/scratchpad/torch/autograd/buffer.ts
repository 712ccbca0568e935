import type { EagerArray } from '../../../engine/native';
import type { Card, CardMemory } from './card';
import type { Glimpse } from './recent';

/**
 * Memory of values. Never written to once something else relies on it (`shared`): whoever wants to change values in place then
 * takes a copy first. So what a record saved is what it was.
 *
 * Values of a tensor on a card (float32 only) are in the memory of the card, in that of the processor, or in both: what is missing is copied when it
 * is asked for. So everything that works on `array` works on tensors of cards, too.
 */
export class Buffer {
  shared = false;
  /** Of the trace. */
  glimpse: Glimpse | null = null;
  readonly length: number;
  private host: EagerArray | null = null;
  private memory: CardMemory | null = null;

  constructor(
    values: EagerArray | CardMemory,
    /** Where operators on these values run; null: on the processor. */
    readonly card: Card | null = ArrayBuffer.isView(values) ? null : values.card,
  ) {
    this.length = values.length;
    if (ArrayBuffer.isView(values)) this.host = values;
    else this.memory = values;
  }

  /** To be read only. */
  get array(): EagerArray {
    this.host ??= (this.memory as CardMemory).read();
    return this.host;
  }

  /** The same to write to: what the card has counts no longer. */
  get written(): EagerArray {
    const { array } = this;
    this.memory = null;
    return array;
  }

  /** The values in the memory of a card, which may be another one than theirs. */
  on(card: Card): CardMemory {
    if (this.card !== card) return card.copyOf(this.array);
    return (this.memory ??= card.copyOf(this.array));
  }

  /** Brings them to their card at once, and keeps none here. Throws OutOfMemoryError. */
  settle(): void {
    if (!this.card) return;
    this.on(this.card);
    this.host = null;
  }

  /** The same values for a tensor elsewhere. */
  movedTo(card: Card | null): Buffer {
    const moved = new Buffer(this.array, card);
    moved.shared = this.shared = true;
    return moved;
  }

  /** Values of their own, for someone who may overwrite them. On a card nobody does. */
  own(): Buffer {
    if (!this.card) return new Buffer(this.array.slice());
    this.shared = true;
    return this;
  }
}
