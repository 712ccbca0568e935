import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LabError } from '../../../../shared/errors';
import { dataSchema, type DataRecipe } from '../../../../shared/project/data';
import { useDataStore } from '../../../../src-renderer/stores/data';
import { useImportStore } from '../../../../src-renderer/stores/import';
import { useProjectStore } from '../../../../src-renderer/stores/project';
import { answerCalls, dataSummary, openProject, type Answers } from '../fake-lab';

const generated = (count: number): DataRecipe => dataSchema.parse({ kind: 'generated', generator: 'xor', count });

async function open(answers: Answers) {
  answerCalls({
    'projects.open': () => openProject(),
    'projects.update': ({ revision }) => ({ revision: revision + 1 }),
    ...answers,
  });
  const project = useProjectStore();
  const data = useDataStore();
  await project.open('/projects/test');
  await vi.advanceTimersByTimeAsync(10);
  return { project, data };
}

beforeEach(() => {
  vi.useFakeTimers();
  setActivePinia(createPinia());
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('the data of the project', () => {
  it('are read when it opens, and again after the recipe settled and was saved', async () => {
    const order: string[] = [];
    const { project, data } = await open({
      'projects.update': ({ revision }) => {
        order.push('save');
        return { revision: revision + 1 };
      },
      'data.summary': () => {
        order.push('summary');
        return dataSummary({ rows: order.length });
      },
    });
    expect([data.summary?.rows, data.loading]).toEqual([1, false]);
    for (const count of [10, 20, 30]) project.edit('a', (draft) => (draft.data = generated(count)));
    await vi.advanceTimersByTimeAsync(1);
    expect(data.loading).toBe(true);
    await vi.advanceTimersByTimeAsync(500);
    expect(order).toEqual(['summary', 'save', 'summary']);
    expect([data.summary?.rows, data.loading]).toEqual([3, false]);
  });

  it('are not read again for changes elsewhere', async () => {
    let reads = 0;
    const { project } = await open({
      'data.summary': () => {
        reads += 1;
        return dataSummary();
      },
    });
    project.edit('a', (draft) => (draft.training.epochs = 3));
    await vi.advanceTimersByTimeAsync(1000);
    expect(reads).toBe(1);
  });

  it('show the last answer, whatever order they come in', async () => {
    const waits = [2000, 10];
    let asked = 0;
    const { project, data } = await open({ 'data.summary': () => dataSummary({ rows: 0 }) });
    vi.restoreAllMocks();
    answerCalls({
      'projects.update': ({ revision }) => ({ revision: revision + 1 }),
      'data.summary': async () => {
        const mine = (asked += 1);
        await new Promise((resolve) => setTimeout(resolve, waits[mine - 1]));
        return dataSummary({ rows: mine });
      },
    });
    project.edit('a', (draft) => (draft.data = generated(10)));
    await vi.advanceTimersByTimeAsync(700);
    project.edit('b', (draft) => (draft.data = generated(20)));
    await vi.advanceTimersByTimeAsync(5000);
    expect([asked, data.summary?.rows]).toEqual([2, 2]);
  });

  it('say why they cannot be read', async () => {
    const { data } = await open({
      'data.summary': () => {
        throw new LabError('data.empty-file', { file: 'a.csv' });
      },
    });
    expect([data.summary, data.error?.code, data.loading]).toEqual([null, 'data.empty-file', false]);
  });
});

describe('an import', () => {
  it('becomes the project data in one step, with the summary that came with it', async () => {
    let summaries = 0;
    const document = { ...openProject().document, data: generated(50) };
    const { project, data } = await open({
      'data.summary': () => {
        summaries += 1;
        return null;
      },
      'data.generate': () => ({ document, revision: 2, summary: dataSummary({ rows: 50 }) }),
    });
    expect(await useImportStore().generate({ generator: 'xor' })).toBe(true);
    await vi.advanceTimersByTimeAsync(1000);
    expect([data.summary?.rows, project.undoLabel, summaries]).toEqual([50, 'data.undo.generate', 1]);
  });

  it('that fails leaves the data as they were and says why', async () => {
    const { project, data } = await open({
      'data.summary': () => dataSummary({ rows: 7 }),
      'data.generate': () => {
        throw new LabError('data.empty-file', { file: 'a.csv' });
      },
    });
    const imports = useImportStore();
    expect(await imports.generate({ generator: 'xor' })).toBe(false);
    expect([imports.error?.code, imports.stage, data.summary?.rows, project.undoLabel]).toEqual([
      'data.empty-file',
      null,
      7,
      null,
    ]);
    project.edit('a', (draft) => (draft.name = 'other'));
    await vi.advanceTimersByTimeAsync(1);
    expect(imports.error).toBeNull();
  });

  it('waits for the one before it, so that the last one asked for stays', async () => {
    const done: number[] = [];
    const { data } = await open({
      'data.summary': () => null,
      'data.generate': async ({ count = 0 }) => {
        // The first one takes longer.
        await new Promise((resolve) => setTimeout(resolve, count === 100 ? 3000 : 10));
        done.push(count);
        const document = { ...openProject().document, data: generated(count) };
        return { document, revision: done.length + 1, summary: dataSummary({ rows: count }) };
      },
    });
    const imports = useImportStore();
    const both = [
      imports.generate({ generator: 'xor', count: 100 }),
      imports.generate({ generator: 'xor', count: 200 }),
    ];
    await vi.advanceTimersByTimeAsync(5000);
    expect([await Promise.all(both), done, data.summary?.rows]).toEqual([[true, true], [100, 200], 200]);
  });
});
