import type { Tokens } from './lexer';
import type { Position } from './position';
import { problem, SyntaxFailure, type SyntaxErrorKind } from './syntax-error';
import { closing, type Token, type TokenKind } from './tokens';

/** CPython's own limit is of this order; it keeps the depth of the tree, and of what walks it, bounded. */
const deepestNesting = 100;

/** A place in the tokens of a text, and the questions a parser asks there. */
export class Cursor {
  private readonly tokens: readonly Token[];
  private readonly unclosed: readonly Token[];
  private nesting = 0;
  protected at = 0;

  constructor({ tokens, unclosed }: Tokens) {
    this.tokens = tokens;
    this.unclosed = unclosed;
  }

  protected get token(): Token {
    return this.tokens[this.at] as Token;
  }

  protected get previous(): Token {
    return this.tokens[Math.max(0, this.at - 1)] as Token;
  }

  protected ahead(count: number): Token {
    return this.tokens[Math.min(this.at + count, this.tokens.length - 1)] as Token;
  }

  protected next(): Token {
    const { token } = this;
    if (token.problem) throw new SyntaxFailure(token.problem);
    if (token.kind !== 'end') this.at++;
    return token;
  }

  /** Whether the current token is this operator or keyword. */
  protected is(text: string): boolean {
    const { kind, text: found } = this.token;
    return found === text && (kind === 'operator' || kind === 'keyword');
  }

  protected isKind(kind: TokenKind): boolean {
    return this.token.kind === kind;
  }

  protected isOneOf(texts: ReadonlySet<string>): boolean {
    const { kind, text } = this.token;
    return (kind === 'operator' || kind === 'keyword') && texts.has(text);
  }

  protected accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.at++;
    return true;
  }

  protected expect(text: string): Token {
    if (this.is(text)) return this.next();
    if (text === ':') throw this.failure("expected ':'");
    throw this.invalid();
  }

  protected name(): Token {
    if (this.token.kind === 'name') return this.next();
    throw this.invalid();
  }

  /** Runs a rule that may contain itself. */
  protected nested<Result>(rule: () => Result): Result {
    if (++this.nesting > deepestNesting) throw this.failure('too many nested parentheses or blocks');
    const result = rule();
    this.nesting--;
    return result;
  }

  protected resetNesting(): void {
    this.nesting = 0;
  }

  protected from(start: Position): Position {
    const { endLine, endColumn } = this.previous;
    return { line: start.line, column: start.column, endLine, endColumn };
  }

  /** The current token cannot stand here. */
  protected invalid(): SyntaxFailure {
    return this.failure('invalid syntax', this.token, hintAt(this.previous.text, this.token.text));
  }

  protected failure(
    message: string,
    at: Position = this.token,
    hint: string | null = null,
    kind: SyntaxErrorKind = 'SyntaxError',
  ): SyntaxFailure {
    const { token } = this;
    // What is no token at all is the nearer cause; next comes a bracket that was opened on a line above.
    if (token.problem) return new SyntaxFailure(token.problem);
    if (message.startsWith('invalid syntax') || message === "expected ':'") {
      const open = this.unclosed.findLast(
        ({ line, column }) =>
          line < token.line ||
          (token.kind === 'end' && line === token.line) ||
          (token.kind === 'newline' && column < token.column),
      );
      if (open) return this.neverClosed(open);
    }
    if (message === 'invalid syntax' && token.kind === 'indent')
      return new SyntaxFailure(problem('unexpected indent', token, null, 'IndentationError'));
    const { line, column, endLine, endColumn } = at;
    return new SyntaxFailure(problem(message, { line, column, endLine, endColumn }, hint, kind));
  }

  private neverClosed(open: Token): SyntaxFailure {
    const { line, column, endLine, endColumn } = open;
    const message = `'${open.text}' was never closed`;
    const hint = `write the ${closing[open.text] ?? 'bracket'} that belongs to it`;
    return new SyntaxFailure(problem(message, { line, column, endLine, endColumn }, hint));
  }
}

/** What somebody who comes from another language probably meant. */
function hintAt(before: string, token: string): string | null {
  if (before === '&' && token === '&') return 'write and';
  if (before === '|' && token === '|') return 'write or';
  if (before === 'else' && token === 'if') return 'write elif';
  if (before === '+' || before === '-') return token === '\n' ? 'write += 1 or -= 1' : null;
  return null;
}
