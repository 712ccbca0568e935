import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, expect, test } from 'vitest';
import * as person from './harness/actions';
import { root, screenshots } from './harness/lab';
import { settled } from './harness/looks';
import { useLab } from './harness/use-lab';

/** A convolutional network by mouse: from a template to a trained model that runs elsewhere. */
const used = useLab();
const rates = ['0.001', '0.01'];

beforeAll(() => person.openExample(used.page, 'Small digits'));

test('the template "Small convolutional network" takes the rows of 64 pixels as pictures', async () => {
  const { page } = used;
  await person.goTo(page, 'Design');
  // Templates are offered while nothing is selected.
  await page.locator('.vue-flow__pane').click({ position: { x: 20, y: 300 } });
  await page.getByRole('button', { name: /^Small convolutional network/ }).click();
  await page.getByRole('button', { name: 'Ready to train' }).waitFor();
  expect(await person.card(page, 'Reshape').innerText()).toContain('1 × 8 × 8');
  expect(await person.card(page, 'Convolution 2-D').innerText()).toMatch(/16 × 8 × 8[^]*160 par\./);
  expect(await person.card(page, 'Convolution 2-D 2').innerText()).toMatch(/32 × 4 × 4[^]*4,640 par\./);
});

test('another number of filters changes every layer after it; undo takes it back, redo brings it again', async () => {
  const { page } = used;
  await person.selectLayer(page, 'Convolution 2-D');
  await person.typeNumber(page, 'Filters', '8');
  // 8 filters of 3 × 3 weights and a bias; then 32 of 8 × 3 × 3 and a bias.
  const narrow = async (): Promise<void> => {
    await person.card(page, 'Convolution 2-D').getByText('80 par.').waitFor();
    await person.card(page, 'Convolution 2-D 2').getByText('2,336 par.').waitFor();
  };
  await narrow();
  await page.locator('.vue-flow__pane').click({ position: { x: 20, y: 300 } });
  await page.keyboard.press('Control+z');
  await person.card(page, 'Convolution 2-D 2').getByText('4,640 par.').waitFor();
  await page.keyboard.press('Control+Shift+z');
  await narrow();
  await person.selectLayer(page, 'Convolution 2-D');
  await shots('convolution-design');
});

test('Adam with a cosine schedule races two rates; the better one tells the digits apart', async () => {
  const { page } = used;
  await person.goTo(page, 'Train');
  await person.choose(page, 'Optimizer', 'Adam');
  await person.choose(page, 'Learning rate over time', 'Cosine');
  await person.setRates(page, rates);
  await person.typeNumber(page, 'Epochs', '6');
  await person.race(page);

  for (const rate of rates) expect(await person.lane(page, rate).innerText()).not.toContain('Diverged');
  const headline = await page.getByRole('heading', { name: / won / }).innerText();
  expect(Number(/Accuracy ([\d.]+)\s?%/.exec(headline)?.[1])).toBeGreaterThan(90);
  await shots('convolution-train');
});

test('the exported file answers in onnxruntime as the engine does, on 20 rows', async () => {
  const { lab, page } = used;
  const path = join(lab.home, 'digits.onnx');
  await page.getByRole('button', { name: 'Export …' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Preprocessing baked in').click();
  await dialog.getByRole('textbox', { name: 'Save as' }).fill(path);
  await dialog.getByRole('button', { name: 'Export and check' }).click();
  await dialog.getByText(/Checked with onnxruntime/).waitFor();
  await page.keyboard.press('Escape');

  const table = join(lab.home, 'twenty.csv');
  const [header = '', ...lines] = readFileSync(join(root, 'examples/digits/data/digits.csv'), 'utf8').split('\n');
  const twenty = lines.slice(0, 20);
  writeFileSync(table, `${[header, ...twenty].join('\n')}\n`);
  const predicted = execFileSync(process.execPath, [join(root, 'out/main/cli.js'), 'predict', path, table], {
    encoding: 'utf8',
    env: { ...process.env, DELTALAB_HOME: lab.home },
  });
  const rows = predicted
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
  expect(rows).toHaveLength(20);

  const session = await InferenceSession.create(path);
  const pixels = Float32Array.from(twenty.flatMap((line) => line.split(',').slice(0, 64).map(Number)));
  const [inputName = ''] = session.inputNames;
  const [outputName = ''] = session.outputNames;
  const answer = (await session.run({ [inputName]: new Tensor('float32', pixels, [20, 64]) }))[outputName];
  expect(answer?.dims).toEqual([20, 10]);
  const logits = Array.from(answer?.data as Float32Array);
  let right = 0;
  rows.forEach((row, index) => {
    const probabilities = softmax(logits.slice(10 * index, 10 * index + 10));
    expect(row[65], `row ${index + 1}`).toBe(String(probabilities.indexOf(Math.max(...probabilities))));
    probabilities.forEach((probability, digit) => expect(Number(row[66 + digit])).toBeCloseTo(probability, 4));
    if (row[65] === row[64]) right++;
  });
  expect(right).toBeGreaterThanOrEqual(18);
});

test('nothing was written to the console on the way', () => {
  expect(used.lab.consoleErrors).toEqual([]);
});

/** The page in both themes, for a person to look at. */
async function shots(name: string): Promise<void> {
  for (const theme of ['dark', 'light'] as const) {
    await person.setTheme(used.page, theme);
    await settled(used.page);
    await used.page.screenshot({ path: join(screenshots, `${name}-${theme}-en.png`) });
  }
}

function softmax(values: number[]): number[] {
  const largest = Math.max(...values);
  const powers = values.map((value) => Math.exp(value - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
