import { expect, test } from 'vitest';
import * as person from './harness/actions';
import { eventually, useLab } from './harness/use-lab';

/** Row L8 of the lecture by mouse: linear regression by gradient descent, to the digits that the lecture prints. */
const used = useLab();

test('the example "Linear regression" ends with the errors and parameters of the lecture', async () => {
  const { page } = used;
  await person.openExample(page, 'Linear regression');
  await person.race(page);
  expect(await person.runWords(page)).toContain('finished · epoch 1,000 of 1,000');

  const panel = person.lanePanel(page);
  const metrics = panel.getByRole('table').filter({ hasText: 'Loss' }).first();
  const shown = async (split: 'train' | 'valid'): Promise<string> =>
    (
      await metrics
        .getByRole('row', { name: new RegExp(`(^|\\s)${split}`) })
        .first()
        .getByRole('cell')
        .allInnerTexts()
    )
      .filter((text) => /\d/.test(text))
      .slice(0, 1)
      .join();
  expect(asPrinted(await shown('train'))).toBe('0.0007');
  expect(asPrinted(await shown('valid'))).toBe('0.0005');

  const parameters = panel.getByRole('table', { name: 'Parameters' });
  const values = async (): Promise<Record<string, string[]>> => {
    const rows = await parameters.locator('tbody').getByRole('row').allInnerTexts();
    return Object.fromEntries(
      rows.map((row) => {
        const [name = '', initial = '', now = ''] = row.split(/\s+/);
        return [name, [initial, now]];
      }),
    );
  };
  // Read from the last checkpoint, which the page asks for when the run has ended.
  await eventually(values).toEqual({ 'linear.weight': ['0.1288', '1.9991'], 'linear.bias': ['0.3367', '1.0422'] });
  await used.lab.screenshot('lecture-train');
  expect(used.lab.consoleErrors).toEqual([]);
});

/** To four decimals, as the lecture prints; the page shows small numbers as 6.669e−4. */
function asPrinted(text: string): string {
  return Number(text.replaceAll('−', '-')).toFixed(4);
}
