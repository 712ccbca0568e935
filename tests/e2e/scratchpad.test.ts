import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import * as person from './harness/actions';
import { accessibilityProblems, cutOff, settled } from './harness/looks';
import { screenshots } from './harness/lab';
import { eventually, useLab } from './harness/use-lab';

// The notebook as a PyTorch user works in it: typing, running, stopping, taking the lecture's programs from the list.

const used = useLab();

beforeAll(async () => {
  await person.runControl(used.page, 'Start').waitFor();
  await person.goTo(used.page, 'Scratchpad');
});

const cell = (page: Page, number: number): Locator => page.getByRole('region', { name: `Cell ${number}`, exact: true });
const editor = (page: Page, number: number): Locator => cell(page, number).getByRole('textbox');

async function type(page: Page, number: number, text: string): Promise<void> {
  await editor(page, number).click();
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(text);
}

/** An empty notebook without variables. */
async function empty(page: Page): Promise<void> {
  const remove = page.getByRole('button', { name: 'Delete the cell' });
  for (let left = await remove.count(); left > 1; --left) await remove.first().click();
  await type(page, 1, '');
  await page.getByRole('button', { name: 'Restart' }).click();
}

async function runExample(page: Page, name: string): Promise<void> {
  await empty(page);
  await page
    .getByRole('navigation', { name: 'Examples' })
    .getByRole('button', { name: new RegExp(`^${name}`) })
    .click();
  await page.getByRole('button', { name: 'Run all' }).click();
  await page.getByText('Ready', { exact: true }).waitFor();
}

const results = (page: Page): Promise<string> => page.locator('.cells').innerText();

test('a tensor is typed, run by Shift+Enter, and shown with its variables', async () => {
  const { page } = used;
  await type(page, 1, 'import torch\nx = 3 + torch.mm(2 * torch.ones(3, 2), torch.ones(2, 3))\nx');
  await page.keyboard.press('Shift+Enter');
  await eventually(() => cell(page, 1).innerText()).toContain('tensor([[7., 7., 7.],');
  const variables = page.getByRole('region', { name: 'Variables' });
  await eventually(() => variables.innerText()).toMatch(/x\s+Tensor · 3 × 3/);
  // The cursor is in the next cell, which was made for it.
  await page.keyboard.insertText('x.sum()');
  await page.keyboard.press('Control+Enter');
  await eventually(() => cell(page, 2).innerText()).toContain('tensor(63.)');
});

test('a suggestion is taken while typing', async () => {
  const { page } = used;
  await type(page, 2, '');
  await page.keyboard.type('torch.arang');
  await person.takeSuggestion(page, 'arange');
  await eventually(() => editor(page, 2).innerText()).toContain('torch.arange');
});

test('a mistake is underlined with its place, and an error says line and column', async () => {
  const { page } = used;
  await type(page, 2, 'for i in range(3)\n    print(i)');
  await cell(page, 2).locator('.cm-lintRange-error').waitFor();
  await page.keyboard.press('Control+Enter');
  await eventually(() => cell(page, 2).getByRole('alert').innerText()).toMatch(/SyntaxError: expected ':'[^]*line 1/);

  await type(page, 2, 'y = torch.ones(2, 3)\ny @ y');
  await page.keyboard.press('Control+Enter');
  await eventually(() => cell(page, 2).getByRole('alert').innerText()).toMatch(/RuntimeError[^]*line 2, column 1/);
  await cell(page, 2).locator('.cm-lintRange-error').waitFor();
});

test('a loop without end is stopped, and the variables are kept', async () => {
  const { page } = used;
  await type(page, 2, 'while True:\n    pass');
  await page.keyboard.press('Control+Enter');
  await cell(page, 2).getByText('Running…').waitFor();
  await cell(page, 2).getByRole('button', { name: /^Stop/ }).click();
  await eventually(() => cell(page, 2).getByRole('alert').innerText()).toContain('Stopped');
  await type(page, 2, 'x[0, 0].item()');
  await page.keyboard.press('Control+Enter');
  await eventually(() => cell(page, 2).innerText()).toContain('7.0');
});

