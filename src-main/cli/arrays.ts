import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from '../../shared/errors';
import type { Graph } from '../../shared/network/graph';
import type { LossName } from '../../shared/training/settings';
import type { Tensor } from '../engine/native';
import { decodeModel } from '../onnx/decode';
import { readNpy, writeNpy } from '../onnx/npy';
import { withLab } from './host';

interface ArrayOptions {
  input: [string, string][];
  outputDir: string;
  threads: number;
}

export async function infer(
  model: string,
  options: ArrayOptions & { engine: 'native' | 'onnxruntime' },
): Promise<void> {
  const graph = await readGraph(model);
  const inputs = await readInputs(options.input);
  const outputs =
    options.engine === 'onnxruntime'
      ? await (await import('../onnx/run')).runModel(model, inputs)
      : await withLab((lab) => lab.compute.infer(graph, inputs, options.threads));
  await writeAll(options.outputDir, outputs);
}

export async function gradients(
  model: string,
  options: ArrayOptions & { loss: LossName; target: string },
): Promise<void> {
  const graph = await readGraph(model);
  const inputs = await readInputs(options.input);
  const target = await readNpy(options.target);
  const result = await withLab((lab) => lab.compute.gradients(graph, inputs, target, options.loss, options.threads));
  await writeAll(options.outputDir, {
    loss: { dims: [], data: Float32Array.of(result.loss) },
    ...result.gradients,
  });
}

async function readGraph(model: string): Promise<Graph> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(model);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LabError('app.usage', { reason: `The model ${model} cannot be read: ${reason}.` });
  }
  return decodeModel(bytes, model).graph;
}

async function readInputs(pairs: [string, string][]): Promise<Record<string, Tensor>> {
  if (pairs.length === 0) throw new LabError('app.usage', { reason: 'Give at least one --input name=x.npy.' });
  const entries = await Promise.all(pairs.map(async ([name, path]) => [name, await readNpy(path)] as const));
  return Object.fromEntries(entries);
}

/** A name may hold slashes; as a file name it must not leave the folder. */
async function writeAll(folder: string, tensors: Record<string, Tensor>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, tensor] of Object.entries(tensors))
    await writeNpy(join(folder, `${name.replace(/[/\\]/g, '_')}.npy`), tensor);
}
