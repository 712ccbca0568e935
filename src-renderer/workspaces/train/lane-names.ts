import type { LaneSettings } from '../../../shared/training/settings';
import { comparedColumns, type ComparedSetting } from './settings/lane-edits';

/** Short signs of the settings, as in the formulas. */
const signs: Record<Exclude<ComparedSetting, 'nesterov'>, string> = { momentum: 'μ', weightDecay: 'λ' };

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
