import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import * as person from './harness/actions';
import { eventually, useLab } from './harness/use-lab';

/** What a person does with a running race: pause, step, change a rate, stop, continue, delete; and undo on the canvas. */
const used = useLab();

beforeAll(async () => {
  const { page } = used;
  await person.openExample(page, 'Small digits');
  await person.typeNumber(page, 'Epochs', '2000');
  await person.slowDown(page, 3);
});

test('Space starts and pauses; → steps by batch, Shift+→ by epoch', async () => {
  const { page } = used;
  await page.getByText(/^Space starts and pauses/).click();
  await eventually(() => person.runControl(page, 'Start').isEnabled()).toBe(true);
  await page.keyboard.press('Space');
  await eventually(() => person.epochShown(page)).toBeGreaterThan(2);
  await page.keyboard.press('Space');
  await person.runControl(page, 'Go on').waitFor();
  const paused = await sampleShown();
  await page.keyboard.press('ArrowRight');
  await eventually(sampleShown).toBeGreaterThan(paused);
  const first = await sampleShown();
  await page.keyboard.press('ArrowRight');
  await eventually(sampleShown).toBeGreaterThan(first);
  const batch = (await sampleShown()) - first;
  await person.runControl(page, 'Batch').click();
  await eventually(sampleShown).toBe(first + 2 * batch);

  const epoch = await person.epochShown(page);
  await page.keyboard.press('Shift+ArrowRight');
  await eventually(() => person.epochShown(page)).toBe(epoch + 1);
  await person.runControl(page, 'Epoch').click();
  await eventually(() => person.epochShown(page)).toBe(epoch + 2);
  await person.runControl(page, 'Go on').waitFor();
});

test('a rate changed while the race runs counts from there, and is kept in the records', async () => {
  const { page } = used;
  await person.runControl(page, 'Go on').click();
  await person.lane(page, '0.01').getByRole('heading').click();
  const changedAt = await person.epochShown(page);
  await person.typeNumber(page, 'Learning rate', '0.02');
  await eventually(() => person.epochShown(page)).toBeGreaterThan(changedAt + 3);
  expect(await person.lanePanel(page).getByRole('textbox', { name: 'Learning rate' }).inputValue()).toBe('0.02');
});

test('a page loaded anew in mid-run shows the run from its first epoch', async () => {
  const { page } = used;
  const before = await person.epochShown(page);
  await page.reload();
  await eventually(() => person.epochShown(page)).toBeGreaterThan(before);
  expect(await person.runControl(page, 'Pause').isEnabled()).toBe(true);
  expect(await page.getByRole('article').count()).toBe(3);
  await page.getByRole('button', { name: 'Show as a table' }).first().click();
  await page.getByRole('row', { name: /^0 / }).first().waitFor();
  await page.keyboard.press('Escape');
});

test('stop ends the race and keeps what was reached', async () => {
  const { page } = used;
  await person.runControl(page, 'Stop').click();
  await eventually(() => person.runWords(page)).toMatch(/stopped · epoch \d+ of 2,000/);
  const [folder = ''] = experimentFolders();
  const rates = (lane: string): number[] => [...new Set(records(folder, lane).map((point) => point.learningRate))];
  expect(rates('lane-1')).toEqual([0.01, 0.02]);
  expect(rates('lane-2')).toEqual([0.1]);
});

test('"continue with this one" starts every lane from the weights of the chosen lane', async () => {
  const { page } = used;
  const [parent = ''] = experimentFolders();
  await person.typeNumber(page, 'Epochs', '5');
  await person.lane(page, '0.01').getByRole('heading').click();
  await person.lanePanel(page).getByText('Last', { exact: true }).click();
  await person.lanePanel(page).getByRole('button', { name: 'Continue with this one' }).click();
  await eventually(() => person.runWords(page)).toContain('finished · epoch 5 of 5');
  const child = experimentFolders().find((folder) => folder !== parent) ?? '';
  const reached = records(parent, 'lane-1').at(-1)?.validation.loss;
  const starts = ['lane-1', 'lane-2', 'lane-3'].map((lane) => records(child, lane)[0]?.validation.loss);
  expect(starts).toEqual([reached, reached, reached]);
});

test('a race is deleted only when the question is answered with yes', async () => {
  const { page } = used;
  await page.getByText('History (2)').click();
  const remove = page.getByRole('button', { name: 'Delete', exact: true });
  await remove.first().click();
  await page.getByText(/Delete this race\? Its 3 lanes, 5 epochs/).waitFor();
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await page.getByText(/Delete this race\?/).waitFor({ state: 'hidden' });
  expect(experimentFolders()).toHaveLength(2);

  await remove.first().click();
  await page.getByText(/Delete this race\? Its 3 lanes, 5 epochs/).waitFor();
  await page.locator('.n-popconfirm__action').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('History (1)').waitFor();
  await eventually(() => experimentFolders().length).toBe(1);
  await page.getByText('Settings', { exact: true }).click();
});

test('edits of the network are undone and redone, by keys and by the buttons that name them', async () => {
  const { page } = used;
  await person.goTo(page, 'Design');
  const layers = page.locator('.vue-flow__node');
  const count = await layers.count();
  await layers.nth(1).click();
  await page.keyboard.press('Delete');
  await eventually(() => layers.count()).toBe(count - 1);
  await page.keyboard.press('Control+z');
  await eventually(() => layers.count()).toBe(count);
  await page.keyboard.press('Control+Shift+z');
  await eventually(() => layers.count()).toBe(count - 1);
  await page.getByRole('button', { name: /^Undo: delete layers/ }).click();
  await eventually(() => layers.count()).toBe(count);
  await page.getByRole('button', { name: /^Redo: delete layers/ }).click();
  await eventually(() => layers.count()).toBe(count - 1);
  await page.getByRole('button', { name: /^Undo: delete layers/ }).click();
  await eventually(() => layers.count()).toBe(count);
  expect(used.lab.consoleErrors).toEqual([]);
});

/** Samples of the present epoch that were used, while paused. */
async function sampleShown(): Promise<number> {
  return Number(/sample (\d+) of/.exec(await person.runWords(used.page))?.[1] ?? 0);
}

/** Of the project "Small digits" in the home of this run. */
function experimentFolders(): string[] {
  const projects = join(used.lab.home, 'projects');
  return readdirSync(projects)
    .map((name) => join(projects, name, 'experiments'))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => join(folder, entry.name)),
    );
}

interface Point {
  learningRate: number;
  validation: { loss: number };
}

function records(experiment: string, lane: string): Point[] {
  const text = readFileSync(join(experiment, lane, 'metrics.jsonl'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Point);
}
