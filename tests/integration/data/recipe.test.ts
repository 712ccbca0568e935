import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { describeOutputs, readTable, transformRows, unknownCategories } from '../../../src-main/data';
import { preprocessingSchema } from '../../../shared/project/preprocessing';
import { columnOf, dataFolder, withColumns } from './helpers';

const { table, open, write, path } = dataFolder();

function measurements(change: (row: number) => string | null = () => null): string {
  const lines = ['x,colour,day,y'];
  for (let row = 0; row < 60; row += 1) {
    const day = `2024-0${1 + (row % 9)}-1${row % 10}`;
    lines.push(change(row) ?? `${row * 1.25},${['red', 'green', 'blue'][row % 3]},${day},${100 + row * 3.5}`);
  }
  return lines.join('\n');
}

describe('statistics', () => {
  it('come from the training split alone', async () => {
    const recipe = withColumns(await table('clean.csv', measurements()), { day: { role: 'input' } });
    const before = await open(recipe);
    const original = await before.tensors();
    const row = original.splits.validation.rows[0] ?? -1;
    // A value far outside, a category and a date that occur nowhere else, in a validation row.
    const path = await write(
      'leak.csv',
      measurements((at) => (at === row ? '1e9,violet,1999-01-01,-5e7' : null)),
    );
    const after = await open({ ...recipe, path });
    const changed = await after.tensors();
    expect(changed.splits.validation.rows).toEqual(original.splits.validation.rows);
    expect(changed.preprocessing).toEqual(original.preprocessing);
    expect(changed.splits.training.inputs).toEqual(original.splits.training.inputs);
    expect(changed.splits.training.targets).toEqual(original.splits.training.targets);
    expect(changed.splits.validation.inputs).not.toEqual(original.splits.validation.inputs);
    // The unknown category is all zeros.
    expect([...changed.splits.validation.inputs.subarray(1, 4)]).toEqual([0, 0, 0]);
    // The negative control: the same change in a training row moves them.
    const other = original.splits.training.rows[0] ?? -1;
    const moved = await open({
      ...recipe,
      path: await write(
        'moved.csv',
        measurements((at) => (at === other ? '1e9,violet,1999-01-01,-5e7' : null)),
      ),
    });
    expect((await moved.tensors()).preprocessing).not.toEqual(original.preprocessing);
    await Promise.all([before, after, moved].map((dataset) => dataset.close()));
  });

  it('a numeric target is scaled, and comes back in its own units', async () => {
    const dataset = await open(await table('clean2.csv', measurements()));
    const data = await dataset.tensors();
    expect(dataset.summary.target).toEqual({ kind: 'numbers', names: ['y'], suggestedLoss: 'mse' });
    const described = describeOutputs(
      data.preprocessing,
      data.splits.validation.targets as Float32Array,
      data.splits.validation.count,
    );
    const [first] = described;
    if (first?.kind !== 'numbers') throw new Error('no numbers');
    const row = data.splits.validation.rows[0] ?? -1;
    expect(first.values[0]?.column).toBe('y');
    expect(first.values[0]?.value).toBeCloseTo(100 + row * 3.5, 3);
    await dataset.close();
  });
});

