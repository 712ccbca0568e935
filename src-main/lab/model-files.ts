import { readFile } from 'node:fs/promises';
import { LabError } from '../../shared/errors';
import type { Graph } from '../../shared/network/graph';
import type { Preprocessing } from '../../shared/project/preprocessing';
import type { Tensor } from '../engine/native';
// Not from ../onnx/index: that would load onnxruntime into every command.
import { decodeModel } from '../onnx/decode';
import { encodeModel } from '../onnx/encode';
import { writeMetadata } from '../onnx/metadata';
import type { FrozenExperiment } from './experiment-files';
import { errorCode } from './files';

/** What a model file remembers beside its weights. */
export function modelMetadata(
  preprocessing: Preprocessing,
  written: { project: string | null; scalesItself: boolean; givesProbabilities: boolean },
): Record<string, string> {
  const { target } = preprocessing;
  const classes = target.kind === 'classes' ? target.classes : null;
  return writeMetadata({ preprocessing, classes, ...written });
}

/** The graph with other weights; names that are missing keep their value (constants). */
export function withWeights(graph: Graph, weights: Record<string, Tensor>): Graph {
  return {
    ...graph,
    initializers: graph.initializers.map((item) => {
      const weight = weights[item.name];
      return weight ? { ...item, dims: weight.dims, data: weight.data } : item;
    }),
  };
}

/**
 * A lane's weights as a model file. Nothing of the lane, the experiment or the project is in it: the same training gives the same
 * bytes wherever it was done.
 */
export function encodeWeights(
  graph: Graph,
  weights: Record<string, Tensor>,
  { preprocessing }: Pick<FrozenExperiment, 'preprocessing'>,
): Uint8Array {
  const metadata = modelMetadata(preprocessing, { project: null, scalesItself: false, givesProbabilities: false });
  return encodeModel(withWeights(graph, weights), { metadata });
}

export async function readModelFile(path: string): Promise<Graph> {
  return decodeModel(await readFile(path), path).graph;
}

/** Saved weights of a lane; a lane that was never saved is named. */
export async function readLaneModel(path: string, experiment: string, lane: string): Promise<Graph> {
  try {
    return await readModelFile(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') throw new LabError('experiment.no-weights', { experiment, lane });
    throw error;
  }
}
