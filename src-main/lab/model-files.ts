import { readFile, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { LabError } from '../../shared/errors';
import type { Graph } from '../../shared/network/graph';
import { losses } from '../../shared/training/losses';
import type { Tensor } from '../engine/native';
// Not from ../onnx/index: that would load onnxruntime into every command.
import { decodeModel } from '../onnx/decode';
import { encodeModel } from '../onnx/encode';
import { writeMetadata } from '../onnx/metadata';
import { modelType } from '../onnx/schema';
import type { FrozenExperiment } from './experiment-files';
import { errorCode, writeError } from './files';

/** What a model file remembers beside its weights. */
export function modelMetadata(
  { preprocessing, loss }: Pick<FrozenExperiment, 'preprocessing' | 'loss'>,
  written: { project: string | null; scalesItself: boolean; givesProbabilities: boolean },
): Record<string, string> {
  const { target } = preprocessing;
  const classes = target.kind === 'classes' ? target.classes : null;
  // Trained towards 0 and 1, outputs are no logits: nobody is to take a softmax of them.
  const givesProbabilities = written.givesProbabilities || (classes !== null && losses[loss].contains === null);
  return writeMetadata({ preprocessing, classes, ...written, givesProbabilities });
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
  frozen: Pick<FrozenExperiment, 'preprocessing' | 'loss'>,
): Uint8Array {
  const metadata = modelMetadata(frozen, { project: null, scalesItself: false, givesProbabilities: false });
  return encodeModel(withWeights(graph, weights), { metadata });
}

/** An export may replace an earlier export: not any other file, and not the weights an experiment lives on. */
export async function assertReplaceable(path: string, projectFolder: string): Promise<void> {
  const refusal = new LabError('model.not-replaced', { file: path });
  if (path.startsWith(join(projectFolder, 'experiments') + sep)) throw refusal;
  try {
    const found = await stat(path);
    if (!found.isFile() || (found.size > 0 && !isModel(await readFile(path)))) throw refusal;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw writeError(path, error);
  }
}

/** Of whatever producer and operators. */
function isModel(bytes: Uint8Array): boolean {
  try {
    return Boolean(modelType.toObject(modelType.decode(bytes)).graph);
  } catch {
    // Bytes that are no such message.
    return false;
  }
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
