import { z } from 'zod';

export const lossNames = [
  'mse',
  'half-squared',
  'absolute',
  'huber',
  'cross-entropy',
  'bce-logits',
  'hinge',
  'kl-divergence',
] as const;
export type LossName = (typeof lossNames)[number];

export interface LossInfo {
  /** classes: one index per sample. values: one number per output. shares: the same, from 0 up. Classes become columns of 0 and 1. */
  targets: 'classes' | 'values' | 'shares';
  /** What the loss does to the outputs before it compares them, so that outputs are no probabilities yet. */
  contains: 'Softmax' | 'Sigmoid' | null;
  options: readonly LossOptionName[];
}

export type LossOptionName = 'delta' | 'labelSmoothing' | 'classWeights' | 'margin';

/** Formulas stand in src-native/losses, one file each; they are PyTorch's, but for half-squared. */
export const losses: Record<LossName, LossInfo> = {
  mse: { targets: 'values', contains: null, options: [] },
  'half-squared': { targets: 'values', contains: null, options: [] },
  absolute: { targets: 'values', contains: null, options: [] },
  huber: { targets: 'values', contains: null, options: ['delta'] },
  'cross-entropy': { targets: 'classes', contains: 'Softmax', options: ['labelSmoothing', 'classWeights'] },
  'bce-logits': { targets: 'values', contains: 'Sigmoid', options: [] },
  hinge: { targets: 'classes', contains: null, options: ['margin'] },
  'kl-divergence': { targets: 'shares', contains: 'Softmax', options: [] },
};

/** Outputs that stand for so many classes: one each, or for binary cross-entropy of two classes a single logit, that of the second. */
export function outputsForClasses(loss: LossName, classes: number): number {
  return loss === 'bce-logits' && classes === 2 ? 1 : classes;
}

/** What is left out has the engine's default: delta 1, no smoothing, equal weights, margin 1. */
export const lossOptionsSchema = z.strictObject({
  /** Huber: errors up to this count squared, larger ones by their size. */
  delta: z.number().positive().finite().optional(),
  /** Cross-entropy: share of the target spread evenly over all classes. */
  labelSmoothing: z.number().min(0).max(1).optional(),
  /** Cross-entropy: one weight per class, or "balanced": samples / (classes · samples of the class), as scikit-learn. */
  classWeights: z.union([z.literal('balanced'), z.array(z.number().positive().finite()).min(1)]).optional(),
  /** Hinge: by how much the right output must exceed each other one. */
  margin: z.number().positive().finite().optional(),
});
export type LossOptions = z.infer<typeof lossOptionsSchema>;

/** `balanced`, for the classes of training samples; a class without samples weighs as much as one with a single sample. */
export function balancedWeights(classes: BigInt64Array, count: number): number[] {
  const counts = new Array<number>(count).fill(0);
  for (const label of classes) counts[Number(label)] = (counts[Number(label)] ?? 0) + 1;
  return counts.map((samples) => classes.length / (count * Math.max(1, samples)));
}
