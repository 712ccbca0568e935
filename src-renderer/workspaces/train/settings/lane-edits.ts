import { parametersOf, type OptimizerName } from '../../../../shared/training/optimizers';
import { sharedValue } from '../../../../shared/training/parameters';
import type { LaneSettings, TrainingSettings } from '../../../../shared/training/settings';
import { nextOnLogScale } from './number-text';

/** Settings lanes can be compared by beside the learning rate; the project file takes any other, too. */
export const comparedSettings = [
  'momentum',
  'nesterov',
  'weightDecay',
  'beta1',
  'beta2',
  'alpha',
  'rho',
  'epsilon',
  'l1',
  'maxNorm',
  'clipNorm',
] as const;
export type ComparedSetting = (typeof comparedSettings)[number];

export const mostLanes = 256;

/** Those the optimizer reads. */
export function comparableSettings(optimizer: OptimizerName): ComparedSetting[] {
  const read = parametersOf(optimizer);
  return comparedSettings.filter((setting) => read.includes(setting));
}

/** The columns of the lane table: what at least one lane sets for itself. */
export function comparedColumns(lanes: readonly LaneSettings[]): ComparedSetting[] {
  return comparedSettings.filter((setting) => lanes.some((lane) => lane[setting] !== undefined));
}

export function sameLane(a: LaneSettings, b: LaneSettings): boolean {
  return a.learningRate === b.learningRate && comparedSettings.every((setting) => a[setting] === b[setting]);
}

export interface AddedRates {
  lanes: LaneSettings[];
  /** Refused because such a lane is there already. */
  duplicates: number[];
  /** Refused because a race has no room for more. */
  tooMany: number[];
}

/** New lanes at the end; beside the rate they take the settings of the last lane. */
export function addRates(lanes: readonly LaneSettings[], rates: readonly number[]): AddedRates {
  const result: AddedRates = { lanes: [...lanes], duplicates: [], tooMany: [] };
  const model = lanes.at(-1);
  for (const learningRate of rates) {
    const lane: LaneSettings = { ...model, learningRate };
    if (result.lanes.some((existing) => sameLane(existing, lane))) result.duplicates.push(learningRate);
    else if (result.lanes.length >= mostLanes) result.tooMany.push(learningRate);
    else result.lanes.push(lane);
  }
  return result;
}

export function moveLane(lanes: readonly LaneSettings[], from: number, to: number): LaneSettings[] {
  const moved = [...lanes];
  const [lane] = moved.splice(from, 1);
  if (lane) moved.splice(Math.max(0, Math.min(moved.length, to)), 0, lane);
  return moved;
}

export function withColumn(
  lanes: readonly LaneSettings[],
  setting: ComparedSetting,
  shared: TrainingSettings,
): LaneSettings[] {
  return lanes.map((lane) => ({ ...lane, [setting]: lane[setting] ?? sharedValue(shared, setting) }));
}

export function withoutColumn(lanes: readonly LaneSettings[], setting: ComparedSetting): LaneSettings[] {
  const reduced = lanes.map((lane) => ({ ...lane, [setting]: undefined }));
  return reduced.map(
    (lane) => Object.fromEntries(Object.entries(lane).filter(([, value]) => value !== undefined)) as LaneSettings,
  );
}

/** A copy of a lane that differs in the first compared setting, so that there is something to compare. */
export function variant(lane: LaneSettings, columns: readonly ComparedSetting[]): LaneSettings {
  const setting = columns[0];
  if (setting === 'momentum') return { ...lane, momentum: lane.momentum === 0.9 ? 0.5 : 0.9 };
  if (setting === 'nesterov') return { ...lane, nesterov: !lane.nesterov };
  if (setting === 'beta1' || setting === 'beta2' || setting === 'alpha' || setting === 'rho')
    return { ...lane, [setting]: lane[setting] === 0.9 ? 0.5 : 0.9 };
  if (setting) return { ...lane, [setting]: nextOnLogScale(lane[setting] ?? 0, 1) };
  return { ...lane, learningRate: nextOnLogScale(lane.learningRate, 1) };
}

/** Pairs of lanes (positions) with equal settings, which would draw the same curve twice. */
export function equalLanes(lanes: readonly LaneSettings[]): [number, number][] {
  const pairs: [number, number][] = [];
  for (let j = 1; j < lanes.length; j++) {
    const i = lanes.findIndex((lane, index) => index < j && sameLane(lane, lanes[j] as LaneSettings));
    if (i >= 0) pairs.push([i, j]);
  }
  return pairs;
}
