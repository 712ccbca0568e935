import { afterAll, describe, expect, it } from 'vitest';
import { closeIdleTables, openDataset } from '../../../../src-main/data';
import { dataSchema, generatorNames } from '../../../../shared/project/data';

const options = { projectFolder: '/', cacheFolder: null };
const generated = (settings: object) => openDataset(dataSchema.parse({ kind: 'generated', ...settings }), options);

afterAll(closeIdleTables);

describe('the lecture regression', () => {
  it('has the figures of the lecture', async () => {
    const dataset = await generated({ generator: 'lecture-regression', count: 100, split: { kind: 'generated' } });
    expect(dataset.summary.issues).toEqual([]);
    expect(dataset.summary.splits).toEqual({ training: 80, validation: 20, test: 0 });
    const { rows } = await dataset.rows(0, 3);
    expect(rows.map((row) => row.map((cell) => Number(cell).toFixed(4)))).toEqual([
      ['0.8823', '2.7859'],
      ['0.9150', '2.8925'],
      ['0.3829', '1.8091'],
    ]);
    const data = await dataset.tensors();
    expect([...data.splits.training.rows.subarray(0, 10)]).toEqual([4, 31, 92, 69, 47, 19, 19, 5, 33, 66]);
    expect(data.inputShape).toEqual([1]);
    expect(data.targetShape).toEqual([1]);
    // Nothing is scaled: the network sees the raw values.
    const raw = await dataset.rows(4, 1);
    expect(data.splits.training.inputs[0]).toBe(raw.rows[0]?.[0]);
    expect(data.splits.training.targets[0]).toBe(raw.rows[0]?.[1]);
  });

  it('marks a row that both splits draw as training', async () => {
    const dataset = await generated({ generator: 'lecture-regression', count: 100, split: { kind: 'generated' } });
    const { splits } = await dataset.rows(0, 100);
    const data = await dataset.tensors();
    for (const row of data.splits.training.rows) expect(splits[row]).toBe('training');
    expect(splits).toContain(null);
  });
});

describe.each(generatorNames)('%s', (generator) => {
  it('is made of the seed alone, finite, and ready to train', async () => {
    const [one, same, other] = await Promise.all(
      [1, 1, 2].map(async (seed) => (await generated({ generator, count: 90, seed })).tensors()),
    );
    expect(one!.splits.training.inputs).toEqual(same!.splits.training.inputs);
    expect(one!.splits.training.inputs).not.toEqual(other!.splits.training.inputs);
    expect(one!.splits.training.inputs.every(Number.isFinite)).toBe(true);
    expect(one!.splits.training.count + one!.splits.validation.count).toBe(90);
  });

  it('can be drawn', async () => {
    const dataset = await generated({ generator, count: 50 });
    const points = await dataset.points();
    expect(points?.points).toHaveLength(50);
    expect(points?.inputNames).toHaveLength(generator === 'lecture-regression' || generator === 'noisy-sine' ? 1 : 2);
  });
});

describe('xor', () => {
  it('is four exact points without noise', async () => {
    const dataset = await generated({ generator: 'xor', count: 8, noise: 0 });
    const { rows } = await dataset.rows(0, 8);
    const corners = [
      [0, 0, '0'],
      [0, 1, '1'],
      [1, 0, '1'],
      [1, 1, '0'],
    ];
    expect(rows).toEqual([...corners, ...corners]);
    expect(dataset.summary.target).toMatchObject({ kind: 'classes', classes: ['0', '1'] });
  });
});

it('refuses a prescribed split of a set that has none', async () => {
  const dataset = await generated({ generator: 'xor', split: { kind: 'generated' } });
  expect(dataset.summary.issues).toEqual([{ code: 'data.no-generated-split', details: {} }]);
  await expect(dataset.tensors()).rejects.toThrow('These data prescribe no split of their own');
});
