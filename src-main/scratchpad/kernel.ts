import type {
  CellError,
  CellOutcome,
  CellOutput,
  Drawing,
  Suggestion,
  ValueView,
  VariableInfo,
} from '../../shared/api/scratchpad';
import { keywordNames, namesIn, typingContext } from '../../shared/python/suggest';
import { attributeNames, findAttribute } from './language/attributes';
import { builtins } from './language/builtins';
import { Interruption, type PythonError } from './language/errors';
import type { GraphAnswer, NetworkAnswer, NetworkSourceAnswer, Refused } from './kernel-messages';
import { HostFunction, HostModule, HostObject } from './language/host';
import { Interpreter } from './language/interpreter';
import { isIterable } from './language/iteration';
import { defaultLimits, Limits, type LimitSettings } from './language/limits';
import { typeName } from './language/type-names';
import { PyClass, PyFunction, PyInstance, PyMethod, type Value } from './language/values';
import { holdOrigins, recordedGraph } from './torch/graph';
import { mayBeNetwork, networkGraph, networkSource, type NetworkChoice } from './torch/network/open';
import { NetworkRefusal } from './torch/network/refusal';
import { cpu } from './torch/tensor/device';
import { isTensor } from './torch/tensor/tensor';
import type { Torch } from './torch/torch';
import { valueDrawing } from './torch/value-drawing';

export interface KernelOptions {
  torch: Torch;
  output(piece: CellOutput): void;
  /** Asked often while a cell runs. */
  onCheck?(): void;
  /** Not 0: the running cell is to end. */
  stopFlag?: Int32Array;
  /** Bytes held by the notebook, after a garbage collection. */
  measure?(): number;
  limits?: LimitSettings;
}

/** For what a notebook shows beside its cells: a value whose text takes longer is shown by its type alone. */
const glance: LimitSettings = { steps: 5000, milliseconds: 50, memory: 2 ** 20, output: 0, depth: 50 };
/** For a call of a module that is opened as a network, in milliseconds. */
const longestCall = 60_000;
const shownCharacters = 80;
const mostSuggestions = 200;

/** One notebook: runs its cells, tells what its variables hold and what could be typed next. */
export class Kernel {
  private readonly interpreter: Interpreter;
  /** What the program writes now belongs to no cell. */
  private silent = false;

  constructor(private readonly options: KernelOptions) {
    const output = (piece: CellOutput): void => {
      if (!this.silent) options.output(piece);
    };
    this.interpreter = new Interpreter(options.torch.modules, {
      print: (text) => output({ kind: 'text', text }),
      display: (drawing) => output({ kind: 'drawing', drawing }),
    });
  }

  run(code: string): CellOutcome {
    const { limits = defaultLimits, stopFlag, measure, onCheck } = this.options;
    const started = performance.now();
    const ended = this.interpreter.run(code, new Limits(limits, { stopFlag, measure, onCheck }));
    const seconds = (performance.now() - started) / 1000;
    holdOrigins(this.interpreter.globals.entries());
    if (ended.ok) return { status: 'done', value: ended.text, seconds };
    return { status: 'failed', error: cellError(ended.error), seconds };
  }

  /** In the order in which their names came up. */
  variables(): VariableInfo[] {
    return [...this.interpreter.globals.entries()]
      .filter(([name, value]) => !name.startsWith('_') && !(value instanceof HostModule))
      .map(([name, value]) => ({
        name,
        type: typeName(value),
        shape: this.shapeOf(value),
        device: isTensor(value) && value.device !== cpu ? value.device.name : null,
        text: this.glanceAt(() => shorten(this.interpreter.runtime.repr(value))) ?? `<${typeName(value)}>`,
        network: mayBeNetwork(this.options.torch, value),
      }));
  }

  /** What has to be asked before a variable is opened as a network. */
  networkSource(name: string): NetworkSourceAnswer {
    return this.refusable(() => ({ source: networkSource(this.options.torch, name, this.named()) }), name);
  }

  /** A module, or what a tensor was computed by, as a graph. */
  network(name: string, choice: NetworkChoice): NetworkAnswer {
    const { runtime } = this.interpreter;
    const { stopFlag, measure } = this.options;
    runtime.limits = new Limits({ ...defaultLimits, milliseconds: longestCall }, { stopFlag, measure });
    runtime.depth = 0;
    this.silent = true;
    try {
      return this.refusable(
        () => ({ graph: networkGraph(this.options.torch, name, this.named(), choice, runtime) }),
        name,
      );
    } finally {
      runtime.depth = 0;
      this.silent = false;
    }
  }

  private refusable<Answer>(work: () => Answer, name: string): Answer | Refused {
    try {
      return work();
    } catch (error) {
      if (error instanceof NetworkRefusal) return { refused: { code: error.code, details: error.details } };
      if (error instanceof Interruption) return { refused: { code: 'scratchpad.network-long', details: { name } } };
      throw error;
    }
  }

