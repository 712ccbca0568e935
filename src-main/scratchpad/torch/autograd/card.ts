import type {
  CardArray,
  CardPlan,
  CardUpdate,
  EagerArray,
  NativeCardMemory,
  NativeEngine,
} from '../../../engine/native';
import { PythonError } from '../../language/errors';
import { Buffer } from './buffer';
import { Operators, prepared } from './operators';

/**
 * Bytes that arrays may take before those that nobody holds any more are looked for: so many, this share of the card, or twice what was held
 * the last time, whichever is most. A search takes as long as many small operators.
 */
const kLeastRoom = 64 * 2 ** 20;
const kShareOfCard = 1 / 16;
/** What an array takes at least. */
const kSmallest = 512;

/** An array in the memory of a card, which has it as long as this object lives. */
export class CardMemory {
  readonly array: CardArray;

  /** Set to nothing. */
  constructor(
    readonly card: Card,
    readonly length: number,
  ) {
    this.array = card.allocate(this, length);
  }

  /** Waits for the card. */
  read(): Float32Array {
    const values = this.card.hostArray(this.length);
    this.card.native((memory) => memory.read(this.array, values));
    return values;
  }
}

/** What a card is called and has, as it was found. Bytes. */
export interface CardFacts {
  name: string;
  memoryTotal: number;
  /** Compute capability: "9.0". */
  capability: string;
}

export interface CardOptions {
  /** Memory of the processor for what is read from the card. */
  hostArray(length: number): Float32Array;
  /** Where it is absent, only what is collected anyhow is found to be free. `young`: of what was made lately, which takes less long. */
  collectGarbage?(young: boolean): void;
}

/** A graphics card: operators that run there, and memory. The library of cards is opened when something is first asked of it. */
export class Card {
  readonly operators = new Operators((request) =>
    this.native((card) =>
      prepared(this.engine.createEagerOperator(request, { card }), (lists, call) => this.run(lists, call)),
    ),
  );
  readonly hostArray: CardOptions['hostArray'];
  private memory: NativeCardMemory | null = null;
  /** Bytes taken since arrays were last looked for that nobody holds, what was held then included; and how many may be before the next time. */
  private taken = 0;
  private room: number;

  constructor(
    private readonly engine: NativeEngine,
    private readonly plan: CardPlan,
    readonly facts: CardFacts,
    private readonly options: CardOptions,
  ) {
    this.hostArray = options.hostArray;
    this.room = this.leastRoom;
  }

  /** Uninitialised. */
  allocate(owner: CardMemory, length: number): CardArray {
    const bytes = Math.max(4 * length, kSmallest);
    if (this.taken + bytes > this.room) this.makeRoom();
    this.taken += bytes;
    return this.native((memory) => memory.allocate(owner, length));
  }

  /** To be written by an operator. */
  buffer(length: number): Buffer {
    return new Buffer(new CardMemory(this, length));
  }

  filled(length: number, value: number): Buffer {
    const made = new CardMemory(this, length);
    this.native((memory) => memory.fill(made.array, length, value));
    return new Buffer(made);
  }

  copyOf(values: EagerArray): CardMemory {
    const made = new CardMemory(this, values.length);
    // A number goes along with the work, which nobody has to wait for.
    if (values.length === 1) this.native((memory) => memory.fill(made.array, 1, values[0] as number));
    else this.native((memory) => memory.write(made.array, values as Float32Array));
    return made;
  }

  /** A step of an optimizer for weights that are here: writes the new ones to `made`. */
  update(
    step: Pick<CardUpdate, 'optimizer' | 'settings' | 'number' | 'maximize'>,
    weights: Buffer,
    gradient: Buffer,
    made: Buffer,
    slots: readonly Buffer[],
  ): void {
    this.run([[weights, gradient, made], slots], (arrays = [], kept = []) => {
      const [from, by, to] = arrays as [CardArray, CardArray, CardArray];
      const count = weights.length;
      this.native((memory) =>
        memory.update({ ...step, count, weights: from, gradient: by, to, slots: kept as CardArray[] }),
      );
    });
  }

  /** Bytes: of all arrays that something still holds, and taken from the card in all. */
  usage(): { used: number; held: number } {
    return this.collect();
  }

  /** Gives back what is not used. */
  emptyCache(): void {
    this.collect();
    this.native((memory) => memory.trim());
  }

  synchronize(): void {
    this.native((memory) => memory.wait());
  }

  /**
   * Throws what PyTorch throws where the card lacks an operator, or memory when all that can be freed was; a fault of the card is thrown
   * as it is, and ends the process of the notebook, for nothing can be asked of the card any more.
   */
  native<Result>(ask: (memory: NativeCardMemory) => Result): Result {
    const asked = (): Result => ask((this.memory ??= this.engine.openCardMemory(this.plan)));
    try {
      return asked();
    } catch (error) {
      if (codeOf(error) !== 'device.memory') throw this.words(error);
    }
    this.emptyCache();
    try {
      return asked();
    } catch (error) {
      throw this.words(error);
    }
  }

  /** In two steps: while values are brought here memory is asked for, and whatever is needed has to be held until then. */
  private run(lists: readonly (readonly (Buffer | null)[])[], call: (...arrays: (CardArray | null)[][]) => void): void {
    const memories = lists.map((list) => list.map((buffer) => buffer && buffer.on(this)));
    this.native(() => call(...memories.map((list) => list.map((memory) => memory && memory.array))));
  }

  private get leastRoom(): number {
    return Math.max(kLeastRoom, this.facts.memoryTotal * kShareOfCard);
  }

  private makeRoom(): void {
    for (const kind of ['found', 'young', 'all'] as const) {
      this.collect(kind);
      if (this.taken <= this.room / 2) break;
    }
    this.room = Math.max(this.leastRoom, 2 * this.taken);
  }

  /** Frees what nobody holds: as far as is known already, or what comes to light when garbage is collected. */
  private collect(kind: 'found' | 'young' | 'all' = 'all'): { used: number; held: number } {
    if (kind !== 'found') this.options.collectGarbage?.(kind === 'young');
    const bytes = this.native((memory) => memory.sweep());
    this.taken = bytes.used;
    return bytes;
  }

  private words(error: unknown): unknown {
    const details = (error as { details?: Record<string, string | number> }).details ?? {};
    const index = this.plan.card;
    switch (codeOf(error)) {
      case 'device.operator':
        return new PythonError(
          'RuntimeError',
          `${details.operator} is not implemented for 'cuda'. Hint: x.cpu() brings a tensor to the CPU, where it is.`,
        );
      case 'device.memory':
        return new PythonError(
          'OutOfMemoryError',
          `CUDA out of memory.${details.needed === undefined ? '' : ` Tried to allocate ${details.needed} MiB.`} GPU ${index} has a total capacity of ${details.total} MiB of which ${details.free} MiB is free. Hint: take smaller batches, or del what is no longer needed.`,
        );
      case 'device.unavailable':
        return new PythonError('RuntimeError', (error as Error).message);
    }
    return error;
  }
}

const codeOf = (error: unknown): string | undefined => (error as { code?: string }).code;