describe('blanks', () => {
  const content = (): string => {
    const lines = ['a,b,label'];
    for (let row = 0; row < 50; row += 1) lines.push(`${row % 5 === 0 ? 'NA' : row},${row},${row % 2 ? 'p' : 'q'}`);
    lines.push('1,2,', '3,4,?');
    return lines.join('\n');
  };

  it.each(['mean', 'median'] as const)('are filled with the %s of training', async (blanks) => {
    const recipe = withColumns(await table('blanks.csv', content()), { a: { blanks, scale: 'none' } });
    const dataset = await open(recipe);
    const data = await dataset.tensors();
    const { rows, inputs } = data.splits.training;
    const known = [...rows].filter((row) => row % 5 !== 0).sort((one, other) => one - other);
    const middle = known.length >> 1;
    const median = known.length % 2 ? known[middle] : ((known[middle - 1] ?? 0) + (known[middle] ?? 0)) / 2;
    const expected = blanks === 'mean' ? known.reduce((sum, row) => sum + row, 0) / known.length : Number(median);
    const filled = columnOf(inputs, 2, 0).filter((_, sample) => (rows[sample] ?? 1) % 5 === 0);
    expect(filled.length).toBeGreaterThan(3);
    for (const value of filled) expect(value).toBeCloseTo(expected, 4);
    // Rows without a target are left out, and said so.
    expect(dataset.summary.splits.training + dataset.summary.splits.validation).toBe(50);
    expect(dataset.summary.report.notes).toContainEqual({
      code: 'data.note.blank-target',
      details: { count: 2, column: 'label' },
    });
    await dataset.close();
  });

  it('are dropped when asked, and the rows say so', async () => {
    const recipe = withColumns(await table('blanks.csv', content()), { a: { blanks: 'drop' } });
    const dataset = await open(recipe);
    expect(dataset.summary.splits.training + dataset.summary.splits.validation).toBe(40);
    const page = await dataset.rows(0, 52);
    page.splits.forEach((split, row) => expect(split === null).toBe(row % 5 === 0 || row >= 50));
    await dataset.close();
  });

  it('no row left is something to put right', async () => {
    const recipe = withColumns(await table('holes.csv', 'a,b,y\n1,,1.5\n,2,2.5\n'), {
      a: { blanks: 'drop' },
      b: { blanks: 'drop' },
    });
    const dataset = await open(recipe);
    expect(dataset.summary.issues).toEqual([{ code: 'data.no-rows-left', details: { count: 2, column: 'a' } }]);
    await dataset.close();
  });
});

describe('targets', () => {
  it.each([
    ['one class', 'x,t\n1,a\n2,a\n3,a\n', 'data.one-class'],
    ['classes and a number', 'x,t,u\n1,a,5\n2,b,6\n3,a,7\n', 'data.mixed-targets'],
  ])('%s', async (_, content, code) => {
    const recipe = await table('targets.csv', content);
    const dataset = await open(
      withColumns(recipe, { x: { role: 'input' }, t: { role: 'target' }, u: { role: 'target' } }),
    );
    expect(dataset.summary.issues.map((issue) => issue.code)).toEqual([code]);
    await dataset.close();
  });

  it('text forced to numbers is refused with an example', async () => {
    const recipe = withColumns(await table('words.csv', 'x,w,y\n1,ten,1.5\n2,two,2.5\n3,six,3.5\n'), {
      w: { role: 'input', encoding: 'number' },
    });
    const dataset = await open(recipe);
    expect(dataset.summary.issues).toEqual([{ code: 'data.not-numbers', details: { column: 'w', example: 'six' } }]);
    await dataset.close();
  });

  it('several numbers at once', async () => {
    const recipe = withColumns(await table('two.csv', 'x,y,z\n1,2.5,3.5\n2,4,5\n3,6,7\n4,8,9\n5,1,2\n'), {
      x: { role: 'input' },
      y: { role: 'target', scale: 'none' },
      z: { role: 'target', scale: 'none' },
    });
    const data = await (await open(recipe)).tensors();
    expect(data.targetShape).toEqual([2]);
    const row = data.splits.training.rows[0] ?? -1;
    const values = [
      [2.5, 3.5],
      [4, 5],
      [6, 7],
      [8, 9],
      [1, 2],
    ][row];
    expect([...data.splits.training.targets.subarray(0, 2)]).toEqual(values);
  });
});

describe('the cache of samples', () => {
  it('gives the same samples, survives damage, and depends on the recipe', async () => {
    const cache = path('.cache');
    await mkdir(cache, { recursive: true });
    const recipe = await table('cached.csv', measurements());
    const read = async (changed = recipe) => {
      const dataset = await open(changed, cache);
      const data = await dataset.tensors();
      await dataset.close();
      return data;
    };
    const made = await read();
    const [name] = await readdir(cache);
    const file = `${cache}/${name}`;
    expect(await read()).toEqual(made);

    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, bytes.length - 5));
    expect(await read()).toEqual(made);
    const flipped = Buffer.from(bytes);
    flipped[bytes.length - 9] = (flipped[bytes.length - 9] ?? 0) ^ 1;
    await writeFile(file, flipped);
    expect(await read()).toEqual(made);
    expect(await readFile(file)).toEqual(bytes);

    await read({
      ...recipe,
      split: { kind: 'ratio', training: 0.5, validation: 0.5, test: 0, seed: 1, stratify: true },
    });
    expect(await readdir(cache)).toHaveLength(2);
  });
});

