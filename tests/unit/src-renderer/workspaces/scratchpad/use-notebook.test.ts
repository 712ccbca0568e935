import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { effectScope, type EffectScope } from 'vue';
import { LabError } from '../../../../../shared/errors';
import { useProjectStore } from '../../../../../src-renderer/stores/project';
import { useNotebook, type Notebook } from '../../../../../src-renderer/workspaces/scratchpad/use-notebook';
import { answerCalls, openProject } from '../../fake-lab';

/** A host whose notebooks remember what ran in them; one is opened when `admit` is called. */
function host() {
  const kept = new Map<string, string[]>();
  const waiting: (() => void)[] = [];
  const calls: string[] = [];
  const find = (id: string): string[] => {
    const ran = kept.get(id);
    if (!ran) throw new LabError('scratchpad.not-open');
    return ran;
  };
  let made = 0;
  answerCalls({
    'projects.open': ({ path }) => openProject({ id: path, path }),
    'projects.close': () => null,
    'scratchpad.load': () => ({ cells: ['x = 1'], revision: '1' }),
    'scratchpad.open': async ({ scratchpad }) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      const id = scratchpad && kept.has(scratchpad) ? scratchpad : `n${(made += 1)}`;
      if (!kept.has(id)) kept.set(id, []);
      return { scratchpad: id, running: null, variables: [] };
    },
    'scratchpad.close': ({ scratchpad }) => (kept.delete(scratchpad), null),
    'scratchpad.run': ({ scratchpad, code }) => {
      calls.push('run');
      find(scratchpad).push(code);
      return { status: 'done', value: null, seconds: 0 };
    },
    'scratchpad.stop': () => (calls.push('stop'), null),
    'scratchpad.complete': ({ scratchpad }) => (find(scratchpad), []),
    'scratchpad.variables': ({ scratchpad }) =>
      find(scratchpad).map((name) => ({ name, type: 'int', shape: null, device: null, text: '1', network: false })),
  });
  return { kept, waiting, calls, admit: () => waiting.splice(0).forEach((resolve) => resolve()) };
}

let scope: EffectScope;

async function openNotebook(): Promise<Notebook> {
  await useProjectStore().open('/one');
  const notebook = scope.run(() => useNotebook());
  if (!notebook) throw new Error('no scope');
  await vi.waitUntil(() => notebook.ready);
  return notebook;
}

beforeEach(() => {
  sessionStorage.clear();
  setActivePinia(createPinia());
  scope = effectScope();
});
afterEach(() => {
  scope.stop();
  vi.restoreAllMocks();
});

test('a cell and a suggestion that are asked for at once are of one notebook', async () => {
  const { kept, waiting, admit } = host();
  const notebook = await openNotebook();
  const both = Promise.all([notebook.run(...notebook.cells), notebook.complete('x', 1, 1)]);
  await vi.waitUntil(() => waiting.length > 0);
  // Time for the other one to ask too.
  await new Promise((resolve) => setTimeout(resolve, 20));
  admit();
  await both;
  expect([...kept]).toEqual([['n1', ['x = 1']]]);
  expect(notebook.variables).toMatchObject([{ name: 'x = 1' }]);
});

test('a cell that is stopped while its notebook is being opened is stopped as soon as it runs', async () => {
  const { waiting, admit, calls } = host();
  const notebook = await openNotebook();
  const run = notebook.run(...notebook.cells);
  await vi.waitUntil(() => waiting.length > 0);
  const stopped = notebook.stop();
  admit();
  await Promise.all([run, stopped]);
  expect(calls).toEqual(['run', 'stop']);
});

test('two that find their notebook closed share the new one', async () => {
  const { kept, waiting, admit } = host();
  const notebook = await openNotebook();
  const first = notebook.complete('', 1, 0);
  await vi.waitUntil(() => waiting.length > 0);
  admit();
  await first;
  kept.clear();
  const both = Promise.all([notebook.run(...notebook.cells), notebook.complete('x', 1, 1)]);
  await vi.waitUntil(() => waiting.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  admit();
  await both;
  expect([...kept]).toEqual([['n2', ['x = 1']]]);
});

test('one that is still being opened when its page is left is closed', async () => {
  const { kept, waiting, admit } = host();
  const notebook = await openNotebook();
  const asked = notebook.complete('', 1, 0).catch(() => undefined);
  await vi.waitUntil(() => waiting.length > 0);
  scope.stop();
  admit();
  await asked;
  await vi.waitUntil(() => kept.size === 0);
  expect(sessionStorage.length).toBe(0);
});
