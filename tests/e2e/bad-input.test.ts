import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import * as person from './harness/actions';
import { root } from './harness/lab';
import { eventually, useLab } from './harness/use-lab';

/** What is wrong is said with the file, the row or the field, and the project is what it was before. */
const used = useLab();
const iris = person.fileOf(join(root, 'examples/iris/data/iris.csv'));

beforeAll(async () => {
  await person.openExample(used.page, 'Iris flowers');
  await person.goTo(used.page, 'Data');
  await used.page.getByText('4 inputs → 3 classes').waitFor();
});

/** The words of an import that was refused; then puts them away. */
async function refusal(...files: person.DroppedFile[]): Promise<string> {
  const { page } = used;
  const before = documentOnDisk();
  await person.importFiles(page, ...files);
  const strip = page.getByRole('main').getByRole('alert').first();
  await strip.waitFor();
  const words = await strip.innerText();
  expect(await page.getByText('4 inputs → 3 classes').isVisible()).toBe(true);
  expect(documentOnDisk()).toBe(before);
  await strip.getByRole('button', { name: 'Close' }).click();
  await strip.waitFor({ state: 'detached' });
  return words;
}

test.each([
  ['an empty file', [person.textFile('empty.csv', '')], /The file .*empty\.csv is empty/],
  [
    'a header without rows',
    [person.textFile('header.csv', 'a,b,c\n')],
    /The file .*header\.csv has a header but no rows/,
  ],
  [
    'a 2 GB IDX header on a file of 1 KB',
    [
      { name: 'huge-images-idx3-ubyte', content: hugeImages() },
      { name: 'huge-labels-idx1-ubyte', content: Buffer.from([0, 0, 8, 1, 0, 0, 0, 1, 3]) },
    ],
    /The header of .*huge-images-idx3-ubyte claims 2147376016 bytes \(2739000 × 28 × 28\), but the file has 1024/,
  ],
  [
    'images without their labels',
    [{ name: 'train-images-idx3-ubyte', content: hugeImages() }],
    /train-images-idx3-ubyte/,
  ],
  ['a picture', [{ name: 'photo.csv', content: Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex') }], /photo\.csv/],
])('%s is refused by name', async (_, files, expected) => {
  expect(await refusal(...files)).toMatch(expected);
});

test('ragged rows are left out and listed with line and reason', async () => {
  const { page } = used;
  const lines = iris.content.toString('utf8').split('\r\n');
  lines.splice(4, 0, '1.0,2.0');
  lines.splice(9, 0, '1,2,3,4,setosa,6,7');
  await person.importFiles(page, person.textFile('ragged.csv', lines.join('\r\n')));
  await page.getByRole('button', { name: '2 rows were left out' }).click();
  const dialog = page.getByRole('dialog');
  const rows = await dialog.getByRole('row').allInnerTexts();
  expect(rows).toHaveLength(3);
  expect(rows[1]).toMatch(/^5\s[^]*1\.0,2\.0/);
  expect(rows[2]).toMatch(/^10\s[^]*1,2,3,4,setosa,6,7/);
  await used.lab.screenshot('bad-input-ragged');
  await page.keyboard.press('Escape');
  await page.getByText('150 rows, 5 columns').waitFor();
  await page.getByRole('button', { name: /^Undo: import data/ }).click();
  await page.getByRole('button', { name: '2 rows were left out' }).waitFor({ state: 'detached' });
});

test('text in a column of numbers is named with its row and column', async () => {
  const { page } = used;
  const lines = iris.content.toString('utf8').split('\r\n');
  lines[7] = '4.6,3.4,oops,0.3,setosa';
  await person.importFiles(page, person.textFile('words.csv', lines.join('\r\n')));
  await page.getByText('words.csv', { exact: true }).waitFor();
  await page.getByRole('button', { name: '1 row was left out' }).click();
  const rows = await page.getByRole('dialog').getByRole('row').allInnerTexts();
  expect(rows).toHaveLength(2);
  expect(rows[1]).toMatch(/^8\s+petal_length\s[^]*oops/);
  await used.lab.screenshot('bad-input-words');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /^Undo: import data/ }).click();
  await page.getByText('words.csv', { exact: true }).waitFor({ state: 'detached' });
});

test('without a target training cannot start, and all three pages say why', async () => {
  const { page } = used;
  await person.setRole(page, 'species', 'Ignore');
  await page
    .getByRole('alert')
    .getByText(/No target is chosen\. Set the role of the column/)
    .waitFor();
  await person.goTo(page, 'Design');
  await page.getByRole('button', { name: /problem/ }).waitFor();
  await person.goTo(page, 'Train');
  const list = page.getByRole('status', { name: 'Before training can start' });
  expect(await list.innerText()).toMatch(/No target is chosen/);
  expect(await person.runControl(page, 'Start').isDisabled()).toBe(true);
  await list.getByRole('button', { name: 'Go to Data' }).first().click();
  await page.getByRole('button', { name: /^Undo: change the role/ }).click();
  await page.getByText('4 inputs → 3 classes').waitFor();
});

test('a connection that would close a cycle is not made, whichever way it is drawn', async () => {
  const { page } = used;
  await person.goTo(page, 'Design');
  await page.getByRole('button', { name: 'Ready to train' }).waitFor();
  const edges = page.locator('.vue-flow__edge');
  const before = await edges.count();
  await person.connect(page, 'linear-2', 'linear-1');
  await person.connect(page, 'relu', 'linear-1');
  expect(await edges.count()).toBe(before);
  expect(await person.connection(page, 'input', 'linear-1').count()).toBe(1);
  expect(await page.getByRole('button', { name: 'Ready to train' }).isVisible()).toBe(true);
});

test('shapes that do not fit are said on the layer, with the fix', async () => {
  const { page } = used;
  await person.selectLayer(page, 'Linear 2');
  await person.typeNumber(page, 'Units', '5');
  const message = /output gets .*5.*, but the target has 3 classes.*Give the last linear layer 3 units/i;
  await eventually(() => person.card(page, 'Output').innerText()).toMatch(message);
  await person.goTo(page, 'Train');
  expect(await page.getByRole('status', { name: 'Before training can start' }).innerText()).toMatch(message);
  expect(await person.runControl(page, 'Start').isDisabled()).toBe(true);
  await person.goTo(page, 'Design');
  await person.card(page, 'Output').getByRole('button', { name: 'Fix' }).click();
  await page.getByRole('button', { name: 'Ready to train' }).waitFor();
  expect(await person.card(page, 'Linear 2').innerText()).toContain('3');
});

test('a project file with a cycle opens, and the layers of the cycle are named', async () => {
  const { lab, page } = used;
  const document = JSON.parse(documentOnDisk()) as { name: string; network: { edges: unknown[] } };
  const folder = writeProject('cycle', {
    ...document,
    name: 'Cycle',
    network: {
      ...document.network,
      edges: [
        { from: 'input', to: 'linear-1', port: 0 },
        { from: 'linear-2', to: 'relu', port: 0 },
        { from: 'relu', to: 'linear-2', port: 0 },
      ],
    },
  });
  await person.closeProject(page);
  await person.openFolder(page, folder);
  await page.getByRole('button', { name: 'Cycle', exact: true }).waitFor();
  await person.goTo(page, 'Design');
  const panel = page.getByRole('region', { name: 'Properties' });
  await page.getByRole('button', { name: /problem/ }).click();
  await eventually(() => page.getByRole('main').innerText()).toMatch(
    /The layers (ReLU|Linear 2).*(ReLU|Linear 2).* form a cycle\. Remove one of the connections/,
  );
  await panel.waitFor();
  await lab.screenshot('bad-input-cycle');
  await person.closeProject(page);
});

test('a project of a newer format is refused by path and format, and not touched', async () => {
  const { page } = used;
  const folder = writeProject('newer', { format: 99, name: 'From the future' });
  const file = join(folder, 'project.json');
  const before = readFileSync(file, 'utf8');
  await person.openFolder(page, folder);
  const words = /The project .*newer.* was saved by a newer Deltalab \(format 99, this one reads up to 1\)/;
  await eventually(() => page.locator('body').innerText()).toMatch(words);
  expect(readFileSync(file, 'utf8')).toBe(before);
  expect(readdirSync(folder)).toEqual(['project.json']);
  expect(used.lab.consoleErrors).toEqual([]);
});

function hugeImages(): Buffer {
  const file = Buffer.alloc(1024);
  // Magic of bytes in three dimensions, then 2,739,000 images of 28 × 28: 2 GB.
  for (const [at, value] of [0x00000803, 2_739_000, 28, 28].entries()) file.writeUInt32BE(value, 4 * at);
  return file;
}

function documentOnDisk(): string {
  return readFileSync(join(used.lab.home, 'projects', 'Iris flowers', 'project.json'), 'utf8');
}

function writeProject(name: string, document: unknown): string {
  const folder = join(used.lab.home, 'written', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'project.json'), JSON.stringify(document, null, 2));
  return folder;
}
