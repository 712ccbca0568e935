import type { LabContext } from './context';
import type { Experiment, ExperimentRegistry } from './experiment-registry';

/** A running lane answers this many rows itself. Its training waits meanwhile, so larger sets go to the other process. */
const mostRowsOfRun = 4096;

/**
 * The network's answers of a lane to prepared inputs, flattened per row. A running lane answers from its weights of this moment,
 * one moment for all rows; any other from its saved file, computed by the engine all the same.
 */
export async function laneOutputs(
  context: LabContext,
  experiments: ExperimentRegistry,
  experiment: Experiment,
  lane: { id: string; which: 'last' | 'best' },
  inputs: Float32Array,
  count: number,
): Promise<Float32Array> {
  if (experiment.run && lane.which === 'last' && count <= mostRowsOfRun)
    return experiment.run.predict(experiments.laneIndex(experiment, lane.id), inputs, count);
  const graph = await experiments.laneGraph(experiment, lane.id, lane.which);
  return context.compute.outputs(graph, inputs, count);
}
