import { optimizers, parametersOf, sharedNames, type HyperparameterName, type SharedName } from './optimizers';
import type { LaneSettings, TrainingSettings } from './settings';

/** The value all lanes have that say nothing else. */
export function sharedValue(settings: TrainingSettings, name: HyperparameterName): number | boolean {
  if (isShared(name)) return settings[name];
  return settings.optimizer[name] ?? optimizers[settings.optimizer.name].own[name] ?? 0;
}

export function isShared(name: HyperparameterName): name is SharedName {
  return (sharedNames as readonly HyperparameterName[]).includes(name);
}

export type LaneParameters = LaneSettings &
  Required<Pick<LaneSettings, 'momentum' | 'dampening' | 'nesterov' | 'weightDecay'>>;

/** Everything a lane trains with: what its optimizer reads, from the lane itself or shared; what it does not read is off. */
export function laneParameters(settings: TrainingSettings, lane: LaneSettings): LaneParameters {
  const read = parametersOf(settings.optimizer.name).map(
    (name) => [name, lane[name] ?? sharedValue(settings, name)] as const,
  );
  return {
    learningRate: lane.learningRate,
    momentum: 0,
    dampening: 0,
    nesterov: false,
    weightDecay: 0,
    ...Object.fromEntries(read),
  };
}
