import type { ProjectDocument } from '../../shared/project/document';

export interface UndoEntry {
  /** i18n key of what was done. */
  label: string;
  before: ProjectDocument;
  after: ProjectDocument;
  merge: string | null;
  at: number;
}

/** Edits with the same merge key this close together (ms) are one step. */
const mergeWithin = 1000;
const longestHistory = 200;

/** What can be undone and redone. Documents are never changed in place, so entries just point at them. */
export interface UndoHistory {
  undo: readonly UndoEntry[];
  redo: readonly UndoEntry[];
}

export const emptyHistory: UndoHistory = { undo: [], redo: [] };

export function withEdit(history: UndoHistory, entry: UndoEntry): UndoHistory {
  const last = history.undo.at(-1);
  if (last && entry.merge !== null && last.merge === entry.merge && entry.at - last.at < mergeWithin) {
    const joined = { ...last, after: entry.after, at: entry.at };
    return { undo: [...history.undo.slice(0, -1), joined], redo: [] };
  }
  return { undo: [...history.undo, entry].slice(-longestHistory), redo: [] };
}

/** The history after undoing once, with the document to show; null when there is nothing to undo. */
export function afterUndo(history: UndoHistory): { history: UndoHistory; document: ProjectDocument } | null {
  const entry = history.undo.at(-1);
  if (!entry) return null;
  // A redone step never merges with what follows.
  const closed = { ...entry, merge: null };
  return { history: { undo: history.undo.slice(0, -1), redo: [...history.redo, closed] }, document: entry.before };
}

export function afterRedo(history: UndoHistory): { history: UndoHistory; document: ProjectDocument } | null {
  const entry = history.redo.at(-1);
  if (!entry) return null;
  return { history: { undo: [...history.undo, entry], redo: history.redo.slice(0, -1) }, document: entry.after };
}
