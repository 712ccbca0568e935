import type { EagerArray } from '../../../engine/native';
import { fewNumbers, summarise, type NumberSummary } from '../../../../shared/recorded-graph/summary';

/** Longer arrays are not kept: programs with such work in the processor's caches, and more memory would slow them down. */
const longest = 1024;
/** Arrays of more than a few numbers that are kept: at most 1 MB of float32, 2 MB of float64. */
const mostKept = 256;

/** The numbers of an array as they were. Nothing is computed of them before somebody looks. */
export class Glimpse {
  constructor(private array: ArrayLike<number> | null) {}

  /** Null: not kept, or no longer. */
  read(): NumberSummary | null {
    return this.array && summarise(this.array);
  }

  /** All of them; null: not kept, or no longer. */
  get numbers(): ArrayLike<number> | null {
    return this.array;
  }

  get kept(): boolean {
    return this.array !== null;
  }

  forget(): void {
    this.array = null;
  }
}

const unknown = new Glimpse(null);

/** Keeps short arrays as long as they are referred to, and of longer ones the last: what is held beside a program has a limit. */
export class Recent {
  /** A ring: the next place holds the oldest. */
  private readonly long = new Array<Glimpse>(mostKept).fill(unknown);
  private next = 0;

  /** `array` must not change any more. */
  keep(array: ArrayLike<number>): Glimpse {
    if (array.length > longest) return unknown;
    const glimpse = new Glimpse(array);
    if (array.length > fewNumbers) {
      this.long[this.next]?.forget();
      this.long[this.next] = glimpse;
      this.next = (this.next + 1) % mostKept;
    }
    return glimpse;
  }

  /** Of an array that its owner goes on writing to. */
  keepCopy(array: EagerArray): Glimpse {
    if (array.length > longest) return unknown;
    // A plain array: typed ones are dear to make and to collect.
    const copy: number[] = [];
    for (let i = 0; i < array.length; i++) copy.push(array[i] as number);
    return this.keep(copy);
  }
}
