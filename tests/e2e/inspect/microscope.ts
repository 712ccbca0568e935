import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { NetworkDocument } from '../../../shared/network/document';
import { projectSchema } from '../../../shared/project/document';
import type { TrainingSettings } from '../../../shared/training/settings';
import * as person from '../harness/actions';
import { root } from '../harness/lab';

/** The microscope as a person uses it. */

export const drawing = (page: Page): Locator => page.getByRole('group', { name: 'Network with numbers' });
export const stage = (page: Page): Promise<string> => page.locator('[aria-current="step"]').innerText();

/** Closes what is open and opens the project of a folder. */
export async function openProject(page: Page, folder: string): Promise<void> {
  await page
    .getByRole('button', { name: 'Project menu' })
    .or(page.getByRole('heading', { name: 'Examples' }))
    .waitFor();
  if (await page.getByRole('button', { name: 'Project menu' }).isVisible()) await person.closeProject(page);
  await person.openFolder(page, folder);
}

/** Opens the network of the Design page, with the numbers as a table below. */
export async function openMicroscope(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Project menu' }).waitFor();
  await page.keyboard.press('Control+4');
  await page.getByRole('button', { name: 'Open the network as it is now' }).click();
  await drawing(page).waitFor();
  await page.getByRole('button', { name: 'As a table' }).click();
}

/** Everything drawn: the elements, and every pixel of the canvases among them. */
export function drawn(page: Page): Promise<{ html: string; canvases: string[] }> {
  return drawing(page).evaluate((element) => ({
    html: element.innerHTML,
    canvases: [...element.querySelectorAll('canvas')].map((canvas) => canvas.toDataURL()),
  }));
}

/** Forwards through these stages and back: a step back shows exactly what was there. `seen` looks at each on the way. */
export async function stepThrough(
  page: Page,
  names: readonly string[],
  seen: (index: number) => Promise<unknown> = () => Promise.resolve(),
): Promise<void> {
  const shown: Awaited<ReturnType<typeof drawn>>[] = [];
  for (const [index, name] of names.entries()) {
    if (index > 0) await page.keyboard.press('ArrowRight');
    expect(await stage(page)).toBe(name);
    shown.push(await drawn(page));
    await seen(index);
  }
  expect(new Set(shown.map((one) => JSON.stringify(one))).size).toBe(names.length);
  await page.keyboard.press('ArrowRight');
  expect(await drawn(page), 'nothing comes after the last stage').toEqual(shown.at(-1));
  for (let index = names.length - 2; index >= 0; index--) {
    await page.keyboard.press('ArrowLeft');
    expect(await drawn(page), names[index]).toEqual(shown[index]);
  }
}

/** A project like an example, with another network. */
export function projectWith(example: string, network: NetworkDocument, change: Partial<TrainingSettings> = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'deltalab-inspect-'));
  const own = projectSchema.parse(JSON.parse(readFileSync(join(root, 'examples', example, 'project.json'), 'utf8')));
  const data =
    own.data.kind === 'table' ? { ...own.data, path: join(root, 'examples', example, own.data.path) } : own.data;
  const training = { ...own.training, ...change };
  writeFileSync(join(path, 'project.json'), JSON.stringify({ ...own, data, network, training }));
  return path;
}
