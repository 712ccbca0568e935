import type { ExperimentSummary, LaneSummary } from '../../../../shared/api/experiments';

export interface Leader {
  lane: string;
  loss: number;
  epoch: number;
  /** What it was compared by. */
  split: 'validation' | 'training';
}

/** Loss of a lane at its best epoch: on the validation split, or on the training split where there is no validation. */
export function bestLoss(lane: LaneSummary): { loss: number; split: Leader['split'] } | null {
  if (!lane.best) return null;
  const split = lane.best.validation ? 'validation' : 'training';
  const loss = lane.best[split]?.loss;
  return typeof loss === 'number' && Number.isFinite(loss) ? { loss, split } : null;
}

/**
 * The lane with the lowest loss at its best epoch. A diverged lane can't lead: its weights are of no use. Nobody leads before the
 * first epoch, when all lanes still have the same weights, nor a race of one.
 */
export function leaderOf(summary: ExperimentSummary): Leader | null {
  if (summary.lanes.length < 2) return null;
  let leader: Leader | null = null;
  for (const lane of summary.lanes) {
    if (lane.state === 'diverged' || lane.epoch < 1) continue;
    const best = bestLoss(lane);
    if (best && (!leader || best.loss < leader.loss)) {
      leader = { lane: lane.id, epoch: lane.best?.epoch ?? 0, ...best };
    }
  }
  return leader;
}
