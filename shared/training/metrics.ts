import type { LossName } from './losses';
import { losses } from './losses';

/** What can be measured beside the loss; definitions are scikit-learn's (src-native/core/metrics.cpp, evaluate.ts). */
export const metricNames = [
  'accuracy',
  'top-3',
  'top-5',
  'precision',
  'recall',
  'f1',
  'auc',
  'mae',
  'rmse',
  'r2',
] as const;
export type MetricName = (typeof metricNames)[number];

const ofErrors: readonly MetricName[] = ['mae', 'rmse', 'r2'];
const ofRanks: readonly MetricName[] = ['top-3', 'top-5'];

/** Shares from 0 to 1, which are shown as a percentage. */
export function isShare(metric: string): boolean {
  return metric === 'accuracy' || metric === 'top-3' || metric === 'top-5';
}

/** Whether larger is better. */
export function growsBetter(metric: string): boolean {
  return metric !== 'mae' && metric !== 'rmse';
}

/** What a metric can be measured of: classes, or numbers compared by a loss. */
export function fitsMetric(metric: MetricName, classes: boolean, loss: LossName): boolean {
  if (loss === 'bce-logits') return !ofRanks.includes(metric);
  if (classes) return !ofErrors.includes(metric) || losses[loss].targets !== 'classes';
  return ofErrors.includes(metric);
}

/** What is measured unless the settings say otherwise. */
export function usualMetrics(classes: boolean, loss: LossName): MetricName[] {
  return classes || loss === 'bce-logits' ? ['accuracy'] : ['mae', 'rmse', 'r2'];
}
