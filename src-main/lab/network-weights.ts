import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { LabError, systemReason } from '../../shared/errors';
import type { NetworkDocument } from '../../shared/network/document';
import type { Initializer } from '../../shared/network/graph';
import { decodeModel } from '../onnx/decode';
import { errorCode } from './files';

/** Where an import puts the weights, beside project.json. */
export const weightsFile = 'weights.onnx';

/**
 * The first values of the network's weights, by initializer, from the project's weights file; none where the network draws all of
 * them. A file that is gone, or is not the one the document names, is an error: training from other weights would pass for the
 * imported model.
 */
export async function networkWeights(
  projectFolder: string,
  { weights }: NetworkDocument,
): Promise<ReadonlyMap<string, Initializer>> {
  if (!weights) return new Map();
  const path = resolve(projectFolder, weights.path);
  if (!path.startsWith(resolve(projectFolder) + sep)) throw new LabError('project.weights-outside', { path });
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const code = errorCode(error) === 'ENOENT' ? 'project.weights-missing' : 'model.file-unreadable';
    throw new LabError(code, { path, file: path, reason: systemReason(error) }, { cause: error });
  }
  if (sha256(bytes) !== weights.sha256) throw new LabError('project.weights-changed', { path });
  return new Map(decodeModel(bytes, path).graph.initializers.map((item) => [item.name, item]));
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
