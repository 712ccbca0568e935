import { readFileSync } from 'node:fs';
import { loadAddon } from '../../../../../src-main/engine/addon';
import type { Drawing } from '../../../../../shared/api/scratchpad';
import { Interpreter } from '../../../../../src-main/scratchpad/language/interpreter';
import { defaultLimits, Limits, type LimitSettings } from '../../../../../src-main/scratchpad/language/limits';
import type { PythonError } from '../../../../../src-main/scratchpad/language/errors';
import type { TorchOptions } from '../../../../../src-main/scratchpad/torch/session';
import { createTorch } from '../../../../../src-main/scratchpad/torch/torch';

const engine = loadAddon();

export interface Outcome {
  output: string;
  drawings: Drawing[];
  error: PythonError | null;
}

/** A new notebook with the modules torch, numpy, …; every call of the result runs a cell. */
export function notebook(options: TorchOptions = {}, limits: Partial<LimitSettings> = {}): (source: string) => Outcome {
  let outcome: Outcome = { output: '', drawings: [], error: null };
  const interpreter = new Interpreter(createTorch(engine, options).modules, {
    print: (text) => (outcome.output += text),
    display: (drawing) => outcome.drawings.push(drawing),
  });
  return (source) => {
    outcome = { output: '', drawings: [], error: null };
    const result = interpreter.run(source, new Limits({ ...defaultLimits, ...limits }));
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
