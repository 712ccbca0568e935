import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as person from './harness/actions';
import { screenshots } from './harness/lab';
import { accessibilityProblems, cutOff, settled } from './harness/looks';
import { eventually, useLab } from './harness/use-lab';

// The lecture's regression, fitted in the notebook, becomes the network of the project, is trained on and comes back.

const used = useLab();

async function picture(name: string, theme: 'dark' | 'light'): Promise<void> {
  await settled(used.page);
  await used.page.screenshot({ path: join(screenshots, `${name}-${theme}-en.png`) });
}

async function inBothThemes(name: string): Promise<void> {
  for (const theme of ['dark', 'light'] as const) {
    await person.setTheme(used.page, theme);
    await picture(name, theme);
  }
}

const cells = (): Promise<string> => used.page.locator('.cells').innerText();

/** The last number that a cell printed after this word. */
async function printed(word: string): Promise<number> {
  const found = [...(await cells()).matchAll(new RegExp(`${word} = (-?[\\d.e-]+)`, 'g'))].at(-1);
  return Number(found?.[1]);
}

async function typeAndRun(text: string): Promise<void> {
  const { page } = used;
  await page.getByRole('button', { name: 'Add a cell' }).click();
  await page.keyboard.insertText(text);
  await page.keyboard.press('Control+Enter');
  await page.getByText('Ready', { exact: true }).waitFor();
}

test('fitted in the notebook, opened as a network, trained on, and used in the notebook again', async () => {
  const { page } = used;
  await person.openExample(page, 'Linear regression');
  await person.goTo(page, 'Scratchpad');
  await page
    .getByRole('navigation', { name: 'Examples' })
    .getByRole('button', { name: /^Regression by hand/ })
    .click();
  await page.getByRole('button', { name: 'Run all' }).click();
  await page.getByText('Ready', { exact: true }).waitFor();
  await typeAndRun(`print(f'a = {a.item():.6f}')`);
  expect(await printed('a')).toBeCloseTo(1.0422, 4);
  // A little off, so that training has something to do.
  await typeAndRun(`with torch.no_grad():\n    b += 0.5\nprint(f'b = {b.item():.6f}')`);
  expect(await printed('b')).toBeCloseTo(2.4991, 4);

  const dialog = page.getByRole('dialog');
  const ask = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Open as network: yhat' }).click();
    await dialog.getByText('x_train [80, 1]').waitFor();
  };
  for (const theme of ['dark', 'light'] as const) {
    await person.setTheme(page, theme);
    await ask();
    await picture('open-network-dialog', theme);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'hidden' });
  }
  await ask();
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(await cutOff(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Open as network' }).click();

  await person.card(page, 'Linear').waitFor();
  await person.selectLayer(page, 'Linear');
  await inBothThemes('open-network-design');

  await person.goTo(page, 'Train');
  await person.typeNumber(page, 'Epochs', '1');
  await person.race(page);
  const panel = person.lanePanel(page);
  const parameters = panel.getByRole('table', { name: 'Parameters' });
  // Training began with what the notebook had fitted.
  await eventually(() => parameters.innerText()).toMatch(/1\.042[^]*2\.499|2\.499[^]*1\.042/);
  const rows = await parameters.locator('tbody').getByRole('row').allInnerTexts();
  const now = Object.fromEntries(rows.map((row) => [row.split(/\s+/)[0], Number(row.split(/\s+/)[2])]));
  await panel.getByText('Last', { exact: true }).click();
  await panel.getByRole('button', { name: 'Use in the scratchpad' }).click();

  await eventually(cells).toContain("which='last')");
  await page.keyboard.press('Control+Enter');
  await eventually(cells).toContain('Linear(in_features=1, out_features=1, bias=True)');
  await typeAndRun(`print(f'bias = {model.linear.bias.item():.4f}, weight = {model.linear.weight.item():.4f}')`);
  await eventually(() => printed('bias')).toBeCloseTo(now['linear.bias'] ?? NaN, 3);
  expect(await printed('weight')).toBeCloseTo(now['linear.weight'] ?? NaN, 3);
  expect(await printed('weight')).not.toBeCloseTo(2.4991, 2);
  await inBothThemes('open-network-notebook');

  // Back to the network that the project had: its weights are drawn, not fitted.
  const undo = page.getByRole('button', { name: /^Undo/ });
  while ((await undo.getAttribute('aria-label'))?.includes('Network from the notebook') !== true) await undo.click();
  await undo.click();
  await typeAndRun('model = deltalab.load_network()\nmodel.source');
  await eventually(cells).toContain("'initial weights'");
  expect(used.lab.consoleErrors).toEqual([]);
});
