import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CellOutcome } from '../../../shared/api/scratchpad';
import { createExample, testLab, type TestLab } from '../support/lab';

// The data of a project in the cells of its notebook, over the real processes.

let lab: TestLab;
beforeAll(async () => {
  lab = await testLab();
});
afterAll(() => lab.close());

type Run = (code: string) => Promise<CellOutcome>;

async function notebookOf(project: string | null): Promise<Run> {
  const { scratchpad } = await lab.lab.call('scratchpad.open', { project });
  const run: Run = (code) => lab.lab.call('scratchpad.run', { scratchpad, cell: 'a', code });
  await run('import deltalab, torch');
  return run;
}

async function notebookOn(example: string): Promise<Run> {
  return notebookOf((await createExample(lab, example)).id);
}

async function notebookOnTable(text: string): Promise<Run> {
  const project = await lab.lab.call('projects.create', { name: 'table', example: null });
  const file = join(lab.home, `table-${project.id}.csv`);
  writeFileSync(file, text);
  await lab.lab.call('data.import', { project: project.id, paths: [file], copy: true });
  return notebookOf(project.id);
}

const valueOf = async (run: Run, code: string): Promise<string> => {
  const outcome = await run(code);
  if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.value ?? '';
};

describe('iris', () => {
  let run: Run;
  beforeAll(async () => {
    run = await notebookOn('iris');
  });

  test.each([
    ['deltalab.columns()', "['sepal_length', 'sepal_width', 'petal_length', 'petal_width', 'species']"],
    ["deltalab.column('petal_length')[:3]", 'tensor([1.4000, 1.4000, 1.3000])'],
    ["len(deltalab.column('petal_length')), deltalab.column('petal_length').dtype", '(150, torch.float32)'],
    ["deltalab.column('species')[[0, 50, 149]]", 'tensor([0, 1, 2])'],
    ["deltalab.classes('species')", "['setosa', 'versicolor', 'virginica']"],
    ['deltalab.classes()', "['setosa', 'versicolor', 'virginica']"],
    ["[len(deltalab.samples(part)[0]) for part in ('training', 'validation', 'test', 'all')]", '[120, 30, 0, 150]'],
    ['x, d = deltalab.samples()\nx.shape, d.shape, d.dtype', '(torch.Size([120, 4]), torch.Size([120]), torch.int64)'],
    // Standardised by the training rows, as the recipe says.
    ['x.mean(dim=0).abs().max() < 1e-5, x.std(dim=0, unbiased=False)', '(tensor(True), tensor([1., 1., 1., 1.]))'],
    [
      "torch.cat([deltalab.samples(p)[0] for p in ('training', 'validation')]).equal(deltalab.samples('all')[0])",
      'True',
    ],
  ])('%s', async (code, value) => {
    expect(await valueOf(run, code)).toBe(value);
  });

  test.each([
    [
      "x = 1\ndeltalab.column('petal_lenght')",
      'ValueError',
      /no column 'petal_lenght'; there are 'sepal_length'/,
      /did you mean 'petal_length'\?/,
    ],
    [
      "x = 1\ndeltalab.samples('train')",
      'ValueError',
      /'training', 'validation', 'test' and 'all', but not 'train'/,
      null,
    ],
    ["x = 1\ndeltalab.classes('petal_width')", 'ValueError', /holds numbers, not categories/, null],
    ['x = 1\ndeltalab.column(3)', 'TypeError', /argument 'name' must be str, not int/, null],
  ])('%j is refused with its line', async (code, kind, message, hint) => {
    const outcome = await run(code);
    expect(outcome).toMatchObject({ status: 'failed', error: { kind, range: { line: 2, column: 1 } } });
    if (outcome.status !== 'failed') return;
    expect(outcome.error.message).toMatch(message);
    if (hint) expect(outcome.error.hint).toMatch(hint);
  });

  test('an except clause catches it', async () => {
    expect(await valueOf(run, "try:\n    deltalab.column('x')\nexcept ValueError as e:\n    y = 'caught'\ny")).toBe(
      "'caught'",
    );
  });
});

test('blanks are nan, and -1 among categories; dates are days since 1970', async () => {
  const run = await notebookOnTable(
    'when,size,colour,y\n1970-01-02,1.5,red,1\n1970-02-01,,,2\n,3,blue,3\n1970-01-01,4,red,4\n',
  );
  expect(await valueOf(run, "deltalab.column('when')")).toBe('tensor([ 1., 31., nan,  0.])');
  expect(await valueOf(run, "deltalab.column('size')")).toBe('tensor([1.5000,    nan, 3.0000, 4.0000])');
  expect(await valueOf(run, "deltalab.column('colour'), deltalab.classes('colour')")).toBe(
    "(tensor([ 1, -1,  0,  1]), ['blue', 'red'])",
  );
  expect(await valueOf(run, "deltalab.samples('all')[1].shape")).toBe('torch.Size([4, 1])');
});

test('images are [n, c, h, w]: as training sees them, and as bytes', async () => {
  const project = await lab.lab.call('projects.create', { name: 'pictures', example: null });
  const images = join(lab.home, 'p-images-idx3-ubyte');
  const labels = join(lab.home, 'p-labels-idx1-ubyte');
  const pixels = Array.from({ length: 10 * 2 * 3 }, (_, index) => (index % 2) * 255);
  writeFileSync(images, Buffer.from([0, 0, 8, 3, 0, 0, 0, 10, 0, 0, 0, 2, 0, 0, 0, 3, ...pixels]));
  writeFileSync(
    labels,
    Buffer.from([0, 0, 8, 1, 0, 0, 0, 10, ...Array.from({ length: 10 }, (_, index) => 3 + (index % 2))]),
  );
  await lab.lab.call('data.import', { project: project.id, paths: [images, labels], copy: true });
  const run = await notebookOf(project.id);
  expect(await valueOf(run, 'x, d = deltalab.samples()\nx.shape, x.max(), d.shape, d.dtype')).toBe(
    '(torch.Size([8, 1, 2, 3]), tensor(1.), torch.Size([8]), torch.int64)',
  );
  expect(await valueOf(run, "p = deltalab.column('image')\np.shape, p[0]")).toBe(
    '(torch.Size([10, 1, 2, 3]), tensor([[[  0., 255.,   0.],\n         [255.,   0., 255.]]]))',
  );
  expect(await valueOf(run, "deltalab.column('label')[:3], deltalab.classes('label')")).toBe(
    "(tensor([0, 1, 0]), ['3', '4'])",
  );
});

test('a notebook without a project, and a project without data, say so', async () => {
  const alone = await (await notebookOf(null))('deltalab.columns()');
  expect(alone).toMatchObject({ status: 'failed', error: { kind: 'RuntimeError', range: { line: 1 } } });
  expect(JSON.stringify(alone)).toMatch(/belongs to no project/);
  const { id } = await lab.lab.call('projects.create', { name: 'empty', example: null });
  expect(JSON.stringify(await (await notebookOf(id))('deltalab.samples()'))).toMatch(/The project has no data yet/);
});

test('names of columns and parts are suggested while typing', async () => {
  const { id } = await createExample(lab, 'iris');
  const { scratchpad } = await lab.lab.call('scratchpad.open', { project: id });
  const suggested = async (code: string): Promise<string[]> =>
    (await lab.lab.call('scratchpad.complete', { scratchpad, code, line: 1, column: code.length })).map(
      ({ name }) => name,
    );
  expect(await suggested("deltalab.column('pet")).toContain('petal_length');
  expect(await suggested("deltalab.samples('")).toEqual(['training', 'validation', 'test', 'all']);
});
