import type { LaneSummary } from '../../../../shared/api/experiments';
import type { LaneSeries } from '../../../series/lane-series';
import { bestLoss, type Leader } from './leader';

/** Why a lane stands where it stands; the last part of an i18n key under `train.verdict`, with its values. */
export type Verdict =
  | { kind: 'waiting' | 'leads' | 'single' | 'oscillates' | 'overfits' | 'slow' | 'behind' | 'level' | 'stuck' }
  | { kind: 'not-finite' | 'grown'; step: number; epoch: number };

/** Within this share of the leader's loss two lanes count as level. */
const levelWithin = 1.02;

/**
 * One reason in words for each lane, from its state and from how it compares to the leader. A smaller rate that is still falling is
 * slow; one that no longer falls is stuck; a larger rate that jumps is too large to settle.
 */
export function verdictOf(
  lane: LaneSummary,
  leader: { lane: LaneSummary; by: Leader } | null,
  falling: boolean,
): Verdict {
  if (lane.divergedAt) return { kind: lane.divergedAt.cause, step: lane.divergedAt.step, epoch: lane.divergedAt.epoch };
  if (lane.epoch < 1) return { kind: 'waiting' };
  if (leader?.lane.id === lane.id) return { kind: 'leads' };
  if (lane.health === 'oscillating') return { kind: 'oscillates' };
  if (lane.health === 'overfitting') return { kind: 'overfits' };
  if (!leader) return { kind: 'single' };
  if (timesLeader(lane, leader.by) <= levelWithin) return { kind: 'level' };
  if (!falling) return { kind: 'stuck' };
  return { kind: lane.learningRate < leader.lane.learningRate ? 'slow' : 'behind' };
}

/** How many times the leader's best loss this lane's is; 1 for the leader itself. */
export function timesLeader(lane: LaneSummary, leader: Leader): number {
  const best = bestLoss(lane);
  return best && leader.loss > 0 ? best.loss / leader.loss : Number.NaN;
}

/** Whether the newest tenth of the training curve is at least 1 % lower than the tenth before it. */
export function isFalling(series: LaneSeries): boolean {
  const losses = series.values('training', 'loss');
  if (!losses || losses.length < 4) return true;
  const window = Math.max(1, Math.floor(losses.length / 10));
  const mean = (from: number): number => {
    let sum = 0;
    for (let i = from; i < from + window; i++) sum += losses[i] ?? Number.NaN;
    return sum / window;
  };
  return mean(losses.length - window) < mean(losses.length - 2 * window) * 0.99;
}
