import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Locator, Page } from 'playwright-core';

/** What a person does with mouse and keyboard, in the words of the page (English). */

export type PageName = 'Data' | 'Design' | 'Train' | 'Inspect' | 'Scratchpad';

export async function goTo(page: Page, name: PageName): Promise<void> {
  await page
    .getByRole('navigation', { name: 'Pages' })
    .getByRole('button', { name: new RegExp(`^${name}`) })
    .click();
}

export async function closeProject(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Project menu' }).click();
  await page.getByText('Close and go to the welcome page').click();
  await page.getByRole('heading', { name: 'Examples' }).waitFor();
}

/** Makes a project from an example of the welcome page; ends on the Train page, ready to start. */
export async function openExample(page: Page, title: string): Promise<void> {
  // A fresh lab has opened one already.
  await page
    .getByRole('button', { name: 'Project menu' })
    .or(page.getByRole('heading', { name: 'Examples' }))
    .waitFor();
  if (await page.getByRole('button', { name: 'Project menu' }).isVisible()) await closeProject(page);
  await page.getByRole('button', { name: title }).first().click();
  await runControl(page, 'Start').waitFor();
}

export interface DroppedFile {
  name: string;
  content: Buffer;
}

export const fileOf = (path: string): DroppedFile => ({ name: basename(path), content: readFileSync(path) });
export const textFile = (name: string, text: string): DroppedFile => ({ name, content: Buffer.from(text) });

/** Drags files from outside over the target and lets go. */
export async function dropFiles(page: Page, target: Locator, files: readonly DroppedFile[]): Promise<void> {
  const dataTransfer = await page.evaluateHandle(
    (sent) => {
      const transfer = new DataTransfer();
      for (const { name, base64 } of sent) {
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        transfer.items.add(new File([bytes], name));
      }
      return transfer;
    },
    files.map(({ name, content }) => ({ name, base64: content.toString('base64') })),
  );
  for (const type of ['dragenter', 'dragover', 'drop']) await target.dispatchEvent(type, { dataTransfer });
}

/** Drops files on the welcome page, where they become a new project; ends on the Data page. */
export async function beginWith(page: Page, ...files: DroppedFile[]): Promise<void> {
  await dropFiles(page, page.getByRole('button', { name: 'Drop a file to begin' }), files);
  await page.getByRole('button', { name: 'Project menu' }).waitFor();
}

/** Drops files on the open project. */
export async function importFiles(page: Page, ...files: DroppedFile[]): Promise<void> {
  await goTo(page, 'Data');
  await dropFiles(page, page.getByRole('main').locator('.drop-zone'), files);
}

export function columnHeader(page: Page, name: string): Locator {
  return page.getByRole('columnheader').filter({ hasText: new RegExp(`^\\s*${name}`) });
}

export type Role = 'Input' | 'Target' | 'Ignore';

/** By the menu in the header of the column. */
export async function setRole(page: Page, column: string, role: Role): Promise<void> {
  await columnHeader(page, column).getByRole('button').click();
  await page.locator('.n-dropdown-menu').getByText(role).click();
}

export const palette = (page: Page, layer: string): Locator =>
  page.getByRole('region', { name: 'Layers', exact: true }).getByRole('button', { name: layer, exact: true });

/** The card of a layer on the canvas, by its title ("Linear 2"). */
export const card = (page: Page, title: string): Locator =>
  page
    .getByRole('group', { name: 'Network', exact: true })
    .getByRole('group', { name: new RegExp(`^${title}(?![ \\d→])`) });

/** Drags a layer from the palette so that its middle comes to (x, y) of the canvas. */
export async function dragLayer(page: Page, layer: string, x: number, y: number): Promise<void> {
  await palette(page, layer).dragTo(page.locator('.vue-flow__pane'), { targetPosition: { x, y } });
}

const handle = (page: Page, id: string, name: string): Locator =>
  page.locator(`.vue-flow__handle[data-nodeid="${id}"][data-handleid="${name}"]`);

/** Drags from the output of one layer to an input of another; ids as the lab gives them ("linear-2"). */
export async function connect(page: Page, from: string, to: string, port = 0): Promise<void> {
  await handle(page, from, 'out').dragTo(handle(page, to, `in-${port}`));
}

export const connection = (page: Page, from: string, to: string): Locator =>
  page.getByRole('group', { name: `${from} → ${to}`, exact: true });

export async function selectLayer(page: Page, title: string): Promise<void> {
  await page
    .getByRole('region', { name: 'Properties' })
    .getByRole('button', { name: title, exact: true })
    .or(card(page, title))
    .first()
    .click();
}

/** Types into a number field, as one does who leaves it with Enter. */
export async function typeNumber(page: Page, label: string, value: string): Promise<void> {
  const field = page.getByRole('textbox', { name: label, exact: true });
  await field.click();
  await field.press('Control+a');
  await page.keyboard.type(value);
  await field.press('Enter');
}

/** Pastes from the clipboard into a field. */
export async function paste(page: Page, field: Locator, text: string): Promise<void> {
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
  await field.click();
  await page.keyboard.press('Control+v');
}

