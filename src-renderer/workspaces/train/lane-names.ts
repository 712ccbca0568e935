import type { LaneSettings } from '../../../shared/training/settings';
import { comparedColumns, type ComparedSetting } from './settings/lane-edits';

/** Short signs of the settings, as in the formulas. */
const signs: Record<Exclude<ComparedSetting, 'nesterov'>, string> = {
  momentum: 'μ',
  weightDecay: 'λ',
  beta1: 'β₁',
  beta2: 'β₂',
  alpha: 'α',
  rho: 'ρ',
  epsilon: 'ε',
  l1: 'L1',
  maxNorm: '‖w‖≤',
  clipNorm: '‖g‖≤',
};

/** Null where a word says it better. Momentum and weight decay have words beside their signs. */
export function laneSign(setting: ComparedSetting): string | null {
  return setting === 'nesterov' || setting === 'momentum' || setting === 'weightDecay' ? null : signs[setting];
}

/**
 * What a lane is called: its learning rate and whatever else differs between the lanes of its race: "η 0.1", "η 0.1 μ 0.9".
 */
export function laneName(
  lane: LaneSettings,
  lanes: readonly LaneSettings[],
  numberText: (value: number) => string,
  nesterovText: (on: boolean) => string,
): string {
  const parts = [`η ${numberText(lane.learningRate)}`];
  for (const setting of comparedColumns(lanes)) {
    if (setting === 'nesterov') parts.push(nesterovText(lane.nesterov ?? false));
    else if (lane[setting] !== undefined) parts.push(`${signs[setting]} ${numberText(lane[setting])}`);
  }
  return parts.join(' ');
}
