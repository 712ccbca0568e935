import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { effectScope, shallowRef, type EffectScope } from 'vue';
import { LabError } from '../../../../../shared/errors';
import { useProjectStore } from '../../../../../src-renderer/stores/project';
import { makeCell, type Cell } from '../../../../../src-renderer/workspaces/scratchpad/cell';
import { useNotebookFile } from '../../../../../src-renderer/workspaces/scratchpad/use-notebook-file';
import { answerCalls, openProject } from '../../fake-lab';

/** A host with one file, whose revision is a number that counts its writers. */
function host() {
  const state = { cells: ['x = 1'], revision: 1, closed: 0 };
  answerCalls({
    'projects.open': ({ path }) => openProject({ id: path, path }),
    'projects.close': () => ((state.closed += 1), null),
    'scratchpad.load': () => ({ cells: state.cells, revision: String(state.revision) }),
    'scratchpad.save': ({ cells, revision }) => {
      if (revision !== undefined && revision !== String(state.revision))
        throw new LabError('scratchpad.changed-elsewhere', { path: 'scratchpad.py' });
      state.cells = cells;
      return { revision: String((state.revision += 1)) };
    },
  });
  return state;
}

let scope: EffectScope;

async function open() {
  const project = useProjectStore();
  await project.open('/one');
  const cells = shallowRef<Cell[]>([]);
  const file = scope.run(() => useNotebookFile(cells, () => false));
  if (!file) throw new Error('no scope');
  await file.load();
  const type = (code: string): void => {
    cells.value = [makeCell(code)];
    file.save();
  };
  return { project, cells, file, type };
}

beforeEach(() => {
  vi.useFakeTimers();
  setActivePinia(createPinia());
  scope = effectScope();
});
afterEach(() => {
  scope.stop();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('the cells in their file', () => {
  test('are saved a moment after they changed', async () => {
    const kept = host();
    const { type } = await open();
    type('x = 2');
    type('x = 3');
    expect(kept.revision).toBe(1);
    await vi.advanceTimersByTimeAsync(500);
    expect(kept).toMatchObject({ cells: ['x = 3'], revision: 2 });
  });

  test('are saved before the project is let go of, and never into the next one', async () => {
    const kept = host();
    const { project, type } = await open();
    type('last words');
    await project.open('/two');
    expect(kept).toMatchObject({ cells: ['last words'], revision: 2, closed: 1 });
    await vi.advanceTimersByTimeAsync(500);
    expect(kept.revision).toBe(2);
  });

  test('that another writer changed, too, are kept until one of the two is chosen', async () => {
    const kept = host();
    const { project, cells, file, type } = await open();
    kept.cells = ['theirs'];
    kept.revision += 1;
    type('mine');
    await vi.advanceTimersByTimeAsync(500);
    expect(file.conflict.value).toBe(true);
    await expect(project.close()).rejects.toMatchObject({ code: 'scratchpad.changed-elsewhere' });
    expect(kept).toMatchObject({ cells: ['theirs'], closed: 0 });

    await file.takeTheirs();
    expect(cells.value.map(({ code }) => code)).toEqual(['theirs']);
    expect(file.conflict.value).toBe(false);
    await project.close();
    expect(kept.closed).toBe(1);
  });

  test('replace what another writer left when one says so', async () => {
    const kept = host();
    const { file, type } = await open();
    kept.revision += 1;
    type('mine');
    await vi.advanceTimersByTimeAsync(500);
    await file.keepMine();
    expect(kept.cells).toEqual(['mine']);
    expect(file.error.value).toBeNull();
  });
});