test('linear regression of the lecture, by hand and with an optimizer', async () => {
  const { page } = used;
  for (const name of ['Regression by hand', 'Regression with SGD']) {
    await runExample(page, name);
    const text = await results(page);
    expect(text).toContain('a = 0.3367, b = 0.1288');
    expect(text).toContain('a = 1.0422, b = 1.9991');
    expect(text).toMatch(/training error 0\.0007/);
    expect(text).toMatch(/validation error 0\.0005/);
  }
});

test('tensors, automatic differentiation and devices of the lecture', async () => {
  const { page } = used;
  await runExample(page, 'Tensors');
  expect(await results(page)).toContain('tensor([[7., 7., 7.],');
  await runExample(page, 'Automatic differentiation');
  const text = await results(page);
  expect(text).toContain('tensor([[18., 18.],');
  expect(text).toContain('tensor([[13., 13.],');
  await runExample(page, 'Devices');
  expect(await page.getByRole('alert').innerText()).toMatch(/cuda:0 and cpu![^]*x\.to\('cuda:0'\)/);
});

test('what is drawn stands under its cell, and can be taken away', async () => {
  const { page } = used;
  await runExample(page, 'Two moons');
  await eventually(() => page.locator('.figure svg[role=img]').count()).toBe(3);
  expect(await results(page)).toMatch(/accuracy (0\.9[5-9]|1\.000)/);
  await page.getByRole('button', { name: 'Copy the figure' }).first().click();
  await page.locator('.n-dropdown-menu').getByText('SVG', { exact: true }).click();
  await eventually(() => page.evaluate(() => navigator.clipboard.readText())).toMatch(/^<svg[^]*<\/svg>$/);
  expect(await page.evaluate(() => navigator.clipboard.readText())).not.toContain('var(--');
});

test('a variable is shown as a plot and as a heat map', async () => {
  const { page } = used;
  await page.getByRole('button', { name: 'losses', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'losses' });
  await dialog.locator('svg[role=img] path').first().waitFor();
  await dialog.getByText('Heat map', { exact: true }).click();
  await dialog.locator('svg[role=img] image').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
});

test('cells are kept with the project, as a Python file, and a reload keeps the variables', async () => {
  const { page, lab } = used;
  await empty(page);
  await type(page, 1, 'kept = 41');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.insertText('kept + 1');
  const [project = ''] = readdirSync(join(lab.home, 'projects'));
  const file = join(lab.home, 'projects', project, 'scratchpad.py');
  await eventually(() => (existsSync(file) ? readFileSync(file, 'utf8') : '')).toBe(
    '# %%\nkept = 41\n\n# %%\nkept + 1\n',
  );
  await page.reload();
  await editor(page, 2).click();
  await page.keyboard.press('Control+Enter');
  await eventually(() => cell(page, 2).innerText()).toContain('42');
});

test('a deleted cell comes back', async () => {
  const { page } = used;
  await cell(page, 1).getByRole('button', { name: 'Delete the cell' }).click();
  await eventually(() => editor(page, 1).innerText()).toBe('kept + 1');
  await page.getByRole('button', { name: 'Bring back the deleted cell' }).click();
  await eventually(() => editor(page, 1).innerText()).toBe('kept = 41');
});

describe.each(['light', 'dark'] as const)('%s', (theme) => {
  test.each(['en', 'ru'] as const)('looks right in %s', async (language) => {
    const { page } = used;
    if (theme === 'light' && language === 'en') await runExample(page, 'Regression by hand');
    await person.setLanguage(page, language);
    await person.setTheme(page, theme);
    await settled(page);
    await page.screenshot({ path: join(screenshots, `page-scratchpad-${theme}-${language}.png`) });
    expect({
      cut: await cutOff(page),
      accessibility: await accessibilityProblems(page),
      console: used.lab.consoleErrors,
    }).toEqual({ cut: [], accessibility: [], console: [] });
  });
});
