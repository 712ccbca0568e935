import { basename } from 'node:path';
import ort from 'onnxruntime-node';
import { LabError } from '../../shared/errors';
import type { Tensor } from '../engine/native';

/** The independent runtime every export is checked with. */
export const onnxruntimeVersion = ort.env.versions.node ?? ort.env.versions.common;

/** A model loaded in onnxruntime, for several runs. */
export interface RunningModel {
  inputNames: readonly string[];
  outputNames: readonly string[];
  run(inputs: Record<string, Tensor>): Promise<Record<string, Tensor>>;
  close(): Promise<void>;
}

/** Loads a file (by path) or its bytes; `file` is the name for error messages. */
export async function loadModel(source: string | Uint8Array, file = fileName(source)): Promise<RunningModel> {
  const options = { executionProviders: ['cpu'], logSeverityLevel: 3 } as const;
  const session = await attempt(file, () =>
    typeof source === 'string'
      ? ort.InferenceSession.create(source, options)
      : ort.InferenceSession.create(source, options),
  );
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    async run(inputs) {
      const given = Object.keys(inputs);
      const expected = [...session.inputNames];
      if (given.length !== expected.length || expected.some((name) => !given.includes(name)))
        throw new LabError('model.input-names', { file, expected, given: given.length > 0 ? given : '–' });
      const outputs = await attempt(file, () =>
        session.run(Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, toOrt(tensor)]))),
      );
      return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, fromOrt(value, name, file)]));
    },
    close: () => session.release(),
  };
}

/** Runs a model once in onnxruntime, on the CPU. Inputs and outputs by name. */
export async function runModel(
  source: string | Uint8Array,
  inputs: Record<string, Tensor>,
): Promise<Record<string, Tensor>> {
  const model = await loadModel(source);
  try {
    return await model.run(inputs);
  } finally {
    await model.close();
  }
}

function fileName(source: string | Uint8Array): string {
  return typeof source === 'string' ? basename(source) : 'model.onnx';
}

async function attempt<Result>(file: string, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LabError('model.run-failed', { file, reason: reason.trim() }, { cause: error });
  }
}

function toOrt({ dims, data }: Tensor): ort.Tensor {
  return data instanceof Float32Array ? new ort.Tensor('float32', data, dims) : new ort.Tensor('int64', data, dims);
}

function fromOrt(value: ort.OnnxValue, name: string, file: string): Tensor {
  const { data, dims, type } = value;
  if (data instanceof Float32Array || data instanceof BigInt64Array) return { dims: [...dims], data };
  if (data instanceof Float64Array) return { dims: [...dims], data: Float32Array.from(data) };
  if (data instanceof Int32Array || data instanceof Uint8Array || data instanceof Int8Array)
    return { dims: [...dims], data: BigInt64Array.from(data, BigInt) };
  throw new LabError('model.output-type', { file, name, type });
}
