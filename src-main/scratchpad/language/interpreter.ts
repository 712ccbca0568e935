import { parse } from '../../../shared/python/parse';
import { analyseScopes } from '../../../shared/python/scopes';
import type { SyntaxProblem } from '../../../shared/python/syntax-error';
import { builtins } from './builtins';
import { Frame } from './compile/frame';
import { ProgramCompiler } from './compile/generators';
import { Globals } from './compile/globals';
import { PythonError, withHint } from './errors';
import type { HostModule } from './host';
import { Limits } from './limits';
import { Runtime, type Output } from './runtime';
import type { Value } from './values';

/** How a cell ended. */
export type CellResult =
  /** `value`: of the last line, where that is an expression. */
  { ok: true; value: Value; text: string | null } | { ok: false; error: PythonError };

/** One notebook: its variables, which cells run one after the other share. */
export class Interpreter {
  readonly globals = new Globals();
  readonly runtime: Runtime;

  constructor(
    private readonly modules: ReadonlyMap<string, HostModule>,
    output: Output,
  ) {
    this.runtime = new Runtime(new Limits(), output);
  }

  /** Runs a cell to its end. Whatever the program does wrong is in the result; only a defect of ours is thrown. */
  run(source: string, limits: Limits): CellResult {
    const { runtime } = this;
    runtime.limits = limits;
    runtime.depth = 0;
    runtime.handling = null;
    try {
      const execute = this.compile(source);
      const value = execute(new Frame([], []));
      return { ok: true, value, text: value === null ? null : runtime.repr(value) };
    } catch (thrown) {
      return { ok: false, error: runtime.caught(thrown, 0) };
    }
  }

  private compile(source: string): (frame: Frame) => Value {
    const { module, problems } = parse(source);
    const [mistake] = problems;
    if (mistake) throw syntaxError(mistake);
    const scopes = analyseScopes(module);
    const [other] = scopes.problems;
    if (other) throw syntaxError(other);
    const { runtime, globals, modules } = this;
    return new ProgramCompiler({ runtime, globals, builtins, modules, scopes }, scopes.module, '').lastValue(
      module.body,
    );
  }
}

function syntaxError({ kind, message, hint, position }: SyntaxProblem): PythonError {
  const error = withHint(new PythonError(kind, message), hint);
  error.position = position;
  return error;
}
