import type { Module } from './ast';
import { tokenize } from './lexer';
import { StatementParser } from './statements';
import { problem, type SyntaxProblem } from './syntax-error';

export interface Parsed {
  module: Module;
  /** In the order of the text; empty: the text is a program. */
  problems: SyntaxProblem[];
}

/** Longer cells are refused: nobody types them. UTF-16 units. */
export const longestSource = 1_000_000;

/** Reads a cell. Statements with mistakes are left out of the module, and each mistake is told with its place. */
export function parse(source: string): Parsed {
  if (source.length > longestSource) {
    const start = { line: 1, column: 0, endLine: 1, endColumn: 0 };
    return { module: { body: [] }, problems: [problem(`the cell is longer than ${longestSource} characters`, start)] };
  }
  const parser = new StatementParser(tokenize(source));
  const module = parser.module();
  return { module, problems: parser.problems };
}
