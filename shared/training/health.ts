import type { EpochPoint, LaneHealth, LaneSummary } from '../api/experiments';

/** Epoch points a verdict looks back on. */
export const healthWindow = 60;
/** Fewer say nothing yet. */
const fewest = 5;
/** Relative fall of the loss over the window below which a curve counts as flat. */
const flat = 0.01;
/** Share of steps against the trend, and their size beside the loss, that count as oscillation. */
const turns = 0.4;
const swing = 0.05;
/** Validation loss above its best by this share, while the training loss falls. */
const overfit = 0.1;

/**
 * What a lane's curve is doing, from its latest points (oldest first). Only losses decide: each sign is a share of the loss
 * itself, so that the verdict does not depend on the unit of the target.
 */
export function laneHealth(
  points: readonly EpochPoint[],
  state: LaneSummary['state'],
  best: EpochPoint | null = null,
): LaneHealth {
  if (state === 'diverged') return 'diverged';
  const curve = points.slice(-healthWindow);
  const verdict = curve.length < fewest ? 'waiting' : judge(curve, best);
  if (state === 'running') return verdict;
  // An ended lane keeps what was wrong with it; otherwise it is simply done.
  return verdict === 'waiting' || verdict === 'improving' ? 'done' : verdict;
}

function judge(curve: readonly EpochPoint[], best: EpochPoint | null): LaneHealth {
  const training = curve.map((point) => point.training.loss);
  const validation = curve.map((point) => point.validation?.loss ?? null);
  if (isOscillating(training)) return 'oscillating';
  const trainingFall = fall(training);
  if (hasOverfitted(curve, validation, best, trainingFall)) return 'overfitting';
  const watched = validation.every((loss) => loss !== null) ? validation : training;
  if (trainingFall < flat && fall(watched) < flat) return 'plateau';
  return 'improving';
}

/** Relative fall from the first third of the window to the last; negative when the loss rises. */
function fall(losses: readonly number[]): number {
  const third = Math.max(1, Math.floor(losses.length / 3));
  const before = mean(losses.slice(0, third));
  const after = mean(losses.slice(-third));
  return before === 0 ? 0 : (before - after) / Math.abs(before);
}

/** Many changes of direction, and wide ones: the size of the steps beside the loss tells them from noise. */
function isOscillating(losses: readonly number[]): boolean {
  const steps = losses.slice(1).map((loss, index) => loss - (losses[index] ?? loss));
  const changes = steps.slice(1).filter((step, index) => step * (steps[index] ?? 0) < 0).length;
  const size = mean(steps.map(Math.abs)) / Math.max(Math.abs(mean(losses)), Number.MIN_VALUE);
  return changes >= turns * (steps.length - 1) && size > swing && fall(losses) < 0.5;
}

function hasOverfitted(
  curve: readonly EpochPoint[],
  validation: readonly (number | null)[],
  best: EpochPoint | null,
  trainingFall: number,
): boolean {
  const losses = validation.filter((loss) => loss !== null);
  if (losses.length < fewest) return false;
  const lowest = Math.min(...losses, best?.validation?.loss ?? Infinity);
  // Its lowest: a loss that is still falling was higher a moment ago, too.
  const recent = Math.min(...losses.slice(-Math.max(1, Math.floor(losses.length / 5))));
  const lastTraining = curve.at(-1)?.training.loss ?? Infinity;
  return trainingFall > 0 && recent > lowest * (1 + overfit) && lastTraining < recent;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