  private named(): [string, Value][] {
    return [...this.interpreter.globals.entries()].filter(([known]) => !known.startsWith('_'));
  }

  /** How the value of a variable was computed. */
  graph(name: string): GraphAnswer {
    const value = this.interpreter.globals.get(name);
    if (!isTensor(value)) return { refused: value === undefined ? 'no-variable' : 'no-tensor', nodes: 0 };
    const graph = recordedGraph(value, this.named());
    return typeof graph === 'number' ? { refused: 'too-large', nodes: graph } : { graph };
  }

  /** The numbers of a variable, drawn; null: it holds none. */
  view(name: string, as: ValueView): Drawing | null {
    return valueDrawing(name, this.interpreter.globals.get(name) ?? null, as);
  }

  /** `line` from 1, `column` from 0. */
  complete(code: string, line: number, column: number): Suggestion[] {
    const typing = typingContext(code, line, column);
    if (!typing) return [];
    const { modules } = this.options.torch;
    let found: Suggestion[];
    if (typing.kind === 'name') found = this.names(code);
    else if (typing.kind === 'attribute') found = this.attributes(typing.path);
    else if (typing.module === null)
      found = [...modules.keys()].map((name) => suggestion(name, modules.get(name) ?? null));
    else found = this.members(modules.get(typing.module));
    return found
      .filter(({ name }) => name.startsWith(typing.prefix) && (typing.prefix.startsWith('_') || !name.startsWith('_')))
      .sort((a, b) => a.name.localeCompare(b.name, 'en'))
      .slice(0, mostSuggestions);
  }

  private names(code: string): Suggestion[] {
    const found = new Map<string, Suggestion>();
    const keyword = (name: string): Suggestion => ({ name, kind: 'keyword', signature: null, help: '' });
    for (const name of keywordNames) found.set(name, keyword(name));
    for (const name of namesIn(code)) found.set(name, { name, kind: 'variable', signature: null, help: '' });
    for (const [name, value] of builtins) found.set(name, suggestion(name, value));
    for (const [name, value] of this.interpreter.globals.entries()) found.set(name, suggestion(name, value));
    return [...found.values()];
  }

  /** Looks only at what is there: no function of the program is called for a suggestion. */
  private attributes(path: string[] | null): Suggestion[] {
    const [first, ...rest] = path ?? [];
    if (first === undefined) return [];
    let value = this.interpreter.globals.get(first) ?? builtins.get(first);
    for (const name of rest) value = value === undefined ? undefined : this.peek(value, name);
    return this.members(value);
  }

  private members(value: Value | undefined): Suggestion[] {
    if (value === undefined) return [];
    return [...attributeNames(value)].map((name) => suggestion(name, this.peek(value, name) ?? null));
  }

  private peek(value: Value, name: string): Value | undefined {
    if (value instanceof PyInstance) return value.attributes.get(name) ?? value.type.lookup(name);
    return this.glanceAt(() => findAttribute(value, name, this.interpreter.runtime));
  }

  private shapeOf(value: Value): number[] | null {
    if (!(value instanceof HostObject)) return null;
    const { runtime } = this.interpreter;
    const sizes = this.glanceAt(() => {
      const shape = findAttribute(value, 'shape', runtime);
      return shape === undefined || !isIterable(shape) ? null : [...runtime.iterate(shape)].map(Number);
    });
    return sizes?.every(Number.isFinite) ? sizes : null;
  }

  /** Undefined when it takes too long or fails. */
  private glanceAt<Result>(look: () => Result): Result | undefined {
    const { runtime } = this.interpreter;
    runtime.limits = new Limits(glance);
    runtime.depth = 0;
    try {
      return look();
    } catch (thrown) {
      runtime.caught(thrown, 0);
      return undefined;
    }
  }
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > shownCharacters ? `${line.slice(0, shownCharacters - 1)}…` : line;
}

function suggestion(name: string, value: Value): Suggestion {
  if (value instanceof HostModule) return { name, kind: 'module', signature: null, help: '' };
  if (value instanceof PyMethod) return suggestion(name, value.callee);
  if (value instanceof HostFunction)
    return { name, kind: 'function', signature: value.signature.describe(), help: value.help };
  if (value instanceof PyFunction)
    return { name, kind: 'function', signature: value.code.signature.describe(), help: value.code.documentation ?? '' };
  if (value instanceof PyClass)
    return {
      name,
      kind: 'class',
      signature: value.construct?.signature.describe() ?? null,
      help: value.construct?.help ?? '',
    };
  return { name, kind: 'variable', signature: null, help: '' };
}

function cellError({ kind, message, hint, position, traceback }: PythonError): CellError {
  const { line = 1, column = 0, endLine = 1, endColumn = 0 } = position ?? {};
  return {
    kind,
    message,
    hint,
    range: { line, column: column + 1, endLine, endColumn: endColumn + 1 },
    traceback: traceback.map(({ name, position: { line: calledAt } }) => ({ name, line: calledAt })),
  };
}
