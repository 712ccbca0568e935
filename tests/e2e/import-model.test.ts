import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { encodeModel } from '../../src-main/onnx/encode';
import { addGraph } from '../integration/onnx/graphs';
import * as person from './harness/actions';
import { root, screenshots } from './harness/lab';
import { cutOff, settled } from './harness/looks';
import { useLab } from './harness/use-lab';

/** A model from elsewhere, dropped on the welcome page: it becomes a project with its layers, or nothing is made. */
const used = useLab();
const networks = join(root, 'tests/golden/onnx/networks');
const drop = (file: person.DroppedFile): Promise<void> =>
  person.dropFiles(used.page, used.page.getByRole('button', { name: 'Drop a file to begin' }), [file]);

beforeAll(() => person.closeProject(used.page));

test('a convolutional network of PyTorch opens with its layers, shapes and weights', async () => {
  const { page } = used;
  await drop(person.fileOf(join(networks, 'pictures-open-17.onnx')));
  await page.getByRole('group', { name: 'Network', exact: true }).waitFor();
  expect(await titles()).toEqual([
    'Input',
    '/first/Conv',
    '/Relu',
    '/MaxPool',
    '/second/Conv',
    '/Relu_1',
    '/Reshape',
    '/hidden/Gemm',
    '/Relu_2',
    '/answer/Gemm',
    'Output',
  ]);
  expect(await person.card(page, '/first/Conv').innerText()).toMatch(/4 × 12 × 12[^]*104 par\./);
  expect(await person.card(page, '/answer/Gemm').innerText()).toMatch(/3[^]*33 par\./);
  await page
    .getByRole('contentinfo')
    .getByRole('button', { name: /layers: 9, operator nodes: 0/ })
    .waitFor();

  await person.selectLayer(page, '/first/Conv');
  expect(await page.getByRole('textbox', { name: 'Filters', exact: true }).inputValue()).toBe('4');
  expect(await page.getByRole('textbox', { name: 'Kernel', exact: true }).inputValue()).toBe('5');
  await look('import-layers');
});

test('the panel of an operator node says which operator it is, and with which attributes', async () => {
  const { page } = used;
  await person.closeProject(page);
  await drop(person.fileOf(join(networks, 'enlarged-older.onnx')));
  await person.card(page, '/enlarge/Resize').click();
  const panel = page
    .getByRole('complementary', { name: 'Properties' })
    .or(page.getByRole('region', { name: 'Properties' }));
  await panel.getByText('ONNX operator').waitFor();
  const words = await panel.innerText();
  expect(words).toMatch(/Operator\s+Resize/);
  expect(words).toMatch(/mode[^]*nearest[^]*nearest_mode[^]*floor/);
  await look('import-operator');
});

test('a file with an operator the engine lacks is refused by the name of its node, and nothing is made', async () => {
  const { lab, page } = used;
  await person.closeProject(page);
  const projects = (): string[] => readdirSync(join(lab.home, 'projects')).sort();
  const before = projects();
  const graph = addGraph();
  const sine = { name: '/waves/Sinh', opType: 'Sinh', inputs: ['input'], outputs: ['wave'], attributes: {} };
  await drop({ name: 'waves.onnx', content: Buffer.from(encodeModel({ ...graph, nodes: [sine, ...graph.nodes] })) });
  await page
    .getByRole('alert')
    .getByText(/waves\.onnx was not imported: .* Sinh \(\/waves\/Sinh\)/)
    .waitFor();
  expect(await page.getByRole('heading', { name: 'Examples' }).isVisible()).toBe(true);
  expect(projects()).toEqual(before);
  expect(existsSync(join(lab.home, 'projects', 'waves'))).toBe(false);
  await look('import-refused');
});

test('nothing was written to the console on the way', () => {
  expect(used.lab.consoleErrors).toEqual([]);
});

/** What the cards of the canvas are called, in the order of the network's table. */
async function titles(): Promise<string[]> {
  const rows = used.page.getByRole('region', { name: 'Properties' }).getByRole('table').getByRole('button');
  return (await rows.allInnerTexts()).map((title) => title.trim());
}

/** Nothing may be cut off; a picture stays for a person to look at. */
async function look(name: string): Promise<void> {
  await settled(used.page);
  await used.page.screenshot({ path: join(screenshots, `${name}-light-en.png`) });
  expect(await cutOff(used.page)).toEqual([]);
}
