import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { chain } from '../../shared/network/templates';
import * as person from './harness/actions';
import { screenshots } from './harness/lab';
import { accessibilityProblems, cutOff, settled } from './harness/looks';
import { eventually, useLab } from './harness/use-lab';
import { backpropagate, lossOf, type Dense } from './inspect/backpropagation';
import { drawing as microscope, openMicroscope, projectWith, stepThrough } from './inspect/microscope';
import { cells, formulaNumbers, tableRows } from './inspect/read';

/** Rows L4 to L7 of the lecture on the page: what it shows is what backpropagation written down anew gives for the same weights. */
const rate = 0.5;
const sizes = [2, 3, 2, 2];
/** Sigmoid neurons throughout, half squared error: the lecture's own network. */
const folder = projectWith(
  'xor',
  chain([
    ['input', {}],
    ...sizes.slice(1).flatMap((units): Parameters<typeof chain>[0] => [
      ['linear', { units }],
      ['sigmoid', {}],
    ]),
    ['output', {}],
  ]),
  { loss: 'half-squared', lanes: [{ learningRate: rate }] },
);
const used = useLab({ project: folder, width: 1280, height: 800 });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const drawing = (): Locator => microscope(used.page);
const panel = (): Locator => used.page.getByRole('region', { name: 'Selected', exact: true });
const press = (key: string): Promise<void> => used.page.keyboard.press(key);
const shoot = (name: string) => used.page.screenshot({ path: join(screenshots, `inspect-${name}-light-en.png`) });
const neuron = (layer: string, place: number): Locator =>
  drawing().getByRole('button', { name: new RegExp(`^${layer}, neuron ${place}:`) });

beforeAll(() => openMicroscope(used.page));

interface Seen {
  layers: Dense[];
  input: number[];
  desired: number[];
  neurons: number[][];
  weights: number[][];
}

/** Everything in the tables, in full; the weights among it as matrices. */
async function seen(): Promise<Seen> {
  const [neurons = [], weights = []] = await tableRows(used.page);
  const own = (layer: number) => weights.filter(({ title }) => title === `Linear${layer === 0 ? '' : ` ${layer + 1}`}`);
  const layers = sizes.slice(1).map((units, layer): Dense => {
    const find = (name: string) => own(layer).find((row) => row.name === name)?.cells[0] ?? NaN;
    const numbers = <Each>(count: number, each: (place: number) => Each): Each[] =>
      Array.from({ length: count }, (_, at) => each(at));
    return {
      weights: numbers(units, (to) => numbers(sizes[layer] ?? 0, (from) => find(`${from + 1} → ${to + 1}`))),
      biases: numbers(units, (to) => find(`b → ${to + 1}`)),
    };
  });
  const notes = await drawing().locator('.aside').allInnerTexts();
  return {
    layers,
    input: neurons.filter(({ title }) => title === 'Input').map((row) => row.cells[1] ?? NaN),
    desired: notes.map((note) => Number(/d = (\S+)/.exec(note)?.[1])),
    neurons: neurons.filter(({ title }) => title !== 'Input').map((row) => row.cells),
    weights: weights.map((row) => row.cells),
  };
}

/** Single against double precision. */
function near(got: readonly number[], wanted: readonly number[], what: string): void {
  expect(got.length, what).toBe(wanted.length);
  got.forEach((value, index) => expect(value, `${what} [${index}]`).toBeCloseTo(wanted[index] ?? NaN, 6));
}

describe('L4: half squared error, deltas and corrections', () => {
  test('every number of the tables is that of the formulas', async () => {
    const { layers, input, desired, neurons, weights } = await seen();
    const expected = backpropagate(layers, input, desired);
    near(
      neurons.flat(),
      expected.flatMap(({ u, v, delta }) => u.flatMap((_, q) => [u[q], v[q], delta[q]])).map(Number),
      'u, v, δ',
    );
    const rows = expected.flatMap(({ gradients, delta }, layer) => [
      ...gradients.flatMap((row, q) => row.map((gradient, p) => [layers[layer]?.weights[q]?.[p] ?? NaN, gradient])),
      ...delta.map((gradient, q) => [layers[layer]?.biases[q] ?? NaN, gradient]),
    ]);
    const steps = rows.flatMap(([weight = NaN, gradient = NaN]) => [
      weight,
      gradient,
      -rate * gradient,
      weight - rate * gradient,
    ]);
    near(weights.flat(), steps, 'w, ∂E/∂w, Δw, w + Δw');
    const shown = Number(/E = ([\d.]+)/.exec(await used.page.locator('footer .loss').innerText())?.[1]);
    expect(shown).toBeCloseTo(lossOf(layers, input, desired), 4);
    await shoot('l4');
  });
});

