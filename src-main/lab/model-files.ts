import { readFile } from 'node:fs/promises';
import { LabError } from '../../shared/errors';
import type { Graph } from '../../shared/network/graph';
import type { Tensor } from '../engine/native';
// Not from ../onnx/index: that would load onnxruntime into every command.
import { decodeModel } from '../onnx/decode';
import { encodeModel } from '../onnx/encode';
import { writeMetadata } from '../onnx/metadata';
import type { FrozenExperiment } from './experiment-files';
import { errorCode } from './files';

/**
 * What a model file remembers beside its weights. Nothing of the lane or the experiment is in it: the same weights of the same
 * project give the same bytes.
 */
export function modelMetadata(
  { project, preprocessing }: Pick<FrozenExperiment, 'project' | 'preprocessing'>,
  baked: { scalesItself: boolean; givesProbabilities: boolean } = { scalesItself: false, givesProbabilities: false },
): Record<string, string> {
  const { target } = preprocessing;
  const classes = target.kind === 'classes' ? target.classes : null;
  return writeMetadata({ project, preprocessing, classes, ...baked });
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

export function encodeWeights(graph: Graph, weights: Record<string, Tensor>, frozen: FrozenExperiment): Uint8Array {
  return encodeModel(withWeights(graph, weights), { metadata: modelMetadata(frozen) });
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
