import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import * as person from './harness/actions';
import { root } from './harness/lab';
import { eventually, inBrowser, useLab } from './harness/use-lab';

/** The way through the whole lab on real data, by mouse and keyboard: from a dropped file to a model that runs elsewhere. */
const used = useLab();
const irisFile = join(root, 'examples/iris/data/iris.csv');
const rates = ['0.001', '0.01', '0.1', '1', '100'];

test('iris.csv becomes a project, and its target is chosen by mouse', async () => {
  const { page } = used;
  await person.closeProject(page);
  await person.beginWith(page, person.fileOf(irisFile));
  await page.getByText('4 inputs → 3 classes').waitFor();
  expect(await page.getByRole('button', { name: 'iris', exact: true }).isVisible()).toBe(true);

  await person.setRole(page, 'species', 'Ignore');
  await page.getByRole('alert').getByText('No target is chosen').waitFor();
  const next = page.getByRole('button', { name: 'Design the network' });
  expect(await next.isDisabled()).toBe(true);

  await person.setRole(page, 'species', 'Target');
  await page.getByText('4 inputs → 3 classes').waitFor();
  await next.click();
  await page.getByRole('group', { name: 'Network', exact: true }).waitFor();
});

test('a network 4-16-3 is built by dragging, connecting, clicking and typing', async () => {
  const { page } = used;
  await person.dragLayer(page, 'Input', 90, 60);
  await person.dragLayer(page, 'Linear', 300, 60);
  await person.dragLayer(page, 'Output', 520, 420);
  await person.connect(page, 'input', 'linear');
  await person.connection(page, 'input', 'linear').waitFor({ state: 'attached' });

  // A click puts a layer after the selected one.
  await person.selectLayer(page, 'Linear');
  await person.typeNumber(page, 'Units', '16');
  await person.palette(page, 'ReLU').click();
  await person.connection(page, 'linear', 'relu').waitFor({ state: 'attached' });
  await person.palette(page, 'Linear').click();
  await person.connection(page, 'relu', 'linear-2').waitFor({ state: 'attached' });
  await person.typeNumber(page, 'Units', '3');
  await person.connect(page, 'linear-2', 'output');
  await person.connection(page, 'linear-2', 'output').waitFor({ state: 'attached' });

  await page.getByRole('button', { name: 'Arrange the layers' }).click();
  await page.getByRole('button', { name: 'Ready to train' }).waitFor();
  expect(await person.card(page, 'Input').innerText()).toContain('4');
  expect(await person.card(page, 'Linear').innerText()).toMatch(/16[^]*80 par\./);
  expect(await person.card(page, 'Linear 2').innerText()).toMatch(/3[^]*51 par\./);
  await used.lab.screenshot('iris-design');
});

test('five pasted rates race; 100 diverges at a named step, the best reaches 93 %', async () => {
  const { page } = used;
  await person.goTo(page, 'Train');
  const chips = page.getByRole('list', { name: 'Learning rates', exact: true }).getByRole('listitem');
  const remove = page.getByRole('button', { name: /^Remove learning rate/ });
  while ((await remove.count()) > 0) await remove.first().click();
  await person.paste(page, page.getByRole('textbox', { name: /^Add learning rates/ }), rates.join(', '));
  await eventually(async () => (await chips.allInnerTexts()).map((text) => text.trim()).sort()).toEqual(
    [...rates].sort(),
  );

  await person.runControl(page, 'Start').click();
  await eventually(() => person.runWords(page), 60_000).toContain('finished');
  const diverged = await person.lane(page, '100').innerText();
  expect(diverged).toMatch(/Diverged at step [\d,]+/);
  expect(diverged).toMatch(/the rate is too large/);
  for (const rate of rates.slice(0, 4)) expect(await person.lane(page, rate).innerText()).not.toContain('Diverged');

  const headline = await page.getByRole('heading', { name: / won / }).innerText();
  const accuracy = Number(/Accuracy ([\d.]+)\s?%/.exec(headline)?.[1]);
  expect(headline).toMatch(/ won/);
  expect(accuracy).toBeGreaterThanOrEqual(93);
  await used.lab.screenshot('iris-train');
});

test('the exported file takes raw rows and answers in onnxruntime as the engine does', async () => {
  const { lab, page } = used;
  const path = join(lab.home, 'iris-best.onnx');
  await page.getByRole('button', { name: 'Export …' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Preprocessing baked in').click();
  await dialog.getByRole('textbox', { name: 'Save as' }).fill(path);
  await dialog.getByRole('button', { name: 'Export and check' }).click();
  const verdict = await dialog.getByText(/Checked with onnxruntime/).innerText();
  expect(verdict).toMatch(/on 30 of your validation rows/);
  await lab.screenshot('iris-export');
  if (inBrowser) {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('button', { name: 'Download' }).click(),
    ]);
    expect(readFileSync(await download.path())).toEqual(readFileSync(path));
  }
  await page.keyboard.press('Escape');

  const table = execFileSync(process.execPath, [join(root, 'out/main/cli.js'), 'predict', path, irisFile], {
    encoding: 'utf8',
    env: { ...process.env, DELTALAB_HOME: lab.home },
  });
  const [header = [], ...rows] = table
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  const classes = header.filter((name) => name.startsWith('probability of ')).map((name) => name.slice(15));
  expect(classes).toEqual(['setosa', 'versicolor', 'virginica']);
  expect(rows).toHaveLength(150);

  const session = await InferenceSession.create(path);
  const raw = Float32Array.from(rows.flatMap((row) => row.slice(0, 4).map(Number)));
  const [inputName = ''] = session.inputNames;
  const [outputName = ''] = session.outputNames;
  const answer = (await session.run({ [inputName]: new Tensor('float32', raw, [150, 4]) }))[outputName];
  expect(answer?.dims).toEqual([150, 3]);
  const logits = Array.from(answer?.data as Float32Array);
  let right = 0;
  rows.forEach((row, index) => {
    const probabilities = softmax(logits.slice(3 * index, 3 * index + 3));
    const label = classes[probabilities.indexOf(Math.max(...probabilities))];
    expect(row[5], `row ${index + 1}`).toBe(label);
    probabilities.forEach((probability, place) => expect(Number(row[6 + place])).toBeCloseTo(probability, 4));
    if (label === row[4]) right++;
  });
  expect(right / rows.length).toBeGreaterThan(0.93);
});

test('nothing was written to the console on the way', () => {
  expect(used.lab.consoleErrors).toEqual([]);
});

function softmax(values: number[]): number[] {
  const largest = Math.max(...values);
  const powers = values.map((value) => Math.exp(value - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
