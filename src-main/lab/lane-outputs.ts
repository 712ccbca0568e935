import type { ComputedOn } from '../../shared/api/computed-on';
import type { LabContext } from './context';
import { trainedOn } from './experiment-files';
import type { Experiment, ExperimentRegistry } from './experiment-registry';
import { TrainedDevice } from './trained-device';

/** A running lane answers this many rows itself. Its training waits meanwhile, so larger sets go to the other process. */
const mostRowsOfRun = 4096;

/**
 * The network's answers of a lane to prepared inputs, flattened per row. A running lane answers from its weights of this moment,
 * one moment for all rows; any other from its saved file, computed by the engine all the same, where it was trained.
 */
export async function laneOutputs(
  context: LabContext,
  experiments: ExperimentRegistry,
  experiment: Experiment,
  lane: { id: string; which: 'last' | 'best' },
  inputs: Float32Array,
  count: number,
): Promise<{ outputs: Float32Array; computedOn: ComputedOn }> {
  const { run, frozen, status } = experiment;
  const trained = trainedOn(frozen, status);
  if (run && lane.which === 'last' && count <= mostRowsOfRun) {
    const { device, precision } = trained;
    const outputs = await run.predict(experiments.laneIndex(experiment, lane.id), inputs, count);
    return { outputs, computedOn: { device, precision, trained: device, reason: null } };
  }
  const graph = await experiments.laneGraph(experiment, lane.id, lane.which);
  const device = await TrainedDevice.find(context, trained);
  const outputs = await device.use((card) => context.compute.outputs(graph, inputs, count, card));
  return { outputs, computedOn: device.computedOn };
}
