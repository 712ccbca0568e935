import { readFile } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { dataSchema, type DataRecipe } from '../../../shared/project/data';
import { dataFolder, example } from './helpers';

const { open, guess, write, path } = dataFolder();
const mnistImages = example('mnist/data/t10k-images-idx3-ubyte.gz');
const mnistLabels = example('mnist/data/t10k-labels-idx1-ubyte.gz');

/** An IDX file of bytes. */
function idx(dimensions: number[], values: ArrayLike<number>, type = 8): Buffer {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header.set([0, 0, type, dimensions.length]);
  dimensions.forEach((size, index) => header.writeUInt32BE(size, 4 + 4 * index));
  return Buffer.concat([header, Buffer.from(Array.from(values))]);
}
const pixels = (count: number): number[] => Array.from({ length: count * 4 }, (_, index) => (index * 37) % 256);
const pair = (images: string, labels: string): DataRecipe => dataSchema.parse({ kind: 'idx', images, labels });

describe('MNIST', () => {
  it('loads 10,000 compressed images in 2 s, chosen in either order', async () => {
    const started = process.cpuUsage();
    const recipe = await guess(mnistLabels, mnistImages);
    expect(recipe).toMatchObject({ kind: 'idx', images: mnistImages, labels: mnistLabels, scale: 'min-max' });
    const split = { kind: 'ratio', training: 0.9, validation: 0.1, test: 0, seed: 42, stratify: true } as const;
    const dataset = await open(recipe.kind === 'idx' ? { ...recipe, split } : recipe);
    const data = await dataset.tensors();
    const { user, system } = process.cpuUsage(started);
    // Processor time, so that a busy machine does not decide.
    expect((user + system) / 1e6).toBeLessThan(2);
    expect(dataset.summary.splits).toEqual({ training: 9000, validation: 1000, test: 0 });
    expect(dataset.summary.inputShape).toEqual([1, 28, 28]);
    expect(dataset.summary.target).toMatchObject({ classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] });
    const raw = gunzipSync(await readFile(mnistImages));
    const labels = gunzipSync(await readFile(mnistLabels));
    for (const sample of [0, 17, 999]) {
      const row = data.splits.validation.rows[sample] ?? -1;
      expect(Number(data.splits.validation.targets[sample])).toBe(labels[8 + row]);
      const expected = Float32Array.from(raw.subarray(16 + row * 784, 16 + (row + 1) * 784), (byte) => byte / 255);
      expect(data.splits.validation.inputs.subarray(sample * 784, (sample + 1) * 784)).toEqual(expected);
    }
    const images = await dataset.images(0, 3);
    expect(images).toMatchObject({ height: 28, width: 28, channels: 1 });
    expect(images?.items.map(({ label }) => label)).toEqual(['7', '2', '1']);
    expect(images?.items[0]?.pixels).toEqual(new Uint8Array(raw.subarray(16, 16 + 784)));
    expect((await dataset.rows(0, 2)).rows).toEqual([
      ['28 × 28', '7'],
      ['28 × 28', '2'],
    ]);
  });
});

it('divides every class in the same proportion', async () => {
  const dataset = await open(await guess(mnistImages, mnistLabels));
  const { target } = dataset.summary;
  if (target?.kind !== 'classes') throw new Error('no classes');
  target.balance.training.forEach((count, index) => {
    const all = count + (target.balance.validation[index] ?? 0);
    expect(Math.abs(count - all * 0.8)).toBeLessThanOrEqual(1);
  });
});

it('standardises by the training images only', async () => {
  const labels = [0, 1, 0, 1, 0, 1, 0, 1, 0, 1];
  const values = pixels(10);
  const images = await write('some-images', idx([10, 2, 2], values));
  const recipe = pair(images, await write('some-labels', idx([10], labels)));
  const scaled = { ...recipe, scale: 'standardise' } as DataRecipe;
  const before = await (await open(scaled)).tensors();
  const row = before.splits.validation.rows[0] ?? -1;
  values[row * 4] = 255 - (values[row * 4] ?? 0);
  await write('some-images', idx([10, 2, 2], values));
  const after = await (await open(scaled)).tensors();
  expect(after.preprocessing).toEqual(before.preprocessing);
  expect(after.splits.validation.inputs).not.toEqual(before.splits.validation.inputs);
  expect(after.splits.training.inputs).toEqual(before.splits.training.inputs);
});

