import type { EpochPoint } from '../../shared/api/experiments';

/** What a curve can show: the loss, or one of the experiment's metrics. */
export type Quantity = string;
export type CurveSplit = 'training' | 'validation';

const firstCapacity = 256;

/**
 * The curves of one lane as growing typed arrays, one entry per logged epoch. Kept outside Vue's reactivity: a race of eight lanes
 * over thousands of epochs would otherwise be wrapped value by value. Whoever draws watches the version counter instead.
 */
export class LaneSeries {
  length = 0;
  #capacity = firstCapacity;
  #epoch = new Float64Array(firstCapacity);
  #step = new Float64Array(firstCapacity);
  #learningRate = new Float64Array(firstCapacity);
  /** By `<split>.<quantity>`; NaN where there is no value. */
  #columns = new Map<string, Float64Array<ArrayBuffer>>();

  get epochs(): Float64Array {
    return this.#epoch.subarray(0, this.length);
  }

  get steps(): Float64Array {
    return this.#step.subarray(0, this.length);
  }

  get learningRates(): Float64Array {
    return this.#learningRate.subarray(0, this.length);
  }

  /** Null when nothing of the kind was ever logged (no validation split, another metric). */
  values(split: CurveSplit, quantity: Quantity): Float64Array | null {
    return this.#columns.get(`${split}.${quantity}`)?.subarray(0, this.length) ?? null;
  }

  /** Value of the newest epoch; NaN when there is none. */
  last(split: CurveSplit, quantity: Quantity): number {
    return this.values(split, quantity)?.at(-1) ?? Number.NaN;
  }

  /** NaN where that epoch is not logged. */
  at(split: CurveSplit, quantity: Quantity, epoch: number): number {
    const index = this.indexOf(epoch);
    return index < 0 ? Number.NaN : (this.values(split, quantity)?.[index] ?? Number.NaN);
  }

  /** Position of an epoch, -1 when it is not there. */
  indexOf(epoch: number): number {
    const index = this.#lowerBound(epoch);
    return index < this.length && this.#epoch[index] === epoch ? index : -1;
  }

  /** Positions whose learning rate differs from the one before. */
  rateChanges(): number[] {
    const changes: number[] = [];
    for (let i = 1; i < this.length; i++) {
      if (this.#learningRate[i] !== this.#learningRate[i - 1]) changes.push(i);
    }
    return changes;
  }

  /** Changes that stand alone: what a schedule does from epoch to epoch is a curve of its own. */
  rateJumps(): number[] {
    const changes = this.rateChanges();
    return changes.filter((at, i) => changes[i - 1] !== at - 1 && changes[i + 1] !== at + 1);
  }

  /**
   * Adds points in order. A point at or before the last epoch rewinds the curve to it first: after a crash the run goes on from
   * its last checkpoint, and what it had already reported beyond that is computed again.
   */
  append(points: readonly EpochPoint[]): void {
    for (const point of points) {
      if (this.length > 0 && point.epoch <= (this.#epoch[this.length - 1] ?? 0)) {
        this.length = this.#lowerBound(point.epoch);
      }
      this.#push(point);
    }
  }

  /** Puts loaded history in front of what has streamed in since it was asked for. */
  load(history: readonly EpochPoint[]): void {
    if (history.length === 0) return;
    const newest = history[history.length - 1]?.epoch ?? -1;
    const tail = this.#points(this.#lowerBound(newest + 1));
    const first = history[0]?.epoch ?? 0;
    this.length = this.#lowerBound(first);
    this.append(history);
    this.append(tail);
  }

  #push(point: EpochPoint): void {
    if (this.length === this.#capacity) this.#grow();
    const index = this.length++;
    this.#epoch[index] = point.epoch;
    this.#step[index] = point.step;
    this.#learningRate[index] = point.learningRate;
    for (const column of this.#columns.values()) column[index] = Number.NaN;
    this.#measure('training', point.training, index);
    if (point.validation) this.#measure('validation', point.validation, index);
  }

  #measure(split: CurveSplit, measurement: EpochPoint['training'], index: number): void {
    this.#set(`${split}.loss`, index, measurement.loss);
    for (const [metric, value] of Object.entries(measurement.metrics)) this.#set(`${split}.${metric}`, index, value);
  }

  #set(key: string, index: number, value: number | null): void {
    let column = this.#columns.get(key);
    if (!column) {
      column = new Float64Array(this.#capacity).fill(Number.NaN);
      this.#columns.set(key, column);
    }
    // Files keep a value that is not finite as null.
    column[index] = value === null || !Number.isFinite(value) ? Number.NaN : value;
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#epoch = grown(this.#epoch, this.#capacity);
    this.#step = grown(this.#step, this.#capacity);
    this.#learningRate = grown(this.#learningRate, this.#capacity);
    for (const [key, column] of this.#columns) this.#columns.set(key, grown(column, this.#capacity));
  }

  #lowerBound(epoch: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#epoch[middle] ?? 0) < epoch) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #points(from: number): EpochPoint[] {
    const points: EpochPoint[] = [];
    for (let i = from; i < this.length; i++) {
      points.push({
        epoch: this.#epoch[i] ?? 0,
        step: this.#step[i] ?? 0,
        learningRate: this.#learningRate[i] ?? 0,
        training: this.#measurement('training', i) ?? { loss: Number.NaN, metrics: {} },
        validation: this.#measurement('validation', i),
      });
    }
    return points;
  }

  #measurement(split: CurveSplit, index: number): EpochPoint['training'] | null {
    const loss = this.#columns.get(`${split}.loss`)?.[index];
    if (loss === undefined) return null;
    const metrics: Record<string, number> = {};
    for (const [key, column] of this.#columns) {
      const [of, quantity] = key.split('.', 2);
      if (of === split && quantity && quantity !== 'loss') metrics[quantity] = column[index] ?? Number.NaN;
    }
    return { loss, metrics };
  }
}

function grown(values: Float64Array<ArrayBuffer>, capacity: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(capacity).fill(Number.NaN);
  larger.set(values);
  return larger;
}
