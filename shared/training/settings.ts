import { z } from 'zod';

export const lossNames = ['mse', 'half-squared', 'cross-entropy', 'bce-logits'] as const;
export type LossName = (typeof lossNames)[number];

/** Hyperparameters a lane may have of its own; everything else is shared, so that lanes stay in lockstep. */
export const laneSchema = z.strictObject({
  learningRate: z.number().positive().finite(),
  momentum: z.number().min(0).max(1).optional(),
  dampening: z.number().min(0).max(1).optional(),
  nesterov: z.boolean().optional(),
  weightDecay: z.number().min(0).finite().optional(),
});

/** The `training` part of project.json. */
export const trainingSchema = z.strictObject({
  /** auto: cross-entropy for classes, mean squared error for numbers. */
  loss: z.enum(['auto', ...lossNames]).default('auto'),
  lanes: z
    .array(laneSchema)
    .min(1)
    .max(256)
    .default([{ learningRate: 0.01 }, { learningRate: 0.1 }]),
  /** What every lane has unless it says otherwise. */
  momentum: z.number().min(0).max(1).default(0),
  dampening: z.number().min(0).max(1).default(0),
  nesterov: z.boolean().default(false),
  weightDecay: z.number().min(0).finite().default(0),
  /** online: an update after every sample; full: one update per epoch. */
  batch: z.enum(['online', 'mini-batch', 'full']).default('mini-batch'),
  batchSize: z.number().int().min(1).max(1_000_000).default(32),
  shuffle: z.boolean().default(true),
  /** Of the initial weights and of the order of the samples. */
  seed: z.number().int().min(0).max(4_294_967_295).default(42),
  epochs: z.number().int().min(1).max(10_000_000).default(100),
  /** "Until error ≤ ε": a lane stops when its training loss is at most this. */
  targetLoss: z.number().min(0).nullable().default(null),
  /** A lane whose training loss exceeds this many times that of knowing nothing (or of its start) is frozen as diverged. */
  divergenceFactor: z.number().min(2).default(20),
  device: z
    .string()
    .regex(/^(auto|cpu|cuda(:\d+)?)$/, 'auto, cpu, cuda or cuda:<number>')
    .default('auto'),
  /** 0: as many as the machine has processors. Never changes a result. */
  threads: z.number().int().min(0).max(1024).default(0),
  /** Epochs between checkpoints on disk; a checkpoint is also written at least every 5 s of training. */
  checkpointEvery: z.number().int().min(1).default(100),
});

export type LaneSettings = z.infer<typeof laneSchema>;
export type TrainingSettings = z.infer<typeof trainingSchema>;
