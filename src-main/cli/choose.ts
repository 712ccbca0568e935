import type { OpenProject } from '../../shared/api/contract';
import type { ExperimentSummary, LaneSummary } from '../../shared/api/experiments';
import { LabError } from '../../shared/errors';
import { bestLane } from '../lab/best-lane';
import type { Lab } from '../lab/index';

/** The experiment and lane a command is about: those named, otherwise the latest experiment with weights and its best lane. */
export async function chooseLane(
  lab: Lab,
  project: OpenProject,
  options: { experiment?: string; lane?: string },
): Promise<{ experiment: ExperimentSummary; lane: LaneSummary }> {
  const experiment = options.experiment
    ? await lab.call('experiments.get', { project: project.id, experiment: options.experiment })
    : (await lab.call('experiments.list', { project: project.id })).findLast((entry) => entry.checkpointEpoch !== null);
  if (!experiment) throw new LabError('experiment.none');
  const wanted = options.lane ?? bestLane(experiment.lanes);
  const lane = experiment.lanes.find(({ id }) => id === wanted);
  if (!lane)
    throw new LabError('experiment.lane-not-found', {
      experiment: experiment.id,
      lane: options.lane ?? '',
      known: experiment.lanes.map(({ id }) => id),
    });
  return { experiment, lane };
}
