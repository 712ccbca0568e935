import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emulatedCard } from '../integration/support/emulated-card';
import * as person from './harness/actions';
import { screenshots } from './harness/lab';
import { accessibilityProblems, cutOff, settled } from './harness/looks';
import { eventually, inBrowser, useLab } from './harness/use-lab';

/** A graphics card as a person meets it, here the emulated one: chosen from the list, trained on, and left for the processor. */
describe.runIf(inBrowser && process.platform === 'linux')('a graphics card', () => {
  beforeAll(() => void (process.env.DELTALAB_CUDA = emulatedCard));
  afterAll(() => {
    delete process.env.DELTALAB_CUDA;
    delete process.env.DELTALAB_EMULATED_WITHOUT;
  });

  describe('that computes everything', () => {
    const used = useLab();

    test("trains the lecture's regression to the figures of the lecture, and is named where the result is", async () => {
      const { page } = used;
      await person.openExample(page, 'Linear regression');
      await page.getByRole('button', { name: 'More settings' }).click();
      await person.choose(page, 'Device', 'Emulated card (1 GB)');
      await used.lab.screenshot('card-chosen');
      await person.race(page, 120_000);
      expect(await person.runWords(page)).toContain('cuda:0 (Emulated card)');
      const losses = person.lanePanel(page).getByRole('table').filter({ hasText: 'Loss' }).first();
      await eventually(() => losses.innerText()).toMatch(/train\s+6\.67?\d*e.4.*\s+valid\s+5\.31\d*e.4/);
      await used.lab.screenshot('card-trained');
      expect(used.lab.consoleErrors).toEqual([]);
    });

    test('computes what is inspected, and is named there', async () => {
      const { page } = used;
      await page.keyboard.press('Control+4');
      await page.getByRole('button', { name: 'Open the network as it is now' }).click();
      const named = page.getByText('computed on cuda:0 (Emulated card)', { exact: true });
      await page.getByRole('group', { name: 'Network with numbers' }).waitFor();
      expect(await named.count(), 'a design was trained nowhere').toBe(0);
      await person.choose(page, 'Network', / last$/);
      await named.waitFor();
      await used.lab.screenshot('card-inspected');
      expect(used.lab.consoleErrors).toEqual([]);
    });
  });

  describe('beside another', () => {
    beforeAll(() => void (process.env.DELTALAB_EMULATED_CARDS = '2'));
    afterAll(() => void delete process.env.DELTALAB_EMULATED_CARDS);
    const used = useLab();

    test('shares the lanes with it where all cards are chosen', async () => {
      const { page } = used;
      await person.openExample(page, 'Iris flowers');
      await page.getByRole('button', { name: 'More settings' }).click();
      await person.choose(page, 'Device', 'CUDA:1: Emulated card (1 GB)');
      await person.choose(page, 'Device', 'All 2 cards together');
      await page.locator('.precision .n-radio', { hasText: 'TF32' }).click();
      await used.lab.screenshot('cards-chosen');
      await person.race(page, 120_000);
      expect(await person.runWords(page)).toContain('cuda:0+1 (Emulated card ×2), TF32');
      await used.lab.screenshot('cards-trained');
      expect(used.lab.consoleErrors).toEqual([]);
    });

    // Russian words are the longest; the theme is changed while another page is shown.
    test.each([
      ['ru', 'light'],
      ['en', 'dark'],
    ] as const)('looks right in %s, %s', async (language, theme) => {
      const { page } = used;
      await page.keyboard.press('Control+1');
      await person.setLanguage(page, language);
      await person.setTheme(page, theme);
      await page.keyboard.press('Control+3');
      await settled(page);
      await page.screenshot({ path: join(screenshots, `cards-trained-${theme}-${language}.png`) });
      expect({ cut: await cutOff(page), accessibility: await accessibilityProblems(page) }).toEqual({
        cut: [],
        accessibility: [],
      });
    });
  });

  describe('whose memory another program takes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'deltalab-card-'));
    const taken = join(folder, 'taken');
    beforeAll(() => void (process.env.DELTALAB_EMULATED_TAKEN = taken));
    afterAll(() => {
      delete process.env.DELTALAB_EMULATED_TAKEN;
      rmSync(folder, { recursive: true, force: true });
    });
    const used = useLab();

    test('ends the run with figures; it goes on there when there is memory again, or on the processor', async () => {
      const { page, lab } = used;
      await person.openExample(page, 'Iris flowers');
      await page.getByRole('button', { name: 'More settings' }).click();
      await person.choose(page, 'Device', 'Emulated card (1 GB)');
      await person.typeNumber(page, 'Epochs', '100000');
      await person.runControl(page, 'Start').click();
      await eventually(() => person.epochShown(page)).toBeGreaterThan(1);
      writeFileSync(taken, '');
      const banner = page.getByRole('alert').filter({ hasText: 'The run failed' });
      await banner.getByText('cuda:0 has 0 MB free of 1024 MB').waitFor();
      await lab.screenshot('card-out-of-memory');
      await person.setTheme(page, 'dark');
      await lab.screenshot('card-out-of-memory-dark');
      rmSync(taken);
      await banner.getByRole('button', { name: /^Resume from epoch/ }).click();
      await person.runControl(page, 'Pause').waitFor();
      writeFileSync(taken, '');
      await banner.getByRole('button', { name: 'Resume on the CPU' }).click();
      await person.runControl(page, 'Stop').click();
      await eventually(() => person.runWords(page)).toMatch(/stopped.*\(Emulated card\) → cpu/s);
      await lab.screenshot('card-left-for-the-cpu');
      expect(lab.consoleErrors).toEqual([]);
    });
  });

  describe('without an operator of the network', () => {
    beforeAll(() => void (process.env.DELTALAB_EMULATED_WITHOUT = 'Gemm'));
    const used = useLab({ theme: 'dark' });

    test('is refused by the name of the layer, and the processor takes over at a click', async () => {
      const { page } = used;
      await person.openExample(page, 'Linear regression');
      await page.getByRole('button', { name: 'More settings' }).click();
      await person.choose(page, 'Device', 'Emulated card (1 GB)');
      await person.runControl(page, 'Start').click();
      const refusal = page.getByRole('alert').filter({ hasText: 'Gemm' });
      await refusal.waitFor();
      await used.lab.screenshot('card-refused');
      await page.getByRole('button', { name: 'Run on the CPU' }).click();
      await eventually(() => person.runWords(page), 60_000).toMatch(/finished.*cpu/s);
      expect(await refusal.count()).toBe(0);
      expect(used.lab.consoleErrors).toEqual([]);
    });
  });
});
