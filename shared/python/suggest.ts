import { tokenize } from './lexer';
import { keywords, type Token } from './tokens';

/** What is being typed at a place of a text. */
export type TypingContext =
  /** A name of its own; `prefix` is what of it is there. */
  | { kind: 'name'; prefix: string }
  /** Behind `a.b.`: the names before it. Path null: behind something that is no chain of names. */
  | { kind: 'attribute'; path: string[] | null; prefix: string }
  /** In `import …`; `module` is set behind `from module import`. */
  | { kind: 'import'; module: string | null; prefix: string }
  /** In a text, a comment or a number: nothing is suggested. */
  | null;

const word = /[\p{ID_Start}_][\p{ID_Continue}]*$/u;

/** `line` counts from 1, `column` from 0, as positions do. */
export function typingContext(source: string, line: number, column: number): TypingContext {
  const written = (source.split('\n')[line - 1] ?? '').slice(0, column);
  const before = [...source.split('\n').slice(0, line - 1), written].join('\n');
  const prefix = word.exec(written)?.[0] ?? '';
  const tokens = tokenize(before.slice(0, before.length - prefix.length)).tokens.filter(
    ({ kind }) => kind !== 'newline' && kind !== 'indent' && kind !== 'dedent' && kind !== 'end',
  );
  const last = tokens.at(-1);
  if (isInsideText(last, line, written)) return null;
  const onLine = tokens.filter((token) => token.line === line);
  const imported = importContext(onLine, prefix);
  if (imported) return imported;
  if (last?.kind !== 'operator' || last.text !== '.')
    return last?.kind === 'number' &&
      prefix !== '' &&
      last.endLine === line &&
      last.endColumn === column - prefix.length
      ? null
      : { kind: 'name', prefix };
  return { kind: 'attribute', path: pathBefore(tokens), prefix };
}

/** What `deltalab` is asked for by a name that is being typed: `column('petal` and the like. `written`: the line up to the cursor. */
export function dataNameTyped(written: string): { asks: 'column' | 'part'; prefix: string } | null {
  const found = /\b(column|classes|samples)\(\s*(?:\w+\s*=\s*)?(['"])((?:(?!\2).)*)$/.exec(written);
  if (!found) return null;
  return { asks: found[1] === 'samples' ? 'part' : 'column', prefix: found[3] ?? '' };
}

function isInsideText(last: Token | undefined, line: number, written: string): boolean {
  if (last?.kind === 'error' && /string literal/.test(last.problem?.message ?? '')) return true;
  const from = last?.endLine === line ? last.endColumn : 0;
  return written.slice(from).includes('#');
}

function importContext(tokens: readonly Token[], prefix: string): TypingContext {
  const [first] = tokens;
  if (first?.kind !== 'keyword') return null;
  const text = (list: readonly Token[]): string => list.map((token) => token.text).join('');
  if (first.text === 'from') {
    const at = tokens.findIndex((token) => token.text === 'import');
    if (at < 0) return { kind: 'import', module: null, prefix: text(tokens.slice(1)) + prefix };
    return { kind: 'import', module: text(tokens.slice(1, at)), prefix };
  }
  if (first.text !== 'import') return null;
  const comma = tokens.findLastIndex((token) => token.text === ',');
  return { kind: 'import', module: null, prefix: text(tokens.slice(Math.max(0, comma) + 1)) + prefix };
}

/** The names of `a.b.` at the end of the tokens. */
function pathBefore(tokens: readonly Token[]): string[] | null {
  const path: string[] = [];
  for (let at = tokens.length - 1; at >= 0; at -= 2) {
    const [name, point] = [tokens[at - 1], tokens[at]];
    if (point?.text !== '.' || point.kind !== 'operator') break;
    if (name?.kind !== 'name') return null;
    path.unshift(name.text);
  }
  const start = tokens[tokens.length - 1 - 2 * path.length];
  return start?.text === '.' || path.length === 0 ? null : path;
}

/** Names that a text assigns, defines or imports: they may be suggested before it was ever run. */
export function namesIn(source: string): Set<string> {
  const names = new Set<string>();
  const { tokens } = tokenize(source);
  tokens.forEach((token, index) => {
    const [before, next] = [tokens[index - 1], tokens[index + 1]];
    if (token.kind !== 'name' || before?.text === '.') return;
    const defined =
      before?.kind === 'keyword' && ['def', 'class', 'as', 'for', 'import', 'global'].includes(before.text);
    const assigned = next?.kind === 'operator' && (next.text === '=' || next.text === ',' || next.text === ':=');
    if (defined || assigned || next?.text === 'in') names.add(token.text);
  });
  return names;
}

export const keywordNames: readonly string[] = [...keywords].filter((name) => name !== 'async' && name !== 'await');
