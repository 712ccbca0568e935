import type { InspectRun } from '../../../shared/api/inspect';
import { precisionNames } from '../../../shared/training/precision';

/** The name of the precision that factors of products were rounded to; none were in float32. */
export function roundedFactors(run: Pick<InspectRun, 'computedOn'> | null): string | null {
  const precision = run?.computedOn.precision ?? 'float32';
  return precision === 'float32' ? null : precisionNames[precision];
}
