import { expect, test } from 'vitest';
import * as person from './harness/actions';
import { engineProcesses } from './harness/processes';
import { eventually, useLab } from './harness/use-lab';

/** kill -9 of the engine process in mid-race: the page says so, calls that wait fail, and the run can be resumed. */
const used = useLab();
const epochs = 1000;

test('a killed engine is reported within 2 s with its cause, and the run resumes from its checkpoint to the end', async () => {
  const { lab, page } = used;
  await person.openExample(page, 'Small digits');
  await person.typeNumber(page, 'Epochs', String(epochs));
  await page.getByRole('button', { name: 'More settings' }).click();
  await person.typeNumber(page, 'Checkpoint every, epochs', '10');
  await person.slowDown(page);
  // Another engine process is there already: the one that evaluates and looks for devices.
  const others = new Set(engineProcesses(lab.processId));
  await person.runControl(page, 'Start').click();
  await eventually(() => person.epochShown(page)).toBeGreaterThan(150);
  const training = engineProcesses(lab.processId).filter((pid) => !others.has(pid));
  expect(training).toHaveLength(1);
  const [engine = 0] = training;

  // Held, so that the call made next is surely still waiting for its answer when the process dies.
  process.kill(engine, 'SIGSTOP');
  await person.runControl(page, 'Pause').click();
  const before = await person.epochShown(page);
  const killedAt = performance.now();
  process.kill(engine, 'SIGKILL');
  const alerts = page.getByRole('main').getByRole('alert');
  const banner = alerts.filter({ hasText: 'The run was interrupted' });
  await banner.waitFor();
  expect(performance.now() - killedAt).toBeLessThan(2000);

  const words = await banner.innerText();
  expect(words).toMatch(/The engine process ended \(signal SIGKILL\) while the experiment was running/);
  await alerts.filter({ hasText: /ended \(signal SIGKILL, while \w+\) before it answered "pause"/ }).waitFor();
  const checkpoint = Number(/Resume from epoch (\d+)/.exec(words)?.[1]);
  expect(checkpoint).toBeGreaterThan(0);
  expect(checkpoint).toBeLessThanOrEqual(before + 1);
  expect(await person.runWords(page)).toContain('interrupted');
  await lab.screenshot('engine-death');

  await page
    .getByRole('button', { name: /^Resume from epoch/ })
    .first()
    .click();
  await person.fullSpeed(page);
  await eventually(() => person.runWords(page), 60_000).toContain('finished · epoch 1,000 of 1,000');
  await banner.waitFor({ state: 'detached' });
  expect(engineProcesses(lab.processId)).not.toContain(engine);
  expect(lab.consoleErrors).toEqual([]);
});
