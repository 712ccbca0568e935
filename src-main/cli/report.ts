import type { CardMemory, ExperimentProgress, ExperimentSummary } from '../../shared/api/experiments';

/** What is known of a lane when its experiment has ended. */
export interface FinalLine {
  event: 'finished';
  experiment: string;
  lane: string;
  learningRate: number;
  /** Its description, which says a precision other than float32. */
  device: string;
  epoch: number;
  train: Record<string, number> | null;
  validation: Record<string, number> | null;
  /** How the lane ended: finished, diverged, target-reached, stopped. */
  status: string;
  bestEpoch: number | null;
  models: { last: string; best: string } | null;
  initial?: Record<string, number[]>;
  final?: Record<string, number[]>;
}

/** Loss and metrics side by side. */
export function flat(
  measurement: { loss: number; metrics: Record<string, number> } | null,
): Record<string, number> | null {
  return measurement && { loss: measurement.loss, ...measurement.metrics };
}

/** One object per line, and nothing else, on standard output. */
export class JsonReport {
  private readonly diverged = new Set<string>();

  constructor(private readonly memory: readonly CardMemory[]) {}

  started(summary: ExperimentSummary): void {
    for (const { id, learningRate } of summary.lanes)
      this.line({
        event: 'started',
        experiment: summary.id,
        lane: id,
        learningRate,
        device: summary.device,
        epoch: summary.epoch,
        ...(this.memory.length > 0 ? { cardMemory: this.memory } : {}),
      });
  }

  progress({ lanes }: ExperimentProgress): void {
    for (const lane of lanes) {
      for (const { epoch, learningRate, training, validation } of lane.points)
        this.line({
          event: 'epoch',
          lane: lane.id,
          learningRate,
          epoch,
          train: flat(training),
          validation: flat(validation),
        });
      if (lane.divergedAt && !this.diverged.has(lane.id)) {
        this.diverged.add(lane.id);
        this.line({ event: 'diverged', lane: lane.id, learningRate: lane.learningRate, ...lane.divergedAt });
      }
    }
  }

  finished(_summary: ExperimentSummary, lines: FinalLine[]): void {
    for (const line of lines) this.line(line);
  }

  private line(value: object): void {
    process.stdout.write(`${JSON.stringify(value)}\n`);
  }
}
