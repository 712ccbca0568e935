import type { LabContext } from './context';
import type { Experiment, ExperimentRegistry } from './experiment-registry';

/**
 * The network's answers of a lane to prepared inputs, flattened per row. A running lane answers from its weights of this moment;
 * any other from its saved file, computed by the engine all the same.
 */
export async function laneOutputs(
  context: LabContext,
  experiments: ExperimentRegistry,
  experiment: Experiment,
  lane: { id: string; which: 'last' | 'best' },
  inputs: Float32Array,
  count: number,
): Promise<Float32Array> {
  if (experiment.run && lane.which === 'last')
    return experiment.run.predict(experiments.laneIndex(experiment, lane.id), inputs, count);
  const graph = await experiments.laneGraph(experiment, lane.id, lane.which);
  return context.compute.outputs(graph, inputs, count);
}
