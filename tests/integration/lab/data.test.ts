import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testLab, type TestLab } from '../support/lab';

let test: TestLab;
beforeEach(async () => {
  test = await testLab();
});
afterEach(() => test.close());

const goodTable = 'a,b\n1,2\n3,4\n5,7\n';

async function emptyProject() {
  const project = await test.lab.call('projects.create', { name: 'net', example: null });
  const copies = () => (existsSync(join(project.path, 'data')) ? readdirSync(join(project.path, 'data')) : []);
  const take = (...paths: string[]) => test.lab.call('data.import', { project: project.id, paths, copy: true });
  return { project, copies, take };
}

function userFile(name: string, content: string): string {
  const path = join(test.home, name);
  writeFileSync(path, content);
  return path;
}

describe('importing with a copy', () => {
  it('keeps the copy and records its place in the project', async () => {
    const { copies, take } = await emptyProject();
    const { document } = await take(userFile('good.csv', goodTable));
    expect(document.data).toMatchObject({ kind: 'table', path: 'data/good.csv' });
    expect(copies()).toEqual(['good.csv']);
  });

  it('leaves no copy of a file that cannot be read, and names the one that was chosen', async () => {
    const { project, copies, take } = await emptyProject();
    const file = userFile('header.csv', 'a,b\n');
    for (let attempt = 0; attempt < 2; attempt++)
      await expect(take(file)).rejects.toMatchObject({ code: 'data.header-only', details: { file } });
    expect(copies()).toEqual([]);
    const missing = join(test.home, 'missing.csv');
    await expect(take(userFile('one.csv', goodTable), missing)).rejects.toMatchObject({
      code: 'data.file-not-found',
      details: { file: missing },
    });
    expect(copies()).toEqual([]);
    const { document } = await test.lab.call('projects.open', { path: project.path });
    expect(document.data).toEqual({ kind: 'none' });
  });

  it('leaves a file alone that was in data/ before', async () => {
    const { project, copies, take } = await emptyProject();
    await take(userFile('good.csv', goodTable));
    const own = join(project.path, 'data', 'header.csv');
    writeFileSync(own, 'a,b\n');
    await expect(take(own)).rejects.toMatchObject({ details: { file: own } });
    await expect(take(userFile('good.csv', 'a,b\n'), own)).rejects.toMatchObject({
      code: 'data.which-files',
      details: { files: ['good.csv', 'header.csv'] },
    });
    expect(copies().sort()).toEqual(['good.csv', 'header.csv']);
  });
});
