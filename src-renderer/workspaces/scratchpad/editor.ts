import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { python } from '@codemirror/lang-python';
import { bracketMatching, HighlightStyle, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { linter, type Diagnostic } from '@codemirror/lint';
import type { Extension, Text } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { CellError, CodeRange, Suggestion } from '../../../shared/api/scratchpad';
import { parse } from '../../../shared/python/parse';
import { dataNameTyped } from '../../../shared/python/suggest';

export interface EditorHooks {
  changed(code: string): void;
  /** 'next': and on to the cell below; 'stay'; 'insert': with a new cell below. */
  run(then: 'next' | 'stay' | 'insert'): void;
  /** The cursor leaves upwards or downwards. */
  leave(by: -1 | 1): void;
  complete(code: string, line: number, column: number): Promise<Suggestion[]>;
  /** Of the last run; null: none, or the code has changed since. */
  error(): CellError | null;
}

const theme = EditorView.theme({
  '&': { backgroundColor: 'transparent', color: 'var(--text)', fontSize: 'var(--size-base)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-content': { fontFamily: 'var(--font-mono)', padding: '6px 0', caretColor: 'var(--text)' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--text-muted)', border: 'none' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground, .cm-content ::selection': {
    backgroundColor: 'var(--accent-soft) !important',
  },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--pressed)' },
  '.cm-tooltip': { border: '1px solid var(--border-strong)', backgroundColor: 'var(--raised)', color: 'var(--text)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--font-mono)', maxHeight: '240px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent-soft)', color: 'var(--text)' },
  '.cm-completionDetail': { color: 'var(--text-muted)', fontStyle: 'normal' },
  '.cm-tooltip.cm-completionInfo': { maxWidth: '360px', whiteSpace: 'pre-wrap' },
});

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: 'var(--accent)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--success)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--warning)' },
  { tag: tags.comment, color: 'var(--text-muted)', fontStyle: 'italic' },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: 'var(--info)' },
  { tag: tags.className, color: 'var(--info)' },
]);

/** What makes a text field the editor of a cell. */
export function cellExtensions(label: string, hooks: EditorHooks): Extension[] {
  return [
    keymap.of([
      { key: 'Shift-Enter', run: () => (hooks.run('next'), true) },
      { key: 'Mod-Enter', run: () => (hooks.run('stay'), true) },
      { key: 'Alt-Enter', run: () => (hooks.run('insert'), true) },
      { key: 'ArrowUp', run: (view) => leaves(view, -1, hooks) },
      { key: 'ArrowDown', run: (view) => leaves(view, 1, hooks) },
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...defaultKeymap,
      ...historyKeymap,
      indentWithTab,
    ]),
    lineNumbers(),
    history(),
    python(),
    indentUnit.of('    '),
    bracketMatching(),
    closeBrackets(),
    syntaxHighlighting(colours),
    autocompletion({ override: [(context) => suggest(context, hooks)], icons: false }),
    linter((view) => diagnostics(view.state.doc, hooks.error()), { delay: 300 }),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ 'aria-label': label }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) hooks.changed(update.state.doc.toString());
    }),
    theme,
  ];
}

function leaves(view: EditorView, by: -1 | 1, hooks: EditorHooks): boolean {
  const { main } = view.state.selection;
  const line = view.state.doc.lineAt(main.head).number;
  if (!main.empty || line !== (by < 0 ? 1 : view.state.doc.lines)) return false;
  hooks.leave(by);
  return true;
}

async function suggest(context: CompletionContext, hooks: EditorHooks): Promise<CompletionResult | null> {
  const word = context.matchBefore(/[\p{ID_Start}_][\p{ID_Continue}]*/u);
  const afterDot = context.matchBefore(/\.$/) !== null;
  const line = context.state.doc.lineAt(context.pos);
  const dataName = dataNameTyped(context.state.sliceDoc(line.from, context.pos));
  if (!word && !afterDot && !dataName && !context.explicit) return null;
  const found = await hooks
    .complete(context.state.doc.toString(), line.number, context.pos - line.from)
    .catch((): Suggestion[] => []);
  if (context.aborted || found.length === 0) return null;
  const options = found.map(option);
  if (dataName) return { from: context.pos - dataName.prefix.length, options, validFor: /^[^'"]*$/ };
  return { from: word?.from ?? context.pos, options, validFor: /^[\p{ID_Continue}]*$/u };
}

function option({ name, kind, signature, help }: Suggestion): Completion {
  return {
    label: name,
    type: kind,
    ...(signature === null ? {} : { detail: signature.length > 60 ? `${signature.slice(0, 59)}…` : signature }),
    ...(help === '' ? {} : { info: help }),
  };
}

/** Mistakes of the text as it is, and the error of the last run. */
export function diagnostics(text: Text, error: CellError | null): Diagnostic[] {
  const found = parse(text.toString()).problems.map(({ kind, message, hint, position }) =>
    diagnostic(text, position, `${kind}: ${message}`, hint),
  );
  if (found.length > 0 || !error) return found;
  return [diagnostic(text, fromOne(error.range), `${error.kind}: ${error.message}`, error.hint)];
}

/** Columns of an error begin at 1, those of positions at 0. */
function fromOne({ line, column, endLine, endColumn }: CodeRange): CodeRange {
  return { line, column: column - 1, endLine, endColumn: endColumn - 1 };
}

function diagnostic(text: Text, range: CodeRange, message: string, hint: string | null): Diagnostic {
  const from = place(text, range.line, range.column);
  const to = Math.max(from, place(text, range.endLine, range.endColumn));
  // An empty stretch would not be seen.
  const shown = to > from ? { from, to } : { from: Math.max(0, from - 1), to: Math.min(text.length, from + 1) };
  return { ...shown, severity: 'error', message: hint === null ? message : `${message}\n${hint}` };
}

function place(text: Text, line: number, column: number): number {
  const { from, to } = text.line(Math.min(text.lines, Math.max(1, line)));
  return Math.min(to, from + Math.max(0, column));
}
