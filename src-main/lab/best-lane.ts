import type { LaneSummary } from '../../shared/api/experiments';

/** Lowest validation loss at its best epoch; training loss where there is no validation. */
export function bestLane(lanes: readonly Pick<LaneSummary, 'id' | 'best'>[]): string | null {
  const score = ({ best }: Pick<LaneSummary, 'best'>): number =>
    best?.validation?.loss ?? best?.training.loss ?? Infinity;
  return (
    lanes.reduce<(typeof lanes)[number] | null>(
      (winner, lane) => (winner && score(winner) <= score(lane) ? winner : lane),
      null,
    )?.id ?? null
  );
}
