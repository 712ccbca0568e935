import type { MetricName } from '../../shared/training/metrics';
import type { EpochRecord, TrainPlan } from './native';

/**
 * Reads the rows of `AdvanceReport.epochs`: short epochs come by the million a second, so that an object is made only of those that somebody
 * wants. A row is lane, epoch, step, learning rate, loss and metrics of training, and those of validation where there is one.
 */
export class EpochRecords implements Iterable<EpochRecord> {
  readonly length: number;
  private readonly width: number;
  private readonly metrics: readonly MetricName[];
  private readonly validated: boolean;

  constructor(
    private readonly rows: Float64Array,
    plan: Pick<TrainPlan, 'metrics' | 'validation'>,
  ) {
    this.metrics = plan.metrics;
    this.validated = plan.validation !== null;
    this.width = 5 + this.metrics.length + (this.validated ? 1 + this.metrics.length : 0);
    this.length = rows.length / this.width;
  }

  lane(index: number): number {
    return this.figure(index, 0);
  }

  epoch(index: number): number {
    return this.figure(index, 1);
  }

  at(index: number): EpochRecord {
    return {
      lane: this.lane(index),
      epoch: this.epoch(index),
      step: this.figure(index, 2),
      learningRate: this.figure(index, 3),
      training: this.score(index, 4),
      validation: this.validated ? this.score(index, 5 + this.metrics.length) : null,
    };
  }

  *[Symbol.iterator](): Iterator<EpochRecord> {
    for (let index = 0; index < this.length; index++) yield this.at(index);
  }

  private figure(index: number, column: number): number {
    return this.rows[index * this.width + column] ?? NaN;
  }

  private score(index: number, column: number): EpochRecord['training'] {
    const metrics: Record<string, number> = {};
    this.metrics.forEach((name, i) => {
      const value = this.figure(index, column + 1 + i);
      // A rank has no value while training, nor where there is one class only: then it is left out.
      if (name !== 'auc' || !Number.isNaN(value)) metrics[name] = value;
    });
    return { loss: this.figure(index, column), metrics };
  }
}
