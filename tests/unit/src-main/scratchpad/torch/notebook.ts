import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { loadAddon } from '../../../../../src-main/engine/addon';
import type { Drawing } from '../../../../../shared/api/scratchpad';
import type { PythonError } from '../../../../../src-main/scratchpad/language/errors';
import { Interpreter } from '../../../../../src-main/scratchpad/language/interpreter';
import { defaultLimits, Limits, type LimitSettings } from '../../../../../src-main/scratchpad/language/limits';
import type { TorchOptions } from '../../../../../src-main/scratchpad/torch/session';
import { createTorch } from '../../../../../src-main/scratchpad/torch/torch';

const engine = loadAddon();
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes held after a collection, as the kernel's thread measures them. */
export function measure(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

export interface Outcome {
  output: string;
  drawings: Drawing[];
  error: PythonError | null;
}

/** A new notebook with the modules torch, numpy, …; every call of the result runs a cell. Memory is measured only where limits are given. */
export function notebook(
  options: TorchOptions = {},
  limits: Partial<LimitSettings> | null = null,
): (source: string) => Outcome {
  let outcome: Outcome = { output: '', drawings: [], error: null };
  const interpreter = new Interpreter(createTorch(engine, options).modules, {
    print: (text) => (outcome.output += text),
    display: (drawing) => outcome.drawings.push(drawing),
  });
  return (source) => {
    outcome = { output: '', drawings: [], error: null };
    const unmeasured = new Limits({ ...defaultLimits, memory: Infinity });
    const given = limits ? new Limits({ ...defaultLimits, ...limits }, { measure }) : unmeasured;
    const result = interpreter.run(source, given);
    return { ...outcome, error: result.ok ? null : result.error };
  };
}

/** What a program prints. Fails when it ends with an error. */
export function printed(source: string): string {
  const { output, error } = notebook()(source);
  if (error) throw new Error(`${error.kind}: ${error.message} (line ${error.position?.line ?? 0})\n${output}`);
  return output;
}

export const golden = (name: string): string =>
  readFileSync(new URL(`../../../../golden/scratchpad/${name}`, import.meta.url), 'utf8');