it('coloured images have their channels', async () => {
  const images = await write(
    'colour',
    idx(
      [4, 3, 2, 2],
      Array.from({ length: 48 }, (_, index) => index),
    ),
  );
  const dataset = await open(pair(images, await write('colour-labels', idx([4], [1, 2, 1, 2]))));
  expect(dataset.summary.inputShape).toEqual([3, 2, 2]);
  expect((await dataset.images(1, 9))?.items[0]?.pixels[0]).toBe(12);
});

describe('bad input', () => {
  it('a header of 2 GB on 1 KB is refused before memory is taken', async () => {
    const header = idx([60_000, 200, 180], new Uint8Array(1000));
    const labels = await write('l', idx([60_000], new Uint8Array(60_000)));
    const images = await write('huge', header);
    const before = process.memoryUsage().rss;
    await expect(open(pair(images, labels))).rejects.toThrow(
      /header of .*huge claims 2160000016 bytes \(60000 × 200 × 180\), but the file has 1016/,
    );
    const packed = await write('huge.gz', gzipSync(header));
    await expect(open(pair(packed, labels))).rejects.toThrow(/header of .*huge\.gz claims 2160000016 bytes/);
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });

  it('a compressed file that unpacks to less, or more, than its header says', async () => {
    const labels = await write('l3', idx([3], [0, 1, 0]));
    const short = await write('short.gz', gzipSync(idx([3, 2, 2], pixels(2))));
    await expect(open(pair(short, labels))).rejects.toThrow(/claims 28 bytes .* but the file has 24/);
    const long = await write('long.gz', gzipSync(idx([3, 2, 2], pixels(9))));
    await expect(open(pair(long, labels))).rejects.toThrow(/long\.gz claims 28 bytes/);
  });

  it('a truncated gzip', async () => {
    const whole = gzipSync(
      idx(
        [3, 200, 2],
        Buffer.from(pixels(300)).map((byte, index) => byte ^ (index % 253)),
      ),
    );
    const cut = await write('cut.gz', whole.subarray(0, whole.length - 60));
    const labels = await write('l3', idx([3], [0, 1, 0]));
    await expect(open(pair(cut, labels))).rejects.toThrow(/compressed file .*cut\.gz is damaged or cut short/);
  });

  it('images and labels of different sets', async () => {
    const images = await write('i3', idx([3, 2, 2], pixels(3)));
    const labels = await write('l4', idx([4], [0, 1, 0, 1]));
    await expect(open(pair(images, labels))).rejects.toThrow(/i3 holds 3 images, but .*l4 holds 4 labels/);
  });

  it('one file of two, and two tables', async () => {
    await expect(guess(mnistImages)).rejects.toThrow(/holds images\. Choose its file of labels/);
    await expect(guess(mnistLabels)).rejects.toThrow(/holds labels\. Choose its file of images/);
    const one = await write('one.csv', 'a,b\n1,2\n');
    await expect(guess(one, mnistLabels)).rejects.toThrow(/do not make one data set: one\.csv, t10k-labels/);
  });

  it('no IDX file, and labels in the place of images', async () => {
    const text = await write('text', 'a,b\n1,2\n');
    await expect(open(pair(text, mnistLabels))).rejects.toThrow(/text is no IDX file: its first bytes are 61 2c 62 0a/);
    await expect(open(pair(mnistLabels, mnistLabels))).rejects.toThrow(/holds values of type uint8 in 1 dimensions/);
    await expect(open(pair(path('gone'), mnistLabels))).rejects.toThrow(/gone was not found/);
  });

  it('files not chosen yet are something to do, not an error', async () => {
    const dataset = await open(pair('', ''));
    expect(dataset.summary).toMatchObject({ kind: 'idx', rows: 0, inputShape: null, target: null });
    expect(dataset.summary.issues).toEqual([{ code: 'data.choose-idx', details: { missing: 'images' } }]);
    await expect(dataset.tensors()).rejects.toThrow('Choose the file of images');
  });
});
