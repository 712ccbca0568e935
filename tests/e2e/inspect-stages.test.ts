import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chain } from '../../shared/network/templates';
import * as person from './harness/actions';
import { screenshots } from './harness/lab';
import { useLab } from './harness/use-lab';
import { drawing, drawn, openMicroscope, openProject, projectWith, stepThrough } from './inspect/microscope';
import { tableRows, type TableRow } from './inspect/read';

// Row L6 of the lecture on three networks: every stage forth and back, with the numbers of the formulas and all that is drawn.

const used = useLab();
const stages = ['1. Outputs', '2. Output deltas', '3. Hidden deltas', '4. Corrections', '5. New weights'];
const picture = (name: string): string => join(screenshots, `inspect-stages-${name}-light-en.png`);

/** Of a layer: the cells of its rows, in order. */
const of = (rows: readonly TableRow[], title: string): number[][] =>
  rows.filter((row) => row.title === title).map(({ cells }) => cells);
const column = (rows: readonly number[][], at: number): number[] => rows.map((cells) => cells[at] ?? NaN);

/** Single against double precision. */
function near(got: readonly number[], wanted: readonly number[], what: string): void {
  expect(got.length, what).toBe(wanted.length);
  got.forEach((value, index) => {
    const expected = wanted[index] ?? NaN;
    expect(Math.abs(value - expected), `${what} [${index}]`).toBeLessThan(1e-6 * Math.max(1, Math.abs(expected)));
  });
}

describe("L8's regression, y = a + b·x", () => {
  beforeAll(async () => {
    await person.openExample(used.page, 'Linear regression');
    await openMicroscope(used.page);
  });

  test('the numbers of all stages are those of the lecture and of the formulas', async () => {
    const { page } = used;
    const [neurons = [], weights = []] = await tableRows(page);
    const [[, x = NaN] = []] = of(neurons, 'Input');
    const [[u = NaN, y = NaN, delta = NaN] = []] = of(neurons, 'Linear');
    const [[b = NaN, gradientB, stepB, newB] = [], [a = NaN, gradientA, stepA, newA] = []] = of(weights, 'Linear');
    // torch.manual_seed(42): x[4] = 0.3904, the first index is 4; reseeded, a = 0.3367 and b = 0.1288.
    await page.getByText('row 5 of the data').waitFor();
    expect([x, a, b].map((value) => value.toFixed(4))).toEqual(['0.3904', '0.3367', '0.1288']);
    const d = Number(await page.getByRole('textbox', { name: 'Desired output y', exact: true }).inputValue());
    expect(d).toBeGreaterThan(1 + 2 * x);
    expect(d).toBeLessThan(1 + 2 * x + 0.1);

    near([u, y], [a + b * x, a + b * x], 'u, y');
    near([delta], [2 * (y - d)], 'δ');
    near([gradientB ?? NaN, gradientA ?? NaN], [delta * x, delta], '∂E/∂b, ∂E/∂a');
    near([stepB ?? NaN, stepA ?? NaN], [-0.1 * delta * x, -0.1 * delta], 'Δb, Δa');
    near([newB ?? NaN, newA ?? NaN], [b - 0.1 * delta * x, a - 0.1 * delta], 'b + Δb, a + Δa');
    const loss = Number(/E = ([\d.]+)/.exec(await page.locator('footer .loss').innerText())?.[1]);
    expect(loss).toBeCloseTo((y - d) ** 2, 3);
  });

  test('there are no hidden deltas; a step back is what was there', () =>
    stepThrough(used.page, stages.toSpliced(2, 1), (index) =>
      used.page.screenshot({ path: picture(`regression-${index + 1}`) }),
    ));
});

describe('a network with a skip connection', () => {
  const network = chain([
    ['input', {}],
    ['linear', { units: 4 }],
    ['tanh', {}],
    ['linear', { units: 4 }],
    ['add', {}],
    ['linear', { units: 2 }],
    ['output', {}],
  ]);
  network.edges.push({ from: 'tanh', to: 'add', port: 1 });
  const folder = projectWith('xor', network, { loss: 'half-squared', lanes: [{ learningRate: 0.5 }] });
  beforeAll(async () => {
    await openProject(used.page, folder);
    await openMicroscope(used.page);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('what comes back to the branch is the sum of both ways', async () => {
    const { page } = used;
    const [neurons = [], weights = []] = await tableRows(page);
    const matrix = (title: string, units: number): number[][] => {
      const all = column(of(weights, title), 0).slice(0, -units);
      return Array.from({ length: units }, (_, q) =>
        all.filter((_w, at) => Math.floor(at / (all.length / units)) === q),
      );
    };
    const back = (title: string, deltas: readonly number[]): number[] => {
      const rows = matrix(title, deltas.length);
      return (rows[0] ?? []).map((_, p) => rows.reduce((sum, row, q) => sum + (row[p] ?? NaN) * (deltas[q] ?? NaN), 0));
    };
    const first = of(neurons, 'Linear');
    const second = of(neurons, 'Linear 2');
    const sum = of(neurons, 'Add');
    const last = of(neurons, 'Linear 3');
    const desired = (await drawing(page).locator('.aside').allInnerTexts()).map((note) =>
      Number(/d = (\S+)/.exec(note)?.[1]),
    );
    near(
      column(sum, 1),
      column(first, 1).map((v, at) => v + (column(second, 1)[at] ?? NaN)),
      'v of the sum',
    );
    near(
      column(last, 2),
      column(last, 1).map((y, at) => y - (desired[at] ?? NaN)),
      'δ of the outputs',
    );
    const returned = back('Linear 3', column(last, 2));
    near(column(sum, 2), returned, '∂E/∂v of the sum');
    near(column(second, 2), returned, 'δ of the long way');
    const byTheLongWay = back('Linear 2', column(second, 2));
    const both = column(first, 1).map((v, p) => ((byTheLongWay[p] ?? NaN) + (returned[p] ?? NaN)) * (1 - v * v));
    near(column(first, 2), both, 'δ before the branch');
  });

  test('every layer has its step, forth and back', async () => {
    const hidden = Array.from({ length: 3 }, () => '3. Hidden deltas');
    await stepThrough(used.page, stages.toSpliced(2, 1, ...hidden), (index) =>
      used.page.screenshot({ path: picture(`skip-${index + 1}`) }),
    );
  });
});

describe('maps and wide layers, which are pictures', () => {
  const network = chain([
    ['input', {}],
    ['reshape', { shape: [1, 8, 8] }],
    ['conv2d', { filters: 12 }],
    ['relu', {}],
    ['max-pool', { kernel: [2], stride: [2] }],
    ['flatten', {}],
    ['linear', { units: 24 }],
    ['tanh', {}],
    ['linear', { units: 10 }],
    ['output', {}],
  ]);
  const folder = projectWith('digits', network);
  beforeAll(async () => {
    await openProject(used.page, folder);
    await openMicroscope(used.page);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('a step back brings every pixel back', async () => {
    const { canvases } = await drawn(used.page);
    expect(canvases.length).toBeGreaterThan(10);
    const hidden = Array.from({ length: 3 }, () => '3. Hidden deltas');
    await stepThrough(used.page, stages.toSpliced(2, 1, ...hidden), (index) =>
      used.page.screenshot({ path: picture(`maps-${index + 1}`) }),
    );
  });

  test('nothing is in the console', () => expect(used.lab.consoleErrors).toEqual([]));
});