describe('L5: the chain rule with the numbers of what is selected', () => {
  test('of an output, an inner neuron, a weight and a bias', async () => {
    const { layers, input, desired } = await seen();
    const expected = backpropagate(layers, input, desired);
    const [, second, last] = expected;
    if (!second || !last) throw new Error('three layers were expected');

    await neuron('Linear 3', 1).click();
    await panel().getByRole('heading', { name: 'Linear 3, neuron 1' }).waitFor();
    const y = last.v[0] ?? NaN;
    close(await formulaNumbers(panel(), 'Delta'), [y, desired[0] ?? NaN, y * (1 - y), last.delta[0] ?? NaN]);

    await neuron('Linear 2', 2).click();
    await panel().getByRole('heading', { name: 'Linear 2, neuron 2' }).waitFor();
    const v = second.v[1] ?? NaN;
    const terms = last.delta.flatMap((delta, q) => [delta, layers[2]?.weights[q]?.[1] ?? NaN]);
    close(await formulaNumbers(panel(), 'Delta'), [...terms, v * (1 - v), second.delta[1] ?? NaN]);
    close(await formulaNumbers(panel(), 'Slope at this point'), [v, 1, v, v * (1 - v)].slice(0, 4));
    await panel().getByRole('img', { name: 'Activation' }).waitFor();
    await shoot('l5-neuron');

    // A factor leads to what it stands for: the first weight of the sum, δ_1 · w.
    await panel().locator('section', { hasText: 'Delta' }).locator('[data-go]').nth(1).click();
    await panel().getByRole('heading', { name: 'Weight Linear 2, neuron 2 → Linear 3, neuron 1' }).waitFor();
    const gradient = last.gradients[0]?.[1] ?? NaN;
    const weight = layers[2]?.weights[0]?.[1] ?? NaN;
    close(await formulaNumbers(panel(), 'Gradient by the chain rule'), [last.delta[0] ?? NaN, v, gradient]);
    close(await formulaNumbers(panel(), 'Correction'), [-rate, gradient, -rate * gradient]);
    close(await formulaNumbers(panel(), 'New weight'), [weight, -rate * gradient, weight - rate * gradient]);
    await panel().getByRole('button', { name: 'Copy as LaTeX' }).click();
    expect(await used.page.evaluate(() => navigator.clipboard.readText())).toContain(
      '\\dfrac{\\partial E}{\\partial w_{2,1}^{(3)}}',
    );
    await shoot('l5-weight');
  });

  test('the numerical gradient at a click, and the loss for a range of rates', async () => {
    const { layers, input, desired } = await seen();
    const moved = (by: number) =>
      lossOf(
        withWeight(layers, 2, 0, 1, (own) => own + by),
        input,
        desired,
      );
    const numeric = (moved(1e-5) - moved(-1e-5)) / 2e-5;
    await panel().getByRole('button', { name: 'This weight' }).click();
    const [analytic = NaN, shown = NaN] = await cells(panel().getByRole('status').getByRole('row').nth(1));
    expect(shown).toBeCloseTo(numeric, 6);
    expect(analytic).toBeCloseTo(numeric, 6);
    await panel().getByRole('button', { name: 'Whole network' }).click();
    await panel().getByText('all 23 weights').waitFor();

    await panel().getByRole('button', { name: 'Draw the curve' }).click();
    const text = await panel()
      .getByText(/lowest at η =/)
      .innerText();
    const expected = backpropagate(layers, input, desired);
    const rates = Array.from({ length: 33 }, (_, at) => (rate / 100) * 1e4 ** (at / 32));
    const losses = rates.map((eta) => lossOf(stepped(layers, expected, eta), input, desired));
    const best = rates[losses.indexOf(Math.min(...losses))] ?? NaN;
    expect(Number(/lowest at η = ([\d.]+)/.exec(text)?.[1])).toBeCloseTo(best, 1);
    await panel().getByRole('img', { name: 'E after one step' }).scrollIntoViewIfNeeded();
    await shoot('what-if');
  });

  test('a weight changed by hand changes what follows, and undoing it brings back the same', async () => {
    const before = await seen();
    await person.typeNumber(used.page, 'Value of the weight', '3');
    const wanted = lossOf(
      withWeight(before.layers, 2, 0, 1, () => 3),
      before.input,
      before.desired,
    );
    await eventually(async () => Number((await used.page.locator('footer .loss').innerText()).slice(4))).toBeCloseTo(
      wanted,
      4,
    );
    await used.page.getByRole('button', { name: 'Undo all changes by hand' }).click();
    await eventually(seen).toEqual(before);
  });
});

