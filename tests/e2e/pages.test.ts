import { beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import * as person from './harness/actions';
import { accessibilityProblems, cutOff, settled } from './harness/looks';
import { useLab } from './harness/use-lab';
import { join } from 'node:path';
import { screenshots } from './harness/lab';

/**
 * Every page at 1280 × 800, in both themes and languages: nothing cut off, nothing that a screen reader or weak eyes stumble
 * over, no word in the console. The pictures are kept for a person to look at.
 */
const used = useLab({ width: 1280, height: 800 });

beforeAll(async () => {
  const { page } = used;
  await person.openExample(page, 'Iris flowers');
  await person.typeNumber(page, 'Epochs', '30');
  const rates = page.getByRole('textbox', { name: /^Add learning rates/ });
  await rates.fill('100');
  await rates.press('Enter');
  await person.race(page);
  page.setDefaultTimeout(5_000);
});

const pages = ['data', 'design', 'train', 'inspect', 'export', 'welcome'] as const;

describe.each(['en', 'ru'] as const)('in %s', (language) => {
  describe.each(['light', 'dark'] as const)('%s', (theme) => {
    beforeAll(async () => {
      const { page } = used;
      // A test that failed may have left its dialog open.
      await page.keyboard.press('Escape');
      await person.setLanguage(page, language);
      await person.setTheme(page, theme);
    });

    test.each(pages)('%s', async (name) => {
      const { page } = used;
      await show(page, name);
      await settled(page);
      await page.screenshot({ path: join(screenshots, `page-${name}-${theme}-${language}.png`) });
      const found = { cut: await cutOff(page), accessibility: await accessibilityProblems(page) };
      // Back before the verdict: a page that fails leaves the next ones their start.
      if (name === 'export') await page.keyboard.press('Escape');
      if (name === 'welcome') await page.getByTitle(/projects.Iris flowers$/).click();
      expect({ ...found, console: used.lab.consoleErrors }).toEqual({ cut: [], accessibility: [], console: [] });
    });
  });
});

async function show(page: Page, name: (typeof pages)[number]): Promise<void> {
  // By keys: they are the same in both languages.
  if (name === 'data') await page.keyboard.press('Control+1');
  if (name === 'design') await page.keyboard.press('Control+2');
  if (name === 'train' || name === 'export') await page.keyboard.press('Control+3');
  if (name === 'inspect') {
    await page.keyboard.press('Control+4');
    const empty = page.getByRole('button', {
      name: /^(Open the network as it is now|Открыть сеть такой, какая она сейчас)$/,
    });
    const drawing = page.getByRole('group', { name: /^(Network with numbers|Сеть с числами)$/ });
    await empty.or(drawing).waitFor();
    if (await empty.isVisible()) await empty.click();
    await drawing.waitFor();
  }
  if (name === 'export') {
    await page.getByRole('button', { name: /^(Export|Экспорт) …$/ }).click();
    await page.getByRole('dialog').waitFor();
  }
  if (name === 'welcome') {
    await page.getByRole('button', { name: /^(Project menu|Меню проекта)$/ }).click();
    await page.locator('.n-dropdown-option').last().click();
    await page.getByRole('heading', { name: /^(Examples|Примеры)$/ }).waitFor();
  }
  const shown = {
    data: 'grid',
    design: 'group',
    train: 'article',
    inspect: 'group',
    export: 'dialog',
    welcome: 'list',
  } as const;
  await page.getByRole(shown[name]).first().waitFor();
}

test('the checks find text that is cut off, an unnamed button and pale text when they are there', async () => {
  const { page } = used;
  await page.evaluate(() => {
    const faults = document.createElement('div');
    faults.id = 'faults';
    faults.innerHTML =
      '<p style="width: 40px; overflow: hidden; white-space: nowrap">A sentence that is too long</p>' +
      '<button></button><p style="color: #ccc; background: #fff">pale</p>';
    document.querySelector('main')?.prepend(faults);
  });
  const cut = await cutOff(page);
  const problems = await accessibilityProblems(page);
  await page.evaluate(() => document.querySelector('#faults')?.remove());
  expect(cut.join()).toContain('cut at the right: <p class=""> "A sentence that is too long"');
  expect(problems.join()).toContain('button-name');
  expect(problems.join()).toContain('color-contrast');
});
