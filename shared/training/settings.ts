import { z } from 'zod';
import { lossNames, lossOptionsSchema } from './losses';
import { metricNames } from './metrics';
import { hyperparameterOptionals, hyperparameterSchemas, optimizerSchema } from './optimizers';
import { precisions } from './precision';
import { scheduleSchema } from './schedule';

export { lossNames, type LossName } from './losses';

/** Hyperparameters a lane may have of its own; everything else is shared, so that lanes stay in lockstep. */
export const laneSchema = z.strictObject({
  learningRate: z.number().positive().finite(),
  ...hyperparameterOptionals,
});

/** The device of a run whose lanes are spread over all cards that can be used. */
export const allCards = 'cuda:all';

/** What a run is to be done on. */
export const deviceSchema = z
  .string()
  .regex(/^(auto|cpu|cuda(:(\d+|all))?)$/, 'auto, cpu, cuda, cuda:<number> or cuda:all');

/** The card that a device names: "cuda" is the first. */
export function cardId(device: string): string {
  return device === 'cuda' ? 'cuda:0' : device;
}

/** The `training` part of project.json. */
export const trainingSchema = z.strictObject({
  /** auto: cross-entropy for classes, mean squared error for numbers. */
  loss: z.enum(['auto', ...lossNames]).default('auto'),
  lossOptions: lossOptionsSchema.default({}),
  optimizer: optimizerSchema.default({ name: 'sgd' }),
  lanes: z
    .array(laneSchema)
    .min(1)
    .max(256)
    .default([{ learningRate: 0.01 }, { learningRate: 0.1 }]),
  /** What every lane has unless it says otherwise, where the optimizer reads it. */
  momentum: hyperparameterSchemas.momentum.default(0),
  dampening: hyperparameterSchemas.dampening.default(0),
  nesterov: hyperparameterSchemas.nesterov.default(false),
  weightDecay: hyperparameterSchemas.weightDecay.default(0),
  /** 0: off. */
  l1: hyperparameterSchemas.l1.default(0),
  maxNorm: hyperparameterSchemas.maxNorm.default(0),
  clipValue: hyperparameterSchemas.clipValue.default(0),
  clipNorm: hyperparameterSchemas.clipNorm.default(0),
  /** How the learning rates change while training. */
  schedule: scheduleSchema.default({ kind: 'constant', unit: 'epoch' }),
  /** online: an update after every sample; full: one update per epoch. */
  batch: z.enum(['online', 'mini-batch', 'full']).default('mini-batch'),
  batchSize: z.number().int().min(1).max(1_000_000).default(32),
  shuffle: z.boolean().default(true),
  /** Of the initial weights and of the order of the samples. */
  seed: z.number().int().min(0).max(4_294_967_295).default(42),
  epochs: z.number().int().min(1).max(10_000_000).default(100),
  /** "Until error ≤ ε": a lane stops when its training loss is at most this. */
  targetLoss: z.number().min(0).nullable().default(null),
  /** A lane stops after so many epochs without a loss (validation where there is one) below its best - minImprovement; null: never. */
  patience: z.number().int().min(1).nullable().default(null),
  minImprovement: z.number().min(0).finite().default(0),
  /** All lanes stop after so many seconds of training; null: never. The one rule that a second run does not repeat. */
  maxSeconds: z.number().positive().finite().nullable().default(null),
  /** Null: accuracy for classes; mae, rmse and r2 for numbers. */
  metrics: z.array(z.enum(metricNames)).nullable().default(null),
  /** A lane whose training loss exceeds this many times that of knowing nothing (or of its start) is frozen as diverged. */
  divergenceFactor: z.number().min(2).default(20),
  device: deviceSchema.default('auto'),
  /** Other than float32: on graphics cards only. */
  precision: z.enum(precisions).default('float32'),
  /** 0: as many as the machine has processors. Never changes a result. */
  threads: z.number().int().min(0).max(1024).default(0),
  /** Epochs between checkpoints on disk; a checkpoint is also written at least every 5 s of training. */
  checkpointEvery: z.number().int().min(1).default(100),
});

export type LaneSettings = z.infer<typeof laneSchema>;
export type TrainingSettings = z.infer<typeof trainingSchema>;
