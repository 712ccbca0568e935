import type { ExperimentSummary } from '../../../shared/api/experiments';

const resumable: ReadonlySet<ExperimentSummary['state']> = new Set(['stopped', 'interrupted', 'failed']);

/** A run that ended before its time and left a checkpoint with something still to train. */
export function canResume(summary: ExperimentSummary): boolean {
  return (
    resumable.has(summary.state) &&
    summary.checkpointEpoch !== null &&
    summary.checkpointEpoch < summary.settings.epochs
  );
}
