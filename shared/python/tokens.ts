import type { Position } from './position';
import type { SyntaxProblem } from './syntax-error';

export type TokenKind =
  | 'name'
  | 'keyword'
  | 'number'
  | 'string'
  /** A formatted string is a run of tokens: start, then literal parts and `{` … `}`, then end. */
  | 'format-start'
  | 'format-text'
  | 'format-end'
  | 'operator'
  | 'newline'
  | 'indent'
  | 'dedent'
  | 'end'
  /** Something that is no token; `problem` says why. */
  | 'error';

export interface Token extends Position {
  kind: TokenKind;
  /** As written; of a string the decoded characters. */
  text: string;
  /** Of a number. */
  value: bigint | number | null;
  problem: SyntaxProblem | null;
}

export const keywords: ReadonlySet<string> = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for from global ' +
    'if import in is lambda nonlocal not or pass raise return try while with yield'
  ).split(' '),
);

/** Longest first. */
export const operators: readonly string[] = [
  ...['**=', '//=', '>>=', '<<=', '...'],
  ...['**', '//', '>>', '<<', '<=', '>=', '==', '!=', '->', '+=', '-=', '*=', '/=', '%=', '&=', '|=', '^=', '@=', ':='],
  ...[
    '+',
    '-',
    '*',
    '/',
    '%',
    '@',
    '&',
    '|',
    '^',
    '~',
    '<',
    '>',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    ',',
    ':',
    '.',
    ';',
    '=',
  ],
];

export const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
