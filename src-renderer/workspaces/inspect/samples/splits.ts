import type { InspectSummary } from '../../../../shared/api/inspect';
import type { SplitName } from '../../../../shared/project/data';

const splitNames: readonly SplitName[] = ['training', 'validation', 'test'];

/** Those that have samples. */
export function splitsOf({ splits }: InspectSummary): SplitName[] {
  return splitNames.filter((name) => splits[name] > 0);
}
