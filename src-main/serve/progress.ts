import type { ExperimentProgress } from '../../shared/api/experiments';

/** Most epoch points of a lane kept for a page that does not read; it asks for `experiments.series` when some are missing. */
export const maximumHeldPoints = 5000;

/** Two progress messages of one experiment as one: the newer state, and the epochs of both. */
export function mergeProgress(older: ExperimentProgress, newer: ExperimentProgress): ExperimentProgress {
  const points = new Map(older.lanes.map((lane) => [lane.id, lane.points]));
  return {
    ...newer,
    lanes: newer.lanes.map((lane) => ({
      ...lane,
      points: [...(points.get(lane.id) ?? []), ...lane.points].slice(-maximumHeldPoints),
    })),
  };
}

/** Progress waiting for a slow reader, at most one message for each experiment. */
export class HeldProgress {
  readonly #held = new Map<string, ExperimentProgress>();

  get isEmpty(): boolean {
    return this.#held.size === 0;
  }

  add(progress: ExperimentProgress): void {
    const key = `${progress.project}\n${progress.experiment}`;
    const older = this.#held.get(key);
    this.#held.set(key, older ? mergeProgress(older, progress) : progress);
  }

  take(): ExperimentProgress[] {
    const all = [...this.#held.values()];
    this.#held.clear();
    return all;
  }
}
