import type { Drawing } from '../../../shared/api/scratchpad';
import type { Position } from '../../../shared/python/position';
import { PySet, PyDict } from './containers';
import { equal } from './comparison';
import { PythonError, typeError, type TracebackEntry } from './errors';
import { baseException, newException, toPythonError } from './exceptions';
import { findAttribute } from './attributes';
import { HostFunction, HostObject, type CallContext } from './host';
import { iteratorOf } from './iteration';
import type { Limits } from './limits';
import { repr, str } from './representation';
import { typeName } from './type-names';
import { PyClass, PyFunction, PyInstance, PyList, PyMethod, PyRange, PyTuple, type Value } from './values';

export interface Output {
  print(text: string): void;
  display(drawing: Drawing): void;
}

const noKeywords: ReadonlyMap<string, Value> = new Map();
const nowhere: Position = { line: 1, column: 0, endLine: 1, endColumn: 0 };

/** The state of a running program: where it is, what it has used up, which functions are being called. */
export class Runtime implements CallContext {
  /** Set by compiled code before everything that may fail. */
  position: Position = nowhere;
  /** Calls that are running; only the first `depth` entries count. */
  private readonly calls: TracebackEntry[] = [];
  depth = 0;
  /** What a bare `raise` raises again. */
  handling: PythonError | null = null;

  constructor(
    /** Anew for every cell. */
    public limits: Limits,
    private readonly output: Output,
  ) {}

  charge(steps: number): void {
    this.limits.charge(steps);
  }

  chargeMemory(bytes: number): void {
    this.limits.chargeMemory(bytes);
  }

  print(text: string): void {
    this.limits.chargeOutput(text.length);
    this.output.print(text);
  }

  display(drawing: Drawing): void {
    this.output.display(drawing);
  }

  /** A function is entered. Left again by `leave`, or, after an error, by whoever catches it (`caught`). */
  enter(name: string): void {
    if (this.depth >= this.limits.settings.depth)
      throw new PythonError('RecursionError', 'maximum recursion depth exceeded');
    const entry = this.calls[this.depth];
    if (entry) {
      entry.name = name;
      entry.position = this.position;
    } else {
      this.calls.push({ name, position: this.position });
    }
    this.depth++;
    this.limits.charge(1);
  }

  leave(): void {
    this.depth--;
  }

  /** Turns what was thrown into an error that knows its place, and goes back to the depth of the one who catches it. */
  caught(thrown: unknown, depth: number): PythonError {
    const error = toPythonError(thrown);
    if (!error.position) {
      error.position = this.position;
      error.traceback = this.calls.slice(0, this.depth).map((entry) => ({ ...entry }));
    }
    this.depth = depth;
    return error;
  }

  call(callee: Value, args: readonly Value[], keywords: ReadonlyMap<string, Value> = noKeywords): Value {
    if (callee instanceof PyFunction)
      return callee.code.run(callee.code.signature.bind(args, keywords, callee.code.defaults));
    if (callee instanceof HostFunction) {
      this.limits.poll();
      return callee.body(callee.signature.bind(args, keywords), this);
    }
    if (callee instanceof PyMethod) return this.call(callee.callee, [callee.self, ...args], keywords);
    if (callee instanceof PyClass) return this.instantiate(callee, args, keywords);
    if (callee instanceof HostObject && callee.call) {
      this.limits.poll();
      return callee.call(args, keywords, this);
    }
    if (callee instanceof PyInstance) {
      const method = callee.type.lookup('__call__');
      if (method !== undefined) return this.call(method, [callee, ...args], keywords);
    }
    throw typeError(`'${typeName(callee)}' object is not callable`);
  }

  private instantiate(type: PyClass, args: readonly Value[], keywords: ReadonlyMap<string, Value>): Value {
    if (type.construct) return type.construct.body(type.construct.signature.bind(args, keywords), this);
    this.limits.chargeMemory(100);
    const isException = type.isSubclassOf(baseException);
    const instance = isException ? newException(type, args) : new PyInstance(type);
    const initialise = type.lookup('__init__');
    if (initialise !== undefined) {
      const result = this.call(initialise, [instance, ...args], keywords);
      if (result !== null) throw typeError(`__init__() should return None, not '${typeName(result)}'`);
    } else if ((args.length > 0 || keywords.size > 0) && !isException) {
      throw typeError(`${type.name}() takes no arguments`);
    }
    return instance;
  }

  /** For built-in functions: every element is charged. */
  *iterate(value: Value): Generator<Value> {
    const iterator = iteratorOf(value, this);
    for (let step = iterator.next(); !step.done; step = iterator.next()) {
      this.limits.charge(1);
      yield step.value;
    }
  }

  truth(value: Value): boolean {
    switch (typeof value) {
      case 'boolean':
        return value;
      case 'bigint':
        return value !== 0n;
      case 'number':
        return value !== 0;
      case 'string':
        return value !== '';
    }
    if (value === null) return false;
    if (value instanceof PyList || value instanceof PyTuple) return value.items.length > 0;
    if (value instanceof PyDict || value instanceof PySet) return value.size > 0;
    if (value instanceof PyRange) return value.length > 0n;
    if (value instanceof HostObject) return value.truth ? value.truth(this) : true;
    return value instanceof PyInstance ? this.instanceTruth(value) : true;
  }

  private instanceTruth(value: PyInstance): boolean {
    const own = value.type.lookup('__bool__');
    if (own !== undefined) {
      const result = this.call(own, [value]);
      if (typeof result !== 'boolean') throw typeError(`__bool__ should return bool, returned ${typeName(result)}`);
      return result;
    }
    const length = value.type.lookup('__len__');
    return length === undefined || this.call(length, [value]) !== 0n;
  }

  repr(value: Value): string {
    return repr(value, this);
  }

  str(value: Value): string {
    return str(value, this);
  }

  equal(left: Value, right: Value): boolean {
    return equal(left, right, this);
  }

  attribute(value: Value, name: string): Value | undefined {
    return findAttribute(value, name, this);
  }
}
