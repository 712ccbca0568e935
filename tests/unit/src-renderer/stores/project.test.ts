import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nextTick, shallowRef } from 'vue';
import { LabError } from '../../../../shared/errors';
import type { ProjectDocument } from '../../../../shared/project/document';
import { lab } from '../../../../src-renderer/client';
import type { Connection } from '../../../../src-renderer/client/lab';
import { useProjectStore } from '../../../../src-renderer/stores/project';
import { answerCalls, openProject } from '../fake-lab';

const rename = (name: string) => (draft: ProjectDocument) => {
  draft.name = name;
};

/** A host that keeps revisions, and fails to save as often as it is told. */
function host() {
  const state = { revision: 1, saved: [] as string[], failures: [] as LabError[], closed: 0 };
  answerCalls({
    'projects.open': () => openProject({ revision: state.revision }),
    'projects.close': () => {
      state.closed += 1;
      return null;
    },
    'projects.update': ({ revision, document }) => {
      const failure = state.failures.shift();
      if (failure) throw failure;
      if (revision !== state.revision)
        throw new LabError('project.stale-revision', { revision, current: state.revision });
      state.saved.push(document.name);
      return { revision: (state.revision += 1) };
    },
  });
  return state;
}

beforeEach(() => {
  vi.useFakeTimers();
  setActivePinia(createPinia());
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('the open project', () => {
  it('saves by itself after an edit, several in a row at once', async () => {
    const { saved } = host();
    const project = useProjectStore();
    await project.open('/projects/test');
    project.edit('a', rename('one'));
    project.edit('b', rename('two'));
    expect(project.saveState).toBe('saving');
    expect(saved).toEqual([]);
    await vi.advanceTimersByTimeAsync(400);
    expect(saved).toEqual(['two']);
    expect(project.saveState).toBe('saved');
    project.edit('c', rename('three'));
    await vi.advanceTimersByTimeAsync(400);
    expect(saved).toEqual(['two', 'three']);
  });

  it('never changes a document in place', async () => {
    host();
    const project = useProjectStore();
    await project.open('/projects/test');
    const before = project.document;
    project.edit('a', rename('one'));
    expect(before?.name).toBe('test');
    expect(project.document?.name).toBe('one');
  });

  it('does not record an edit that changes nothing', async () => {
    host();
    const project = useProjectStore();
    await project.open('/projects/test');
    project.edit('a', rename('test'));
    expect(project.undoLabel).toBeNull();
    expect(project.saveState).toBe('saved');
  });

  it('undoes and redoes, naming what, and saves the result', async () => {
    const { saved } = host();
    const project = useProjectStore();
    await project.open('/projects/test');
    project.edit('first', rename('one'));
    project.edit('second', rename('two'));
    expect(project.undoLabel).toBe('second');
    project.undo();
    expect([project.document?.name, project.undoLabel, project.redoLabel]).toEqual(['one', 'first', 'second']);
    project.redo();
    project.undo();
    project.undo();
    await vi.advanceTimersByTimeAsync(400);
    expect(project.document?.name).toBe('test');
    // Back to what is on disk: nothing to write.
    expect([saved, project.saveState]).toEqual([[], 'saved']);
  });

  it('says why a save failed, keeps the change, and saves it with the next one', async () => {
    const state = host();
    const project = useProjectStore();
    await project.open('/projects/test');
    state.failures.push(new LabError('app.connection-lost', { call: 'projects.update' }));
    project.edit('a', rename('one'));
    await vi.advanceTimersByTimeAsync(400);
    expect(project.saveState).toBe('failed');
    expect(project.saveError?.code).toBe('app.connection-lost');
    expect(project.document?.name).toBe('one');
    project.edit('b', (draft) => {
      draft.training.epochs = 7;
    });
    await vi.advanceTimersByTimeAsync(400);
    expect(state.saved).toEqual(['one']);
    expect([project.saveState, project.saveError]).toEqual(['saved', null]);
  });

  it('saves on demand and rejects with the reason when that fails', async () => {
    const state = host();
    const project = useProjectStore();
    await project.open('/projects/test');
    project.edit('a', rename('one'));
    state.failures.push(new LabError('app.connection-lost', { call: 'projects.update' }));
    await expect(project.flush()).rejects.toThrow(LabError);
    await project.flush();
    expect(state.saved).toEqual(['one']);
  });

  it('saves before it closes, and stays open when that fails', async () => {
    const state = host();
    const project = useProjectStore();
    await project.open('/projects/test');
    project.edit('a', rename('one'));
    state.failures.push(new LabError('app.connection-lost', { call: 'projects.update' }));
    await expect(project.close()).rejects.toThrow(LabError);
    expect(project.document?.name).toBe('one');
    await project.close();
    expect(state.saved).toEqual(['one']);
    expect([project.project, project.document, state.closed]).toEqual([null, null, 1]);
  });

  it('takes over a document the host changed, as one step that can be undone', async () => {
    const state = host();
    const project = useProjectStore();
    await project.open('/projects/test');
    state.revision = 2;
    const document = { ...openProject().document, name: 'imported' };
    project.adopt({ document, revision: 2 }, 'data.undo.import');
    expect([project.document?.name, project.saveState, project.undoLabel]).toEqual([
      'imported',
      'saved',
      'data.undo.import',
    ]);
    project.undo();
    await vi.advanceTimersByTimeAsync(400);
    expect(state.saved).toEqual(['test']);
  });

  it('is opened again when the connection is back, and what is unsaved is saved', async () => {
    const state = host();
    const connection = shallowRef<Connection>('connected');
    vi.spyOn(lab, 'connection', 'get').mockReturnValue(connection);
    const project = useProjectStore();
    await project.open('/projects/test');
    project.edit('a', rename('one'));
    state.failures.push(new LabError('app.connection-lost', { call: 'projects.update' }));
    await vi.advanceTimersByTimeAsync(400);
    connection.value = 'lost';
    await nextTick();
    // The host closed it meanwhile and counts afresh.
    state.revision = 5;
    connection.value = 'connected';
    await vi.advanceTimersByTimeAsync(0);
    expect(state.saved).toEqual(['one']);
    expect(project.saveState).toBe('saved');
  });

  it('changes nothing that is read only', async () => {
    const readOnly = { host: 'box', pid: 7, since: '2026-01-01T00:00:00Z' };
    answerCalls({ 'projects.open': () => openProject({ readOnly }) });
    const project = useProjectStore();
    await project.open('/projects/test');
    project.edit('a', rename('one'));
    expect([project.document?.name, project.undoLabel]).toEqual(['test', null]);
    expect(project.readOnly).toEqual(readOnly);
  });
});