describe('L6: the algorithm, step by step', () => {
  const names = [
    '1. Outputs',
    '2. Output deltas',
    '3. Hidden deltas',
    '3. Hidden deltas',
    '4. Corrections',
    '5. New weights',
  ];

  test('forwards and back: a step back shows exactly what was there', () =>
    stepThrough(used.page, names, (index) => shoot(`l6-${index + 1}`)));
});

describe('L7: the two pictures', () => {
  /** By the layers they join, how many lines have an arrow at their start: signals that go back. */
  const flows = async () => {
    const count = async (layer: string, end: string): Promise<number> =>
      drawing().locator(`g:has([data-edge^="${layer}.weight"]) path.line[marker-${end}]`).count();
    const layers = ['linear', 'linear-2', 'linear-3'];
    return {
      back: await Promise.all(layers.map((layer) => count(layer, 'start'))),
      forward: await Promise.all(layers.map((layer) => count(layer, 'end'))),
    };
  };

  beforeEach(() => used.page.getByRole('button', { name: '1. Outputs' }).click());

  test('outputs go forwards; deltas come out of the output layer first, then out of the inner one', async () => {
    expect(await flows()).toEqual({ forward: [6, 6, 4], back: [0, 0, 0] });
    await used.page.getByRole('button', { name: '3. Hidden deltas' }).click();
    expect(await flows()).toEqual({ forward: [0, 0, 0], back: [0, 0, 4] });
    await used.page.getByText(/Out of the output layer/).waitFor();
    await shoot('l7-output-layer');
    await press('ArrowRight');
    expect(await flows()).toEqual({ forward: [0, 0, 0], back: [0, 6, 0] });
    await used.page.getByText(/Out of an inner layer/).waitFor();
    await shoot('l7-inner-layer');
  });

  test('nothing is cut off, nothing is hard to read, nothing is in the console', async () => {
    await settled(used.page);
    expect({
      cut: await cutOff(used.page),
      accessibility: await accessibilityProblems(used.page),
      console: used.lab.consoleErrors,
    }).toEqual({ cut: [], accessibility: [], console: [] });
  });
});

/** Four significant digits, as formulas show them. */
function close(got: readonly number[], wanted: readonly number[]): void {
  expect(got.map((value) => Number(value.toPrecision(3)))).toEqual(
    wanted.map((value) => Number(Number(value.toPrecision(4)).toPrecision(3))),
  );
}

function withWeight(
  layers: readonly Dense[],
  layer: number,
  to: number,
  from: number,
  change: (own: number) => number,
): Dense[] {
  return layers.map((own, index) =>
    index !== layer
      ? own
      : { ...own, weights: own.weights.map((row, q) => row.map((w, p) => (q === to && p === from ? change(w) : w))) },
  );
}

function stepped(layers: readonly Dense[], states: ReturnType<typeof backpropagate>, eta: number): Dense[] {
  return layers.map(({ weights, biases }, layer) => ({
    weights: weights.map((row, q) => row.map((w, p) => w - eta * (states[layer]?.gradients[q]?.[p] ?? NaN))),
    biases: biases.map((b, q) => b - eta * (states[layer]?.delta[q] ?? NaN)),
  }));
}
