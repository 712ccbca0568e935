import type { Position } from './position';

export type SyntaxErrorKind = 'SyntaxError' | 'IndentationError' | 'TabError';

/** What is wrong with a text, in Python's words where Python has them. */
export interface SyntaxProblem {
  kind: SyntaxErrorKind;
  message: string;
  /** What to write instead, where we know; otherwise null. */
  hint: string | null;
  position: Position;
}

/** Thrown inside lexer and parser, which give the problem to their callers as a value. */
export class SyntaxFailure extends Error {
  constructor(readonly problem: SyntaxProblem) {
    super(problem.message);
    this.name = 'SyntaxFailure';
  }
}

export function problem(
  message: string,
  position: Position,
  hint: string | null = null,
  kind: SyntaxErrorKind = 'SyntaxError',
): SyntaxProblem {
  return { kind, message, hint, position };
}