describe('new tables for a trained model', () => {
  it('gives the same inputs as training did, whatever the order of the columns', async () => {
    const recipe = withColumns(await table('model.csv', measurements()), { day: { role: 'input' } });
    const dataset = await open(recipe);
    const data = await dataset.tensors();
    const preprocessing = preprocessingSchema.parse(JSON.parse(JSON.stringify(data.preprocessing)));
    const lines = measurements()
      .split('\n')
      .map((line) => line.split(',').reverse().join(';'));
    const read = await readTable(await write('new.csv', lines.join('\n')));
    expect(read.columns).toEqual(['y', 'day', 'colour', 'x']);
    const inputs = transformRows(preprocessing, read.columns, read.rows);
    const width = data.inputShape[0] ?? 0;
    expect(width).toBe(5);
    data.splits.validation.rows.forEach((row, sample) => {
      expect(inputs.subarray(row * width, (row + 1) * width)).toEqual(
        data.splits.validation.inputs.subarray(sample * width, (sample + 1) * width),
      );
    });
    expect(() => transformRows(preprocessing, ['x', 'day'], [])).toThrow('no column "colour"');
    expect(() =>
      transformRows(
        preprocessing,
        ['x', 'colour', 'day'],
        [
          [1, 'red', '2024-01-11'],
          ['tall', 'red', '2024-01-11'],
        ],
      ),
    ).toThrow('Row 2, column "x": "tall" is no number');
    expect(() => transformRows(preprocessing, ['x', 'colour', 'day'], [[1, 'red', 'soon']])).toThrow(
      '"soon" is no date',
    );
    await dataset.close();
  });

  it('tells which categories training never saw, by column', async () => {
    const dataset = await open(await table('seen.csv', measurements()));
    const { preprocessing } = await dataset.tensors();
    const columns = ['x', 'colour', 'day'];
    const rows = ['red', ' violet', 'mauve', null, 'violet', '', 'a', 'b', 'c', 'd'].map((colour) => [1, colour, '']);
    expect(unknownCategories(preprocessing, columns, rows)).toEqual([
      { column: 'colour', count: 7, examples: ['violet', 'mauve', 'a', 'b', 'c'] },
    ]);
    expect(unknownCategories(preprocessing, columns, rows.slice(0, 1))).toEqual([]);
    await dataset.close();
  });

  it('names classes with their probabilities', async () => {
    const dataset = await open(await table('classes.csv', 'x,class\n1,b\n2,a\n3,b\n4,a\n5,a\n'));
    const { preprocessing } = await dataset.tensors();
    const [first] = describeOutputs(preprocessing, Float32Array.from([0, Math.log(3)]), 1);
    expect(first).toMatchObject({ kind: 'class', column: 'class', label: 'b' });
    if (first?.kind !== 'class') throw new Error('no class');
    expect(first.probabilities.map(({ label }) => label)).toEqual(['a', 'b']);
    expect(first.probability).toBeCloseTo(0.75, 6);
    const [given] = describeOutputs(preprocessing, [0.6, 0.4], 1, true);
    expect(given).toMatchObject({ label: 'a', probability: 0.6 });
    // One output for two classes: the logit, or the probability, of the second.
    const single = describeOutputs(preprocessing, [Math.log(3), -Math.log(4)], 2);
    expect(single).toMatchObject([{ label: 'b' }, { label: 'a' }]);
    expect(single.map((answer) => (answer.kind === 'class' ? answer.probability : null))).toEqual([
      expect.closeTo(0.75, 12),
      expect.closeTo(0.8, 12),
    ]);
    expect(describeOutputs(preprocessing, [0.25], 1, true)).toMatchObject([{ label: 'a', probability: 0.75 }]);
    await dataset.close();
  });
});
