import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import * as person from './harness/actions';
import { accessibilityProblems, cutOff, settled } from './harness/looks';
import { screenshots } from './harness/lab';
import { eventually, inBrowser, useLab } from './harness/use-lab';

// A notebook and its project: the data typed with suggestions, drawn and learnt from; begun without a project; in two windows.

const used = useLab();
const cells = (page: Page): Promise<string> => page.locator('.cells').innerText();

test('a column of iris is asked for with the help of suggestions', async () => {
  const { page } = used;
  await person.openExample(page, 'Iris flowers');
  await person.goTo(page, 'Scratchpad');
  await page.getByRole('region', { name: 'Cell 1', exact: true }).getByRole('textbox').click();
  await page.keyboard.insertText('import deltalab\n');
  await page.keyboard.type("deltalab.column('petal_w");
  await person.takeSuggestion(page, 'petal_width');
  await page.keyboard.press('End');
  await page.keyboard.type('.mean()');
  await page.keyboard.press('Control+Enter');
  await eventually(() => cells(page)).toContain('tensor(1.1993)');
});

test('a column that is not there is named with the one that was meant', async () => {
  const { page } = used;
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText("import deltalab\ndeltalab.column('petal_wdth')");
  await page.keyboard.press('Control+Enter');
  await eventually(() => page.getByRole('alert').innerText()).toMatch(
    /no column 'petal_wdth'[^]*line 2[^]*did you mean 'petal_width'\?/,
  );
});

test('the example draws the classes and learns them', async () => {
  const { page } = used;
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Delete');
  await page
    .getByRole('navigation', { name: 'Examples' })
    .getByRole('button', { name: /^The data of the project/ })
    .click();
  await page.getByRole('button', { name: 'Run all' }).click();
  await eventually(() => cells(page)).toMatch(/setosa: 100%[^]*versicolor: (9|100)\d?%[^]*virginica: (9|100)\d?%/);
  await page.getByText('Ready', { exact: true }).waitFor();
  await eventually(() => page.locator('.figure svg[role=img]').count()).toBe(2);
});

test.each([
  ['light', 'en'],
  ['dark', 'ru'],
] as const)('looks right: %s, %s', async (theme, language) => {
  const { page } = used;
  await person.setLanguage(page, language);
  await person.setTheme(page, theme);
  await page.locator('.figure').last().scrollIntoViewIfNeeded();
  await settled(page);
  await page.screenshot({ path: join(screenshots, `notebook-data-${theme}-${language}.png`) });
  expect({
    cut: await cutOff(page),
    accessibility: await accessibilityProblems(page),
    console: used.lab.consoleErrors,
  }).toEqual({ cut: [], accessibility: [], console: [] });
});

test('a notebook without anything prepared: one click on the welcome page, and what is typed is kept', async () => {
  const { page, lab } = used;
  await person.setLanguage(page, 'en');
  await person.closeProject(page);
  await settled(page);
  await page.screenshot({ path: join(screenshots, 'welcome-scratchpad-dark-en.png') });
  await page.getByRole('button', { name: 'New scratchpad' }).click();
  await page.getByRole('region', { name: 'Cell 1', exact: true }).getByRole('textbox').click();
  await page.keyboard.insertText('import torch, deltalab\ntorch.arange(4) * 2');
  await page.keyboard.press('Shift+Enter');
  await eventually(() => cells(page)).toContain('tensor([0, 2, 4, 6])');
  await page.keyboard.insertText('deltalab.columns()');
  await page.keyboard.press('Control+Enter');
  await eventually(() => page.getByRole('alert').innerText()).toContain('The project has no data yet');
  const file = join(lab.home, 'projects', 'Scratchpad', 'scratchpad.py');
  await eventually(() => (existsSync(file) ? readFileSync(file, 'utf8') : '')).toContain('torch.arange(4) * 2');
});

test.runIf(inBrowser)(
  'two windows follow each other; what another program wrote meanwhile is asked about',
  async () => {
    const { page, lab } = used;
    const other = await page.context().newPage();
    await other.goto(lab.url);
    await other.getByTitle(/projects.Scratchpad$/).click();
    await person.goTo(other, 'Scratchpad');
    const first = (window: Page) => window.getByRole('region', { name: 'Cell 1', exact: true }).getByRole('textbox');
    const type = async (window: Page, text: string): Promise<void> => {
      await first(window).click();
      await window.keyboard.press('Control+A');
      await window.keyboard.insertText(text);
    };
    await type(other, 'from_other = 1');
    await eventually(() => first(page).innerText()).toBe('from_other = 1');

    const file = join(lab.home, 'projects', 'Scratchpad', 'scratchpad.py');
    writeFileSync(file, '# %%\nfrom_editor = 2\n');
    await type(page, 'mine = 3');
    const keep = page.getByRole('button', { name: 'Keep mine' });
    await keep.waitFor();
    await settled(page);
    await page.screenshot({ path: join(screenshots, 'notebook-conflict.png') });
    expect(await cutOff(page)).toEqual([]);
    expect(readFileSync(file, 'utf8')).toContain('from_editor = 2');
    await keep.click();
    await eventually(() => readFileSync(file, 'utf8')).toContain('mine = 3');
    await eventually(() => first(other).innerText()).toBe('mine = 3');
    await keep.waitFor({ state: 'hidden' });

    writeFileSync(file, '# %%\nfrom_editor = 4\n');
    await type(page, 'mine = 5');
    await page.getByRole('button', { name: 'Take theirs' }).click();
    await eventually(() => first(page).innerText()).toBe('from_editor = 4');
    await other.close();
  },
);
