import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeTemporaryFolder, removeTemporaryFolder } from '../../../src-main/data/table/database';

it('removes what a killed process left behind, and nothing of a living one', async () => {
  const { pid: dead } = spawnSync(process.execPath, ['-e', '']);
  const left = await mkdtemp(join(tmpdir(), `deltalab-table-${dead}-`));
  const others = await mkdtemp(join(tmpdir(), `deltalab-table-${process.ppid}-`));
  const own = await makeTemporaryFolder();
  expect(existsSync(left)).toBe(false);
  expect(existsSync(others)).toBe(true);
  expect(existsSync(own)).toBe(true);
  await removeTemporaryFolder(own);
  expect(existsSync(own)).toBe(false);
  await rm(others, { recursive: true });
});
