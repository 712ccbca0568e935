import { decodeEscapes, type EscapeFailure } from './escapes';
import { readNumber } from './numbers';
import type { Position } from './position';
import { problem, type SyntaxErrorKind } from './syntax-error';
import { closing, keywords, operators, type Token, type TokenKind } from './tokens';

export interface Tokens {
  /** Ends with one token of kind 'end'. */
  tokens: Token[];
  /** Brackets that are open at the end of the text, outermost first. */
  unclosed: Token[];
}

/** Splits a text into tokens. Never throws: what is no token becomes one of kind 'error'. */
export function tokenize(source: string): Tokens {
  return new Lexer(source).run();
}

const nameAt = /[\p{ID_Start}_][\p{ID_Continue}]*/uy;
const prefixAt = /(?:[rR]|[uU]|[fF]|[bB]|[fF][rR]|[rR][fF]|[bB][rR]|[rR][bB])?('''|"""|'|")/y;
/** Words that never stand inside brackets: where one begins a line, a bracket before it was forgotten. */
const beginsStatement =
  /[ \t]*(?:def|class|import|return|while|with|try|raise|del|pass|break|continue|assert|global|nonlocal)\b/y;

const deepestIndentation = 100;
const deepestBrackets = 200;
const deepestFormat = 20;

class Lexer {
  private readonly tokens: Token[] = [];
  private readonly brackets: Token[] = [];
  private readonly indents: { width: number; alternative: number }[] = [{ width: 0, alternative: 0 }];
  /** Quotes of the formatted strings around the current place. */
  private readonly quotes: string[] = [];
  private at = 0;
  private line = 1;
  private lineStart = 0;

  constructor(private readonly source: string) {}

  run(): Tokens {
    this.beginLine();
    while (this.at < this.source.length) this.next();
    const unclosed = this.brackets.slice();
    this.brackets.length = 0;
    this.endLine();
    while (this.indents.length > 1) {
      this.indents.pop();
      this.push('dedent', '', this.at);
    }
    this.push('end', '', this.at);
    return { tokens: this.tokens, unclosed };
  }

  /** Reads one token, or skips blanks, a comment or the end of a line. */
  private next(): void {
    const { source, at } = this;
    const character = source.charAt(at);
    if (character === ' ' || character === '\t' || character === '\f') {
      this.at++;
    } else if (character === '#') {
      const end = source.indexOf('\n', at);
      this.at = end < 0 ? source.length : end;
    } else if (character === '\n' || character === '\r') {
      if (this.brackets.length === 0) this.endLine();
      this.passLineEnd();
      if (this.brackets.length === 0) this.beginLine();
      else if (this.matches(beginsStatement)) this.giveUpBrackets();
    } else if (character === '\\') {
      this.joinLines();
    } else {
      this.token();
    }
  }

  private token(): void {
    const { source, at } = this;
    const quote = this.matches(prefixAt);
    if (quote) {
      this.string(quote);
      return;
    }
    const name = this.matches(nameAt);
    if (name) {
      this.at += name.length;
      const normal = name.normalize('NFKC');
      this.push(keywords.has(normal) ? 'keyword' : 'name', normal, at);
    } else if (/[0-9]/.test(source.charAt(at)) || (source.charAt(at) === '.' && /[0-9]/.test(source.charAt(at + 1)))) {
      this.number();
    } else {
      this.operator();
    }
  }

  private number(): void {
    const { at } = this;
    const literal = readNumber(this.source, at);
    this.at += literal.length;
    if ('message' in literal) this.refuse(literal.message, at);
    else this.push('number', this.source.slice(at, this.at), at).value = literal.value;
  }

  private operator(): void {
    const { source, at } = this;
    const found = operators.find((operator) => source.startsWith(operator, at));
    if (!found) {
      const character = String.fromCodePoint(source.codePointAt(at) ?? 0);
      this.at += character.length;
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
      if (character === '!' || character === '$' || character === '?' || character === '`')
        this.refuse('invalid syntax', at);
      else if (/[“”‘’«»]/.test(character))
        this.refuse(`invalid character '${character}' (U+${code})`, at, `write " or ' around a text`);
      else if (character < ' ') this.refuse(`invalid non-printable character U+${code}`, at);
      else this.refuse(`invalid character '${character}' (U+${code})`, at);
      return;
    }
    this.at += found.length;
    if (Object.hasOwn(closing, found)) {
      if (this.brackets.length >= deepestBrackets) this.refuse('too many nested parentheses', at);
      else this.brackets.push(this.push('operator', found, at));
    } else if (found === ')' || found === ']' || found === '}') {
      this.close(found, at);
    } else {
      this.push('operator', found, at);
    }
  }

  private close(bracket: string, at: number): void {
    const open = this.brackets.pop();
    if (open && closing[open.text] === bracket) {
      this.push('operator', bracket, at);
    } else if (open) {
      const where = open.line === this.line ? '' : ` on line ${open.line}`;
      this.refuse(`closing parenthesis '${bracket}' does not match opening parenthesis '${open.text}'${where}`, at);
    } else {
      this.refuse(`unmatched '${bracket}'`, at);
    }
  }

  /** `opening`: prefix and quotes. */
  private string(opening: string): void {
    const { at } = this;
    const quote = opening.replace(/^[a-zA-Z]+/, '');
    const prefix = opening.slice(0, -quote.length).toLowerCase();
    this.at += opening.length;
    if (prefix.includes('f')) {
      this.formatted(quote, prefix.includes('r'), at);
      return;
    }
    const start = this.here(at);
    const from = this.at;
    const end = this.endOfString(quote);
    if (end < 0) {
      this.unterminated(quote, start, at);
      return;
    }
    this.passTo(end);
    const content = this.source.slice(from, end);
    this.at = end + quote.length;
    if (prefix.includes('b')) this.refuseFrom('bytes are not supported here; leave out the b', start);
    else this.decoded('string', content, prefix.includes('r'), start);
  }

  /** A literal, or an error where one of its escapes is wrong. */
  private decoded(kind: TokenKind, content: string, raw: boolean, start: Position): void {
    try {
      const text = raw ? content : decodeEscapes(content.replaceAll('\r\n', '\n'));
      this.tokens.push({ ...start, ...this.endHere(), kind, text, value: null, problem: null });
    } catch (failure) {
      this.refuseFrom((failure as EscapeFailure).message, start);
    }
  }

  /** Where the closing quotes begin; -1: nowhere. */
  private endOfString(quote: string): number {
    const { source } = this;
    for (let at = this.at; at < source.length; at++) {
      const character = source.charAt(at);
      if (character === '\\') at++;
      else if (character === '\n' && quote.length === 1) return -1;
      else if (source.startsWith(quote, at)) return at;
    }
    return -1;
  }

  private unterminated(quote: string, start: Position, from: number): void {
    const triple = quote.length === 3;
    const lineEnd = this.source.indexOf('\n', from);
    this.passTo(triple || lineEnd < 0 ? this.source.length : lineEnd);
    const name = triple ? 'triple-quoted string literal' : 'string literal';
    const end = { ...start, endLine: start.line, endColumn: start.column + 1 };
    this.refuseFrom(`unterminated ${name} (detected at line ${this.line})`, end);
  }

  /** f'…{value!r:>{width}}…' */
  private formatted(quote: string, raw: boolean, from: number): void {
    const start = this.here(from);
    if (this.endOfString(quote) < 0 || this.quotes.length >= deepestFormat) {
      this.unterminated(quote, start, from);
      return;
    }
    this.push('format-start', quote, from);
    this.quotes.push(quote);
    this.formatText(quote, raw, false);
    this.quotes.pop();
    if (!this.source.startsWith(quote, this.at)) return;
    this.at += quote.length;
    this.push('format-end', quote, this.at - quote.length);
  }

  /** Literal text with replacement fields, up to the closing quotes; in a format specification up to its `}`. */
  private formatText(quote: string, raw: boolean, specification: boolean): void {
    const { source } = this;
    let start = this.here(this.at);
    let text = '';
    const flush = (): void => {
      if (text !== '') this.decoded('format-text', text, raw, start);
      text = '';
    };
    while (this.at < source.length && !source.startsWith(quote, this.at)) {
      const pair = source.slice(this.at, this.at + 2);
      const character = pair.charAt(0);
      if (text === '') start = this.here(this.at);
      if (!specification && (pair === '{{' || pair === '}}')) {
        text += character;
        this.at += 2;
      } else if (character === '{') {
        flush();
        this.replacement(quote, raw);
      } else if (character === '}') {
        if (specification) break;
        flush();
        this.at++;
        this.refuse("f-string: single '}' is not allowed", this.at - 1);
      } else if (character === '\\' && !raw) {
        text += pair;
        this.passTo(this.at + 2);
      } else {
        text += character;
        this.passTo(this.at + 1);
      }
    }
    flush();
  }

  /** `{expression!r:specification}` as tokens. */
  private replacement(quote: string, raw: boolean): void {
    const { source } = this;
    const depth = this.brackets.length;
    const open = this.push('operator', '{', this.at++);
    const expression = this.at;
    this.brackets.push(open);
    while (this.at < source.length && !this.quotes.some((outer) => source.startsWith(outer, this.at))) {
      const inside = this.brackets.length > depth + 1;
      const character = source.charAt(this.at);
      if (!inside && character === '}') {
        this.brackets.pop();
        this.push('operator', '}', this.at++);
        return;
      }
      if (!inside && character === '!' && source.charAt(this.at + 1) !== '=') {
        this.push('operator', '!', this.at++);
      } else if (!inside && character === ':') {
        this.push('operator', ':', this.at++);
        this.formatText(quote, raw, true);
      } else if (!inside && character === '=' && /^=\s*[}:!](?!=)/.test(source.slice(this.at, this.at + 50))) {
        // f'{x=}': the text as it is written comes before the value.
        const written = /^=\s*/.exec(source.slice(this.at, this.at + 50))?.[0] ?? '=';
        this.at += written.length;
        this.push('operator', '=', this.at - written.length).text = `=${source.slice(expression, this.at)}`;
      } else {
        this.next();
      }
      if (this.brackets.length <= depth) return;
    }
    this.brackets.length = depth;
    this.refuse("f-string: expecting '}'", this.at);
  }

  private joinLines(): void {
    const { source, at } = this;
    this.at++;
    if (this.at < source.length && /[\r\n]/.test(source.charAt(this.at))) {
      this.passLineEnd();
      if (this.at >= source.length) this.refuse('unexpected EOF while parsing', this.at);
    } else {
      const end = source.indexOf('\n', at);
      this.at = end < 0 ? source.length : end;
      this.refuse('unexpected character after line continuation character', at);
    }
  }

  private giveUpBrackets(): void {
    const open = this.brackets.at(-1);
    this.brackets.length = 0;
    if (open) this.refuseFrom(`'${open.text}' was never closed`, open);
    this.endLine();
    this.beginLine();
  }

  /** A newline token, unless nothing stands on the line. */
  private endLine(): void {
    const last = this.tokens.at(-1);
    if (last && last.kind !== 'newline' && last.kind !== 'indent' && last.kind !== 'dedent')
      this.push('newline', '\n', this.at);
  }

  private passLineEnd(): void {
    this.at += this.source.startsWith('\r\n', this.at) ? 2 : 1;
    this.line++;
    this.lineStart = this.at;
  }

  /** Moves on over text that may hold ends of lines. */
  private passTo(end: number): void {
    while (this.at < end) {
      if (this.source.charAt(this.at) === '\n') this.passLineEnd();
      else this.at++;
    }
  }

  /** Measures the indentation of a line that is not blank, and tells what it changes. */
  private beginLine(): void {
    const { source } = this;
    let width = 0;
    let alternative = 0;
    for (; this.at < source.length; this.at++) {
      const character = source.charAt(this.at);
      if (character === ' ') {
        width++;
        alternative++;
      } else if (character === '\t') {
        width = (Math.floor(width / 8) + 1) * 8;
        alternative++;
      } else if (character === '\f') {
        width = alternative = 0;
      } else {
        break;
      }
    }
    if (this.at >= source.length || /[#\r\n]/.test(source.charAt(this.at))) return;
    this.indent(width, alternative);
  }

  private indent(width: number, alternative: number): void {
    const { indents } = this;
    const top = indents.at(-1) ?? { width: 0, alternative: 0 };
    if (width > top.width) {
      if (alternative <= top.alternative) this.inconsistent();
      else if (indents.length >= deepestIndentation)
        this.refuse('too many levels of indentation', this.at, null, 'IndentationError');
      else {
        indents.push({ width, alternative });
        this.push('indent', '', this.lineStart);
      }
      return;
    }
    while (indents.length > 1 && (indents.at(-1)?.width ?? 0) > width) {
      indents.pop();
      this.push('dedent', '', this.at);
    }
    const now = indents.at(-1) ?? top;
    if (now.width !== width) {
      this.refuse('unindent does not match any outer indentation level', this.at, null, 'IndentationError');
      indents.push({ width, alternative });
    } else if (now.alternative !== alternative) {
      this.inconsistent();
    }
  }

  private inconsistent(): void {
    const hint = 'indent with spaces only, four for each level';
    this.refuse('inconsistent use of tabs and spaces in indentation', this.at, hint, 'TabError');
  }

  private matches(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    return pattern.exec(this.source)?.[0] ?? null;
  }

  /** From an offset on the current line to where the lexer is. */
  private here(from: number): Position {
    return { line: this.line, column: from - this.lineStart, ...this.endHere() };
  }

  private endHere(): Pick<Position, 'endLine' | 'endColumn'> {
    return { endLine: this.line, endColumn: this.at - this.lineStart };
  }

  private push(kind: TokenKind, text: string, from: number): Token {
    const token: Token = {
      line: this.line,
      column: from - this.lineStart,
      endLine: this.line,
      endColumn: this.at - this.lineStart,
      kind,
      text,
      value: null,
      problem: null,
    };
    this.tokens.push(token);
    return token;
  }

  private refuse(message: string, from: number, hint: string | null = null, kind?: SyntaxErrorKind): void {
    this.refuseFrom(message, this.here(from), hint, kind);
  }

  private refuseFrom(message: string, at: Position, hint: string | null = null, kind?: SyntaxErrorKind): void {
    const { line, column, endLine, endColumn } = at;
    const position = { line, column, endLine, endColumn };
    this.tokens.push({
      ...position,
      kind: 'error',
      text: '',
      value: null,
      problem: problem(message, position, hint, kind),
    });
  }
}