export const runControl = (page: Page, name: string): Locator =>
  page.getByRole('toolbar', { name: 'Run controls' }).getByRole('button', { name, exact: true });

/** The column of a lane: where only the rates differ, its name is its rate. */
export const lane = (page: Page, rate: string): Locator =>
  page.getByRole('article', { name: `η ${rate}`, exact: true });

export const runWords = (page: Page): Promise<string> =>
  page.getByRole('toolbar', { name: 'Run controls' }).innerText();

/** The panel at the right, about the selected lane. */
export const lanePanel = (page: Page): Locator => page.getByRole('region', { name: 'Selected lane', exact: true });

/** Starts the race and waits for its end. */
export async function race(page: Page, milliseconds = 60_000): Promise<void> {
  await runControl(page, 'Start').click();
  await page
    .getByRole('toolbar', { name: 'Run controls' })
    .getByText(/^finished/)
    .waitFor({ timeout: milliseconds });
}

/** Slows training down to 64 epochs a second, and to half of that by every further step, with the slider's keys. */
export async function slowDown(page: Page, steps = 1): Promise<void> {
  await setSpeed(page, ...Array.from({ length: steps }, () => 'ArrowLeft'));
}

export async function fullSpeed(page: Page): Promise<void> {
  await setSpeed(page, 'End');
}

async function setSpeed(page: Page, ...keys: string[]): Promise<void> {
  await page.getByTitle('Slow training down to follow it by eye').click();
  await page.getByRole('slider', { name: 'Speed' }).focus();
  for (const key of keys) await page.keyboard.press(key);
  await page.keyboard.press('Escape');
}

/** Epochs that the run has completed, as the toolbar says. */
export async function epochShown(page: Page): Promise<number> {
  const found = /epoch ([\d,]+) of/.exec(await runWords(page));
  return found?.[1] ? Number(found[1].replaceAll(',', '')) : Number.NaN;
}

/** Opens a project by the path of its folder, from the welcome page. */
export async function openFolder(page: Page, path: string): Promise<void> {
  await page.getByRole('button', { name: 'Open a folder…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Folder path' }).fill(path);
  await dialog.getByRole('button', { name: 'Go' }).click();
  await dialog.getByRole('list', { name: path }).waitFor();
  await dialog.getByRole('button', { name: 'Open this project' }).click();
}

/** Picks from a list that opens under its field; `label` is what the field is called. */
export async function choose(page: Page, label: string, option: string | RegExp): Promise<void> {
  await page.locator(`.n-select[aria-label="${label}"]`).click();
  const options = page.locator('.n-base-select-option:visible');
  await options.getByText(option, { exact: true }).click();
  // The list fades; until then it could be taken for that of the next field.
  await options.first().waitFor({ state: 'hidden' });
}

/** Races these rates instead of those there are. */
export async function setRates(page: Page, rates: readonly string[]): Promise<void> {
  const chips = page.getByRole('list', { name: 'Learning rates', exact: true }).getByRole('listitem');
  const offered = (await chips.allInnerTexts()).map((rate) => rate.trim());
  await paste(page, page.getByRole('textbox', { name: /^Add learning rates/ }), rates.join(', '));
  await chips
    .filter({ hasText: rates.at(-1) })
    .first()
    .waitFor();
  // Afterwards: a race keeps at least one.
  for (const rate of offered.filter((one) => !rates.includes(one)))
    await page.getByRole('button', { name: `Remove learning rate ${rate}`, exact: true }).click();
}

/** By the menu of the top bar, in whichever language it is. */
export async function setTheme(page: Page, theme: 'light' | 'dark'): Promise<void> {
  const names = { light: /^(Light|Светлая)$/, dark: /^(Dark|Тёмная)$/ };
  await page.getByRole('button', { name: /^(Theme|Тема)/ }).click();
  await page.locator('.n-dropdown-menu').getByText(names[theme], { exact: true }).click();
  await page.locator(`:root[data-theme="${theme}"]`).waitFor();
}

export async function setLanguage(page: Page, language: 'en' | 'ru'): Promise<void> {
  const names = { en: 'English', ru: 'Русский' };
  await page.getByRole('button', { name: /^(Language|Язык)/ }).click();
  await page.locator('.n-dropdown-menu').getByText(names[language], { exact: true }).click();
  await page.locator(`:root[lang="${language}"]`).waitFor();
}

/** Takes the marked suggestion of the editor by Enter once it is this one and the list takes keys. */
export async function takeSuggestion(page: Page, name: string): Promise<void> {
  // Dimmed while it asks for what fits the last letter: until then Enter would begin a new line.
  const list = page.locator('.cm-tooltip-autocomplete:not(.cm-tooltip-autocomplete-disabled)');
  await list.locator('[aria-selected="true"]').getByText(name, { exact: true }).waitFor();
  // The list does not take a key in its first moment.
  await page.waitForTimeout(200);
  await page.keyboard.press('Enter');
}
