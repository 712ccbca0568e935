import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PreparedOnce } from '../../../src-main/data/prepared-once';
import { dataFolder, example } from './helpers';

const { guess, open } = dataFolder();

it.each([
  ['a table', ['iris/data/iris.csv']],
  ['images', ['mnist/data/t10k-images-idx3-ubyte.gz', 'mnist/data/t10k-labels-idx1-ubyte.gz']],
])('prepares the samples of %s once, not with every question', async (_, files) => {
  const cacheFolder = await mkdtemp(join(tmpdir(), 'deltalab-once-'));
  const dataset = await open(await guess(...files.map(example)), cacheFolder);
  const [first, second] = await Promise.all([dataset.tensors(), dataset.tensors()]);
  expect(second).toBe(first);
  // Not read from the disk again either.
  expect(await readdir(cacheFolder)).toHaveLength(1);
  await rm(cacheFolder, { recursive: true });
  expect(await dataset.tensors()).toBe(first);
  await dataset.close();
});

it('tries again after a failure, and after what was kept is dropped', async () => {
  const dataset = await open(await guess(example('iris/data/iris.csv')));
  const data = await dataset.tensors();
  const once = new PreparedOnce(null);
  await expect(once.get(() => Promise.reject(new Error('no memory')))).rejects.toThrow('no memory');
  expect(await once.get(async () => data)).toBe(data);
  once.drop();
  const other = { ...data };
  expect(await once.get(async () => other)).toBe(other);
  await dataset.close();
});
