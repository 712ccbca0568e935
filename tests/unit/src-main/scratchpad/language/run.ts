import type { PythonError } from '../../../../../src-main/scratchpad/language/errors';
import type { HostModule } from '../../../../../src-main/scratchpad/language/host';
import { Interpreter } from '../../../../../src-main/scratchpad/language/interpreter';
import { defaultLimits, Limits, type LimitSettings } from '../../../../../src-main/scratchpad/language/limits';

export interface Outcome {
  printed: string;
  /** Of the last line; null: nothing was shown. */
  result: string | null;
  error: PythonError | null;
}

/** Runs cells one after the other in a notebook of their own; tells how the last one ended. */
export function run(
  cells: string | string[],
  limits: Partial<LimitSettings> = {},
  modules: ReadonlyMap<string, HostModule> = new Map(),
): Outcome {
  let outcome: Outcome = { printed: '', result: null, error: null };
  const interpreter = new Interpreter(modules, {
    print: (text) => (outcome.printed += text),
    display: () => undefined,
  });
  for (const source of typeof cells === 'string' ? [cells] : cells) {
    outcome = { printed: '', result: null, error: null };
    const ended = interpreter.run(source, new Limits({ ...defaultLimits, ...limits }));
    if (ended.ok) outcome.result = ended.text;
    else outcome.error = ended.error;
  }
  return outcome;
}
