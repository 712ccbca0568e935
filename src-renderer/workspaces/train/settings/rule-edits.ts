import type { LossOptions } from '../../../../shared/training/losses';
import { optimizers, type HyperparameterName, type OptimizerName } from '../../../../shared/training/optimizers';
import { isShared } from '../../../../shared/training/parameters';
import type { ScheduleKind, ScheduleParameter, ScheduleSettings } from '../../../../shared/training/schedule';
import type { TrainingSettings } from '../../../../shared/training/settings';

/**
 * Another optimizer. What was left at the usual values of the old one becomes the usual of the new: the weight decay, and learning rates if
 * the race is the one a new project starts with. What a person has chosen stays.
 */
export function withOptimizer(training: TrainingSettings, name: OptimizerName): TrainingSettings {
  const [before, after] = [optimizers[training.optimizer.name], optimizers[name]];
  const untouched =
    training.lanes.length === before.rates.length &&
    training.lanes.every((lane) => Object.keys(lane).length === 1 && before.rates.includes(lane.learningRate));
  return {
    ...training,
    optimizer: { ...training.optimizer, name },
    weightDecay: training.weightDecay === before.weightDecay ? after.weightDecay : training.weightDecay,
    lanes: untouched ? after.rates.map((learningRate) => ({ learningRate })) : training.lanes,
  };
}

export function withHyperparameter(
  training: TrainingSettings,
  name: HyperparameterName,
  value: number | boolean,
): TrainingSettings {
  if (isShared(name)) return { ...training, [name]: value };
  return { ...training, optimizer: { ...training.optimizer, [name]: value } };
}

/** Another kind; parameters stay for when the old one is chosen again. */
export function withScheduleKind(schedule: ScheduleSettings, kind: ScheduleKind): ScheduleSettings {
  return { ...schedule, kind };
}

export function withScheduleParameter(
  schedule: ScheduleSettings,
  name: ScheduleParameter,
  value: number | boolean,
): ScheduleSettings {
  return { ...schedule, [name]: value };
}

export function withLossOption<Name extends keyof LossOptions>(
  options: LossOptions,
  name: Name,
  value: LossOptions[Name] | null,
): LossOptions {
  if (value !== null) return { ...options, [name]: value };
  return Object.fromEntries(Object.entries(options).filter(([key]) => key !== name));
}
