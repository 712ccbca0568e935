import { fewNumbers, summarise, type NumberSummary } from '../../../../shared/recorded-graph/summary';
import { Buffer } from './buffer';

/** Longer arrays are not kept: programs with such work in the processor's caches, and more memory would slow them down. */
const longest = 1024;
/** Arrays of more than a few numbers that are kept: at most 1 MB of float32, 2 MB of float64. */
const mostKept = 256;

/** The numbers of an array as they were. Nothing is computed of them, or brought from a card, before somebody looks. */
export class Glimpse {
  constructor(private values: ArrayLike<number> | Buffer | null) {}

  /** Null: not kept, or no longer. */
  read(): NumberSummary | null {
    const { numbers } = this;
    return numbers && summarise(numbers);
  }

  /** All of them; null: not kept, or no longer. */
  get numbers(): ArrayLike<number> | null {
    return this.values instanceof Buffer ? this.values.array : this.values;
  }

  get kept(): boolean {
    return this.values !== null;
  }

  forget(): void {
    this.values = null;
  }
}

const unknown = new Glimpse(null);

/** Keeps short arrays as long as they are referred to, and of longer ones the last: what is held beside a program has a limit. */
export class Recent {
  /** A ring: the next place holds the oldest. */
  private readonly long = new Array<Glimpse>(mostKept).fill(unknown);
  private next = 0;

  /** What must not change any more. */
  keep(buffer: Buffer): Glimpse {
    buffer.shared = true;
    return this.kept(buffer.card ? buffer : buffer.array, buffer.length);
  }

  /** Of what its owner goes on writing to. */
  keepCopy(buffer: Buffer): Glimpse {
    if (buffer.card) return this.keep(buffer);
    const { array, length } = buffer;
    if (length > longest) return unknown;
    // A plain array: typed ones are dear to make and to collect.
    const copy: number[] = [];
    for (let i = 0; i < length; i++) copy.push(array[i] as number);
    return this.kept(copy, length);
  }

  private kept(values: ArrayLike<number> | Buffer, length: number): Glimpse {
    if (length > longest) return unknown;
    const glimpse = new Glimpse(values);
    if (length > fewNumbers) {
      this.long[this.next]?.forget();
      this.long[this.next] = glimpse;
      this.next = (this.next + 1) % mostKept;
    }
    return glimpse;
  }
}
