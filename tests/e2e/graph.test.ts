import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import * as person from './harness/actions';
import { screenshots } from './harness/lab';
import { accessibilityProblems } from './harness/looks';
import { eventually, useLab } from './harness/use-lab';

// Rows L9 and L13 of the lecture: an expression and a regression as their computational graphs; and the graph of a network.

const used = useLab();
const dialog = (): Locator => used.page.getByRole('dialog');
const graph = (): Locator => used.page.getByRole('region', { name: 'Computational graph' });
/** By the beginning of its name for screen readers. */
const box = (name: RegExp): Locator => graph().locator('[data-box]').and(graph().getByRole('button', { name })).first();
const names = async (): Promise<string[]> =>
  graph()
    .locator('[data-box]')
    .evaluateAll((boxes) => boxes.map((one) => one.getAttribute('aria-label') ?? ''));
const shoot = (name: string) => used.page.screenshot({ path: join(screenshots, `graph-${name}-light-en.png`) });

beforeAll(async () => {
  await person.runControl(used.page, 'Start').waitFor();
  await person.goTo(used.page, 'Scratchpad');
});

async function run(program: string): Promise<void> {
  const { page } = used;
  await page.getByRole('region', { name: 'Cell 1', exact: true }).getByRole('textbox').click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(program);
  await page.keyboard.press('Control+Enter');
  await page
    .getByText('[1]', { exact: true })
    .or(page.getByText(/^\[\d+\]$/))
    .first()
    .waitFor();
  await page.getByText('Ready', { exact: true }).waitFor();
}

async function show(variable: string): Promise<void> {
  await used.page.getByRole('button', { name: variable, exact: true }).click();
  await dialog().getByText('Graph', { exact: true }).click();
  await graph().locator('[data-box]').first().waitFor();
}

async function close(): Promise<void> {
  await used.page.keyboard.press('Escape');
  if (await dialog().isVisible()) await used.page.keyboard.press('Escape');
  await dialog().waitFor({ state: 'hidden' });
}

test('a = (b + c) · (c + 2), piece by piece, with values and gradients', async () => {
  await run(
    'import torch\nb = torch.tensor(3., requires_grad=True)\nc = torch.tensor(1., requires_grad=True)\na = (b + c) * (c + 2)\na.backward()',
  );
  await show('a');
  const shown = await names();
  const count = (name: RegExp): number => shown.filter((one) => name.test(one)).length;
  expect([count(/^b\b/), count(/^c\b/), count(/\bAdd\b/), count(/\bMul\b/)]).toEqual([1, 1, 2, 1]);
  await shoot('expression');
  await box(/^a\b/).click();
  const panel = await graph().getByRole('complementary').innerText();
  expect(panel).toMatch(/MulBackward0/);
  expect(panel).toMatch(/12/);
  await close();
});

test('the loss of the regression; a leaf that asks for no gradient has no branch in the backward graph', async () => {
  const program = (requires: string): string =>
    `import torch\ntorch.manual_seed(42)\nx = torch.rand(8, 1)\ny = 1 + 2 * x\na = torch.randn(1, requires_grad=${requires})\nb = torch.randn(1, requires_grad=True)\nyhat = a + b * x\nerror = y - yhat\nloss = (error ** 2).mean()\nloss.backward()`;
  await run(program('True'));
  await show('loss');
  const both = (await names()).join('\n');
  for (const name of ['a', 'b', 'yhat', 'error', 'loss']) expect(both).toMatch(new RegExp(`^(∥\\d+ )?${name}\\b`, 'm'));
  await graph().getByText('Backward', { exact: true }).click();
  await eventually(async () => (await names()).join('\n')).toMatch(/^(∥\d+ )?a\b/m);
  await shoot('regression-backward');
  await close();

  await run(program('False'));
  await show('loss');
  await graph().getByText('Backward', { exact: true }).click();
  await eventually(async () => (await names()).join('\n')).not.toMatch(/^(∥\d+ )?a\b/m);
  expect((await names()).join('\n')).toMatch(/^(∥\d+ )?b\b/m);
  await close();
});

test('the network of the project: layers open into operators, and it is saved as SVG and DOT', async () => {
  const { page } = used;
  await person.goTo(page, 'Inspect');
  await page.getByRole('button', { name: 'Open the network as it is now' }).click();
  await page.getByText('Graph', { exact: true }).click();
  await graph().locator('[data-box]').first().waitFor();
  const shown = (await names()).join('\n');
  expect(shown).toMatch(/\bGemm\b/);
  expect(shown).toMatch(/^E\b/m);
  await shoot('network');
  for (const [kind, text] of [
    ['SVG', /^<svg[^]*<\/svg>\s*$/],
    ['DOT', /^digraph[^]*->[^]*\}\s*$/],
  ] as const) {
    await graph().getByRole('button', { name: 'Save or copy' }).click();
    const download = page.waitForEvent('download');
    await page.locator('.n-dropdown-menu').getByText(`Save as ${kind}`, { exact: true }).click();
    expect(readFileSync(await (await download).path(), 'utf8')).toMatch(text);
  }
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(used.lab.consoleErrors).toEqual([]);
});
