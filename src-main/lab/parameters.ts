import { fewParameters, type ParameterValues } from '../../shared/api/experiments';
import type { Graph } from '../../shared/network/graph';
import type { Experiment, ExperimentRegistry } from './experiment-registry';
import { readModelFile } from './model-files';

/** Where a lane's parameters started and where they are now; null when there are too many to read one by one. */
export async function laneParameters(
  experiments: ExperimentRegistry,
  experiment: Experiment,
  lane: string,
): Promise<ParameterValues[] | null> {
  const initial = trainable(await readModelFile(experiment.folder.initialPath));
  let count = 0;
  for (const values of initial.values()) count += values.length;
  if (count > fewParameters) return null;
  const now = trainable(await experiments.laneGraph(experiment, lane, 'last'));
  return [...initial].map(([name, values]) => ({ name, initial: values, now: now.get(name) ?? values }));
}

function trainable({ initializers }: Graph): Map<string, number[]> {
  const values = new Map<string, number[]>();
  for (const { name, data, frozen } of initializers)
    if (!frozen && data instanceof Float32Array) values.set(name, Array.from(data));
  return values;
}
