import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import * as person from './harness/actions';
import { screenshots } from './harness/lab';
import { accessibilityProblems, cutOff, settled } from './harness/looks';
import { eventually, useLab } from './harness/use-lab';
import { openMicroscope } from './inspect/microscope';

// The sample under the microscope is picked: from the rows of a table, and from pictures.

const used = useLab();

const lossShown = async (): Promise<string> =>
  (await used.page.locator('footer .loss').innerText()).replace('E = ', '');
const sampleShown = (): Promise<string> => used.page.getByRole('textbox', { name: 'Number', exact: true }).inputValue();

async function looksRight(): Promise<void> {
  const { page, lab } = used;
  await settled(page);
  expect({
    cut: await cutOff(page),
    accessibility: await accessibilityProblems(page),
    console: lab.consoleErrors,
  }).toEqual({ cut: [], accessibility: [], console: [] });
}

describe('rows of a table', () => {
  beforeAll(async () => {
    await person.openExample(used.page, 'Iris flowers');
    await openMicroscope(used.page);
  });

  test('the one with the largest error, by keys alone', async () => {
    const { page } = used;
    await page.getByRole('button', { name: 'Choose from the table…' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Choose a sample' });
    await dialog.getByText('120 samples').waitFor();
    await person.choose(page, 'Order', 'largest error first');
    const rows = dialog.getByRole('row');
    const losses = async (): Promise<number[]> => (await rows.locator('.loss').allInnerTexts()).slice(1, 9).map(Number);
    await eventually(async () => (await losses()).toSorted((a, b) => b - a).join()).toBe((await losses()).join());
    await page.screenshot({ path: join(screenshots, 'inspect-samples-table-light-en.png') });
    await looksRight();
    const worst = await rows.nth(1).locator('.loss').innerText();
    const number = await rows.nth(1).getByRole('rowheader').innerText();
    await dialog.getByRole('grid').focus();
    for (const key of ['ArrowDown', 'ArrowUp', 'Enter']) await page.keyboard.press(key);
    await dialog.waitFor({ state: 'hidden' });
    await eventually(() => lossShown()).toBe(worst);
    expect(await sampleShown()).toBe(number);
    // The keys of the list were its own.
    expect(await page.locator('[aria-current="step"]').innerText()).toBe('1. Outputs');
  });
});

describe('pictures', () => {
  beforeAll(async () => {
    await person.openExample(used.page, 'Handwritten digits (MNIST)');
    await openMicroscope(used.page);
  });

  test('one that the network gets wrong, by mouse', async () => {
    const { page } = used;
    await page.getByRole('button', { name: 'Choose from the pictures…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Choose a sample' });
    await dialog.getByRole('checkbox', { name: 'wrong answers only' }).click();
    await dialog.getByText(/\d wrong answers/).waitFor();
    await dialog.getByRole('option').first().locator('canvas').waitFor();
    await page.screenshot({ path: join(screenshots, 'inspect-samples-pictures-light-en.png') });
    await looksRight();
    const tile = dialog.getByRole('option').nth(3);
    const label = (await tile.getAttribute('title')) ?? '';
    const [, number, desired, answer, loss] =
      /^Sample (\S+): (\S+); the network says (.+); E = (\S+)$/.exec(label) ?? [];
    await tile.click();
    await dialog.waitFor({ state: 'hidden' });
    await eventually(() => lossShown()).toBe(loss);
    expect(await sampleShown()).toBe(number?.replace(',', ''));
    await page.getByText(`The network says ${answer}`).waitFor();
    await page
      .locator('.n-select[aria-label="Desired output"]')
      .getByText(desired ?? '', { exact: true })
      .waitFor();
    expect(answer?.startsWith(`${desired} `)).toBe(false);
  });
});
