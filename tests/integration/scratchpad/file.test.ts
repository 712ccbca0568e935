import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testLab, type TestLab } from '../support/lab';

// The cells of a notebook in its file, with more than one writer.

let lab: TestLab;
beforeAll(async () => {
  lab = await testLab();
});
afterAll(() => lab.close());

async function notebook() {
  const { id, path } = await lab.lab.call('projects.create', { name: 'notes', example: null });
  return {
    file: join(path, 'scratchpad.py'),
    load: () => lab.lab.call('scratchpad.load', { project: id }),
    save: (cells: string[], revision?: string | null) =>
      lab.lab.call('scratchpad.save', { project: id, cells, ...(revision === undefined ? {} : { revision }) }),
  };
}

test('a page that saves what it has read may save again', async () => {
  const { load, save, file } = await notebook();
  expect(await load()).toEqual({ cells: null, revision: null });
  const first = await save(['x = 1'], null);
  const second = await save(['x = 2'], first.revision);
  expect(second.revision).not.toBe(first.revision);
  expect(await load()).toEqual({ cells: ['x = 2'], revision: second.revision });
  expect(readFileSync(file, 'utf8')).toBe('# %%\nx = 2\n');
});

test('the last of two pages does not win silently', async () => {
  const { load, save } = await notebook();
  const { revision } = await save(['start'], null);
  await save(['mine'], revision);
  await expect(save(['yours'], revision)).rejects.toMatchObject({ code: 'scratchpad.changed-elsewhere' });
  expect((await load()).cells).toEqual(['mine']);
  // The same text is no conflict, and who wants to writes over it.
  await save(['mine'], revision);
  await save(['yours']);
  expect((await load()).cells).toEqual(['yours']);
});

test('of two that save at the same moment one is refused', async () => {
  const { save } = await notebook();
  const { revision } = await save(['start'], null);
  const results = await Promise.allSettled([save(['a'], revision), save(['b'], revision)]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
});

test('a file that another program wrote is not written over', async () => {
  const { save, file } = await notebook();
  const { revision } = await save(['x = 1'], null);
  writeFileSync(file, '# %%\nx = 5\n');
  await expect(save(['x = 2'], revision)).rejects.toMatchObject({
    code: 'scratchpad.changed-elsewhere',
    details: { path: file },
  });
  expect(readFileSync(file, 'utf8')).toBe('# %%\nx = 5\n');
});
