import type { LossOptionName } from '../../../../shared/training/losses';
import type { HyperparameterName } from '../../../../shared/training/optimizers';
import type { ScheduleParameter } from '../../../../shared/training/schedule';

/** How a number is typed and dragged. */
export interface NumberSpec {
  minimum: number;
  maximum?: number;
  step: number | 'log';
  integer?: boolean;
  /** The bounds themselves are not allowed below. */
  exclusive?: boolean;
  nullable?: boolean;
}

const share: NumberSpec = { minimum: 0, maximum: 1, step: 0.1 };
/** β must stay below 1. */
const memory: NumberSpec = { minimum: 0, maximum: 0.999999, step: 0.01 };
const amount: NumberSpec = { minimum: 0, step: 'log' };
const positive: NumberSpec = { minimum: 0, step: 'log', exclusive: true };
const count: NumberSpec = { minimum: 0, step: 1, integer: true };

/** Numbers; the others are switches. */
export const hyperparameterSpecs: Record<
  Exclude<HyperparameterName, 'nesterov' | 'amsgrad' | 'centered'>,
  NumberSpec
> = {
  momentum: share,
  dampening: share,
  weightDecay: amount,
  beta1: memory,
  beta2: memory,
  alpha: { ...share, step: 0.01 },
  rho: { ...share, step: 0.01 },
  epsilon: amount,
  learningRateDecay: amount,
  initialAccumulator: amount,
  etaMinus: { minimum: 0, maximum: 0.999999, step: 0.1, exclusive: true },
  etaPlus: { minimum: 1, step: 0.1, exclusive: true },
  minStep: amount,
  maxStep: positive,
  l1: amount,
  maxNorm: amount,
  clipValue: amount,
  clipNorm: amount,
};

export const scheduleSpecs: Record<Exclude<ScheduleParameter, 'linear'>, NumberSpec> = {
  warmup: count,
  warmupStart: { ...share, exclusive: true },
  every: { ...count, minimum: 1 },
  gamma: positive,
  length: count,
  power: positive,
  period: count,
  stretch: { ...count, minimum: 1 },
  minimum: amount,
  rise: share,
  startDivisor: positive,
  endDivisor: positive,
  factor: { minimum: 0, maximum: 0.999999, step: 0.1, exclusive: true },
  patience: count,
  threshold: amount,
  cooldown: count,
};

export const lossOptionSpecs: Record<Exclude<LossOptionName, 'classWeights'>, NumberSpec> = {
  delta: positive,
  labelSmoothing: { ...share, step: 0.05 },
  margin: positive,
};

const trainTexts: ReadonlySet<string> = new Set([
  ...['momentum', 'dampening', 'nesterov', 'weightDecay', 'targetLoss', 'batchSize', 'epochs', 'seed'],
  ...['divergenceFactor', 'threads', 'checkpointEvery'],
]);

/** Those whose texts stand with the older settings of training. */
export function textScope(name: string): 'train' | 'rules' {
  return trainTexts.has(name) ? 'train' : 'rules';
}
