import { describe, expect, it } from 'vitest';
import { afterRedo, afterUndo, emptyHistory, withEdit, type UndoEntry } from '../../../../src-renderer/stores/undo';
import { projectSchema, type ProjectDocument } from '../../../../shared/project/document';

const named = (name: string): ProjectDocument =>
  projectSchema.parse({ format: 1, name, data: { kind: 'none' }, network: { layers: [], edges: [] }, training: {} });
const [a, b, c] = [named('a'), named('b'), named('c')];

function entry(before: ProjectDocument, after: ProjectDocument, at: number, merge: string | null = null): UndoEntry {
  return { label: `to ${after.name}`, before, after, merge, at };
}

describe('undo history', () => {
  it('joins edits with the same key within a second', () => {
    const history = withEdit(withEdit(emptyHistory, entry(a, b, 0, 'move')), entry(b, c, 900, 'move'));
    expect(history.undo).toHaveLength(1);
    expect(afterUndo(history)?.document).toBe(a);
  });

  it('keeps them apart after a second, with another key, and without one', () => {
    for (const [at, first, second] of [
      [1100, 'move', 'move'],
      [10, 'move', 'size'],
      [10, null, null],
    ] as const) {
      const history = withEdit(withEdit(emptyHistory, entry(a, b, 0, first)), entry(b, c, at, second));
      expect(history.undo).toHaveLength(2);
    }
  });

  it('redoes what was undone, until something new is done', () => {
    const done = withEdit(withEdit(emptyHistory, entry(a, b, 0)), entry(b, c, 1));
    const undone = afterUndo(done)!;
    expect(undone.document).toBe(b);
    const redone = afterRedo(undone.history)!;
    expect(redone.document).toBe(c);
    expect(afterRedo(redone.history)).toBeNull();
    expect(withEdit(undone.history, entry(b, a, 2)).redo).toEqual([]);
  });

  it('has nothing to undo or redo at the start', () => {
    expect(afterUndo(emptyHistory)).toBeNull();
    expect(afterRedo(emptyHistory)).toBeNull();
  });

  it('does not grow without bound', () => {
    let history = emptyHistory;
    for (let at = 0; at < 300; at++) history = withEdit(history, entry(a, b, at));
    expect(history.undo).toHaveLength(200);
    expect(history.undo.at(-1)?.at).toBe(299);
  });
});
