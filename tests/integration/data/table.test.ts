import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeIdleTables, guessRecipe, openDataset } from '../../../src-main/data';
import type { DataRecipe } from '../../../shared/project/data';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deltalab-test-'));
});
afterAll(async () => {
  await closeIdleTables();
  await rm(folder, { recursive: true });
});

type TableRecipe = Extract<DataRecipe, { kind: 'table' }>;

async function table(name: string, content: string | Uint8Array): Promise<{ path: string; recipe: TableRecipe }> {
  const path = join(folder, name);
  await writeFile(path, content);
  const recipe = await guessRecipe([path], { projectFolder: folder });
  if (recipe.kind !== 'table') throw new Error('not a table');
  return { path, recipe };
}
const open = (recipe: DataRecipe) => openDataset(recipe, { projectFolder: folder, cacheFolder: null });

const iris = new URL('../../../examples/iris/data/iris.csv', import.meta.url).pathname;

describe('iris.csv', () => {
  it('is read with four inputs and the species as classes, and split evenly', async () => {
    const recipe = await guessRecipe([iris], { projectFolder: folder });
    const dataset = await open(recipe);
    const { summary } = dataset;
    expect(summary.issues).toEqual([]);
    expect(summary.rows).toBe(150);
    expect(summary.inputNames).toEqual(['sepal_length', 'sepal_width', 'petal_length', 'petal_width']);
    expect(summary.target).toEqual({
      kind: 'classes',
      classes: ['setosa', 'versicolor', 'virginica'],
      balance: { training: [40, 40, 40], validation: [10, 10, 10], test: [0, 0, 0] },
      suggestedLoss: 'cross-entropy',
    });
    const length = summary.columns[0]!;
    expect(length).toMatchObject({ type: 'number', blanks: 0, minimum: 4.3, maximum: 7.9, median: 5.8, distinct: 35 });
    expect(length.mean).toBeCloseTo(5.8433, 4);
    expect(length.histogram?.reduce((sum, count) => sum + count)).toBe(150);
    const data = await dataset.tensors();
    expect(data.inputShape).toEqual([4]);
    expect(data.targetShape).toEqual([3]);
    expect(data.splits.training.count).toBe(120);
    // Standardised by the training rows: mean 0, deviation 1 in every column.
    for (let column = 0; column < 4; column += 1) {
      const values = Array.from({ length: 120 }, (_, row) => data.splits.training.inputs[row * 4 + column]!);
      const mean = values.reduce((sum, value) => sum + value) / 120;
      expect(mean).toBeCloseTo(0, 5);
      expect(values.reduce((sum, value) => sum + value * value, 0) / 120).toBeCloseTo(1, 5);
    }
    const page = await dataset.rows(0, 2);
    expect(page.rows[0]).toEqual([5.1, 3.5, 1.4, 0.2, 'setosa']);
    expect(page.total).toBe(150);
    await dataset.close();
  });
});

describe('bad input', () => {
  it('names an empty file', async () => {
    await expect(table('empty.csv', '')).rejects.toThrow(/empty\.csv is empty/);
    await expect(table('blank.csv', '\n\n  \n')).rejects.toThrow(/blank\.csv is empty/);
  });

  it('names a file with a header only', async () => {
    await expect(table('header.csv', 'a,b,c\n')).rejects.toThrow(/header\.csv has a header but no rows/);
  });

  it('reports ragged rows and text in a number column with line, column, reason and text', async () => {
    const lines = ['x,y,kind'];
    for (let row = 0; row < 40; row += 1) lines.push(`${row * 1.5},${row},${row % 2 ? 'a' : 'b'}`);
    lines[5] = '1,2'; // line 6
    lines[9] = '1,2,a,4'; // line 10
    lines.splice(12, 0, ''); // a blank line 13
    lines[20] = 'oops,3,a'; // line 21
    const { recipe } = await table('ragged.csv', lines.join('\n'));
    const dataset = await open(recipe);
    expect(dataset.summary.report.rejectedCount).toBe(3);
    expect(dataset.summary.report.rejected).toEqual([
      { line: 6, column: null, reason: 'too-few-values', text: '1,2' },
      { line: 10, column: null, reason: 'too-many-values', text: '1,2,a,4' },
      { line: 21, column: 'x', reason: 'not-a-number', text: 'oops' },
    ]);
    expect(dataset.summary.issues).toEqual([]);
    expect(dataset.summary.rows).toBe(38);
    const { training, validation } = dataset.summary.splits;
    expect(training + validation).toBe(37);
    await dataset.close();
  });
});
