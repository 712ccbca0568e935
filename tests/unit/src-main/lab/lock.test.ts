import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockProject } from '../../../../src-main/lab/lock';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deltalab-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Of a process that is gone. */
const stale = JSON.stringify({
  pid: 2 ** 30,
  host: hostname(),
  since: '2026-01-01T00:00:00.000Z',
  processStart: null,
  token: 'left-behind',
});

it.each([
  ['a free project', null],
  ['a lock left behind', stale],
  ['half a lock', stale.slice(0, 20)],
])('many that reach for %s at once: exactly one gets it', async (_, before) => {
  for (let round = 0; round < 40; round++) {
    if (before !== null) await writeFile(join(folder, '.lock'), before);
    const results = await Promise.all(Array.from({ length: 8 }, () => lockProject(folder)));
    const held = results.filter((result) => result.held);
    expect(held).toHaveLength(1);
    for (const result of held) if (result.held) await result.release();
    expect(await readdir(folder)).toEqual([]);
  }
});
