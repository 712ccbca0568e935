import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from '../../shared/errors';
import type { LossName } from '../../shared/training/settings';
import type { Tensor } from '../engine/native';
import type { Lab } from '../lab/index';
import { bindInputs, constantInputsOf, typedOutputs } from '../onnx/bind';
import { parseModel } from '../onnx/decode';
import type { ParsedModel } from '../onnx/model';
import { readNpy, writeNpy } from '../onnx/npy';
import { withLab } from './host';

interface ArrayOptions {
  input: [string, string][];
  outputDir: string;
  threads: number;
}

/** What a model of any types and shapes answers to arrays, in the order and the types of its outputs. */
export async function infer(path: string, options: ArrayOptions & { engine: 'native' | 'onnxruntime' }): Promise<void> {
  if (options.engine === 'onnxruntime') {
    const { runModel } = await import('../onnx/run');
    const answers = await runModel(path, await readInputs(options.input));
    await writeAll(options.outputDir, Object.entries(answers));
    return;
  }
  const model = await readModel(path);
  const given = await readInputs(options.input, model);
  const outputs = await withLab((lab) => inferNatively(lab.compute, model, given, options.threads));
  await writeAll(
    options.outputDir,
    outputs.map(({ port, tensor }) => [port.name, tensor, port.type] as const),
  );
}

/** The same on a lab that is open already. */
export async function inferNatively(
  compute: Lab['compute'],
  model: ParsedModel,
  given: Record<string, Tensor>,
  threads: number,
): Promise<ReturnType<typeof typedOutputs>> {
  const { graph, inputs, constants } = bindInputs(model, given, constantInputsOf(await compute.operators()));
  const computed = graph.outputs.length === 0 ? {} : await compute.infer(graph, inputs, threads);
  return typedOutputs(model, { ...constants, ...computed });
}

export async function gradients(
  path: string,
  options: ArrayOptions & { loss: LossName; target: string },
): Promise<void> {
  const model = await readModel(path);
  const given = await readInputs(options.input, model);
  const target = await readNpy(options.target);
  const result = await withLab(async ({ compute }) => {
    const { graph, inputs } = bindInputs(model, given, constantInputsOf(await compute.operators()));
    return compute.gradients(graph, inputs, target, options.loss, options.threads);
  });
  await writeAll(options.outputDir, [
    ['loss', { dims: [], data: Float32Array.of(result.loss) }],
    ...Object.entries(result.gradients),
  ]);
}

async function readModel(path: string): Promise<ParsedModel> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LabError('app.usage', { reason: `The model ${path} cannot be read: ${reason}.` });
  }
  return parseModel(bytes, path);
}

async function readInputs(pairs: [string, string][], model?: ParsedModel): Promise<Record<string, Tensor>> {
  if (pairs.length === 0 && model?.inputs.length !== 0)
    throw new LabError('app.usage', { reason: 'Give at least one --input name=x.npy.' });
  const entries = await Promise.all(pairs.map(async ([name, path]) => [name, await readNpy(path)] as const));
  return Object.fromEntries(entries);
}

async function writeAll(
  folder: string,
  tensors: readonly (readonly [name: string, tensor: Tensor, type?: string])[],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const names = fileNames(tensors.map(([name]) => name));
  for (const [index, [, tensor, type]] of tensors.entries())
    await writeNpy(join(folder, `${names[index]}.npy`), tensor, { bool: type === 'bool' });
}

/**
 * A name may hold slashes; as a file name it must not leave the folder, so they become "_". Where that makes two names one, the
 * later is numbered: "a/b" and "a_b" are a_b and a_b-2. Names that differ in case only are one on some systems.
 */
export function fileNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    // eslint-disable-next-line no-control-regex
    const plain = name.replace(/[/\\\u0000-\u001f]/g, '_').slice(0, 200);
    let free = plain;
    for (let number = 2; taken.has(free.toLowerCase()); number += 1) free = `${plain}-${number}`;
    taken.add(free.toLowerCase());
    return free;
  });
}
