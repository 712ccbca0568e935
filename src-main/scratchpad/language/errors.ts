import type { Position } from '../../../shared/python/position';
import type { PyInstance } from './values';

/** One call of a `def` (or of a class, a lambda) that was running when an error was raised. */
export interface TracebackEntry {
  /** Name of the function. */
  name: string;
  /** Where it was called from. */
  position: Position;
}

/**
 * An error of the user's program, in Python's terms. Host code throws it with kind and message; where it happened is filled
 * in by the interpreter, which knows what was running.
 */
export class PythonError extends Error {
  /** Name of the exception class: 'TypeError', 'ValueError', … or of a class of the program. */
  readonly kind: string;
  position: Position | null = null;
  /** Outermost call first; empty for an error of the cell's own lines. */
  traceback: TracebackEntry[] = [];
  /** What to do about it, where we know more than Python says. */
  hint: string | null = null;
  /** The exception object, once a program raised or caught it. */
  exception: PyInstance | null = null;

  constructor(kind: string, message: string) {
    super(message);
    this.name = 'PythonError';
    this.kind = kind;
  }
}

/** Why a program was ended from outside. */
export type InterruptionKind = 'Stopped' | 'StepLimit' | 'TimeLimit' | 'OutputLimit';

/** The program must end now: no `except` or `finally` of the program is run for it. */
export class Interruption extends PythonError {}

export const interruption = (kind: InterruptionKind, message: string): Interruption => new Interruption(kind, message);
/** The same error with a hint. */
export function withHint<Failure extends PythonError>(error: Failure, hint: string | null): Failure {
  error.hint = hint;
  return error;
}

export const typeError = (message: string): PythonError => new PythonError('TypeError', message);
export const valueError = (message: string): PythonError => new PythonError('ValueError', message);
export const indexError = (message: string): PythonError => new PythonError('IndexError', message);
export const attributeError = (message: string): PythonError => new PythonError('AttributeError', message);
