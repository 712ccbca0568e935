import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { PreparedData } from '../../../../src-main/data';
import { TensorCache } from '../../../../src-main/data/tensor-cache';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deltalab-cache-'));
});
afterEach(() => rm(folder, { recursive: true }));

function samples(value: number): PreparedData {
  const split = (count: number) => ({
    count,
    inputs: new Float32Array(count * 3).fill(value),
    targets: new BigInt64Array(count).fill(1n),
    rows: Int32Array.from({ length: count }, (_, row) => row),
  });
  return {
    inputShape: [3],
    targetShape: [2],
    splits: { training: split(5), validation: split(1), test: split(0) },
    preprocessing: {
      format: 1,
      input: { kind: 'columns', columns: [{ encoding: 'one-hot', column: 'имя', values: ['a', 'b', 'c'] }] },
      target: { kind: 'classes', column: 't', classes: ['p', 'q'] },
    },
  };
}

it('makes samples once and reads them after that', async () => {
  const fail = (): Promise<PreparedData> => Promise.reject(new Error('made again'));
  await new TensorCache(folder, ['a']).get(async () => samples(0.1));
  expect(await new TensorCache(folder, ['a']).get(fail)).toEqual(samples(0.1));
  await expect(new TensorCache(folder, ['b']).get(fail)).rejects.toThrow('made again');
});

it('gives every array a buffer of its own, so that it can be handed over', async () => {
  await new TensorCache(folder, ['a']).get(async () => samples(0.1));
  const { splits } = await new TensorCache(folder, ['a']).get(async () => samples(0.2));
  expect(splits.training.inputs.buffer.byteLength).toBe(splits.training.inputs.byteLength);
});

it('keeps the last few', async () => {
  for (let recipe = 0; recipe < 7; recipe += 1)
    await new TensorCache(folder, [recipe]).get(async () => samples(recipe));
  expect(await readdir(folder)).toHaveLength(4);
});
