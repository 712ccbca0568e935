import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deltalab, type Line } from '../support/cli';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'deltalab-cli-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const run = (...args: string[]) => deltalab(args, { home });
const ended = (lines: Line[]) => lines.filter(({ event }) => event === 'finished');
const model = (project: string, experiment: string, lane: string) =>
  readFileSync(join(project, 'experiments', experiment, lane, 'last.onnx'));

async function example(name: string, folder: string): Promise<string> {
  const project = join(home, folder);
  expect(await run('new', project, '--example', name)).toMatchObject({ code: 0, err: '' });
  return project;
}

describe('the linear regression of the lecture (L8)', () => {
  it('gives its figures to the printed digits', async () => {
    const project = await example('lecture-regression', 'r');
    const trained = await run('train', project, '--json');
    expect(trained).toMatchObject({ code: 0, err: '' });
    const lines = trained.lines();
    expect(lines[0]).toMatchObject({ event: 'started', lane: 'lane-1', learningRate: 0.1 });
    expect(lines.filter(({ event }) => event === 'epoch')).toHaveLength(1001);
    const [last] = ended(lines) as unknown as {
      status: string;
      epoch: number;
      train: { loss: number };
      validation: { loss: number };
      initial: Record<string, number[]>;
      final: Record<string, number[]>;
      models: { last: string; best: string };
    }[];
    const printed = (value: number | undefined) => value?.toFixed(4);
    expect(last).toMatchObject({ status: 'finished', epoch: 1000 });
    expect(printed(last?.initial['linear.bias']?.[0])).toBe('0.3367');
    expect(printed(last?.initial['linear.weight']?.[0])).toBe('0.1288');
    expect(printed(last?.final['linear.bias']?.[0])).toBe('1.0422');
    expect(printed(last?.final['linear.weight']?.[0])).toBe('1.9991');
    expect(printed(last?.train.loss)).toBe('0.0007');
    expect(printed(last?.validation.loss)).toBe('0.0005');
    expect(existsSync(last!.models.last) && existsSync(last!.models.best)).toBe(true);
  });
});

describe('determinism', () => {
  let project: string;
  beforeAll(async () => {
    project = await example('digits', 'd');
  });

  it('gives the same bytes with one thread and with two', async () => {
    const options = ['--lr', '0.1', '--epochs', '5', '--json'];
    expect((await run('train', project, ...options, '--threads', '1')).code).toBe(0);
    expect((await run('train', project, ...options, '--threads', '2')).code).toBe(0);
    expect(model(project, '001', 'lane-1')).toEqual(model(project, '002', 'lane-1'));
    // Another seed gives others, so that the comparison can fail.
    expect((await run('train', project, ...options, '--seed', '43')).code).toBe(0);
    expect(model(project, '003', 'lane-1')).not.toEqual(model(project, '001', 'lane-1'));
  });

  it('gives a lane of an eight-lane race the bytes of its lone run', async () => {
    const rates = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 100];
    const race = await run('train', project, '--lr', rates.join(','), '--epochs', '5', '--json');
    expect(race.code).toBe(0);
    expect(ended(race.lines()).map(({ status }) => status)).toEqual([
      ...rates.slice(1).map(() => 'finished'),
      'diverged',
    ]);
    expect(race.lines().find(({ event }) => event === 'diverged')).toMatchObject({ lane: 'lane-8', learningRate: 100 });
    // The fifth lane is the lone run of the test before.
    expect(model(project, '004', 'lane-5')).toEqual(model(project, '001', 'lane-1'));
    expect((await run('train', project, '--lr', '1', '--epochs', '5')).code).toBe(0);
    expect(model(project, '004', 'lane-7')).toEqual(model(project, '005', 'lane-1'));
  });
});

describe('Ctrl+C', () => {
  it('stops with a checkpoint and exit code 3; resume goes on to the bytes of a run in one go', async () => {
    const project = await example('digits', 'i');
    const options = ['--lr', '0.05', '--epochs', '400', '--set', 'training.batchSize=1', '--json'];
    expect((await run('train', project, ...options)).code).toBe(0);
    let sent = false;
    const stopped = await deltalab(['train', project, ...options], {
      home,
      onOutput: (out, kill) => {
        if (sent || !out.includes('"epoch":2,')) return;
        sent = true;
        kill('SIGINT');
      },
    });
    expect(stopped.code).toBe(3);
    const [end] = ended(stopped.lines());
    expect(end).toMatchObject({ status: 'stopped' });
    expect(end?.epoch).toBeLessThan(400);
    const resumed = await run('resume', project, '002', '--json');
    expect(resumed.code).toBe(0);
    expect(ended(resumed.lines())[0]).toMatchObject({ status: 'finished', epoch: 400 });
    expect(model(project, '002', 'lane-1')).toEqual(model(project, '001', 'lane-1'));
    const again = await run('resume', project, '002');
    expect(again).toMatchObject({ code: 1, out: '' });
    expect(again.err).toContain('002');
  });
});

describe('a reader that leaves early', () => {
  it('(`train --json | head`) ends training in good order: saved, quietly, with exit code 3', async () => {
    const project = await example('digits', 'pipe');
    let left = false;
    const ended = await deltalab(['train', project, '--epochs', '100000', '--json'], {
      home,
      onOutput: (out, _kill, hangUp) => {
        if (left || !out.includes('"epoch":2,')) return;
        left = true;
        hangUp();
      },
    });
    expect(ended).toMatchObject({ code: 3, err: '' });
    const status = JSON.parse(readFileSync(join(project, 'experiments/001/status.json'), 'utf8')) as object;
    expect(status).toMatchObject({ state: 'stopped', error: null });
    expect(existsSync(join(project, 'experiments/001/lane-1/last.onnx'))).toBe(true);
  });
});

describe('MNIST', () => {
  it('reaches 0.94 on the thousand images kept back, in ten epochs', async () => {
    const project = await example('mnist', 'm');
    const trained = await run('train', project, '--lr', '0.1', '--json');
    expect(trained.code).toBe(0);
    const [last] = ended(trained.lines()) as unknown as { epoch: number; validation: { accuracy: number } }[];
    expect(last?.epoch).toBe(10);
    expect(last?.validation.accuracy).toBeGreaterThanOrEqual(0.94);
    const judged = await run('evaluate', project, '--split', 'validation', '--json');
    const [evaluation] = judged.lines() as unknown as { count: number; metrics: { accuracy: number } }[];
    expect(evaluation?.count).toBe(1000);
    expect(evaluation?.metrics.accuracy).toBeGreaterThanOrEqual(0.94);
  }, 120_000);
});

describe('wrong usage', () => {
  it.each([
    {
      name: 'an unknown setting, with the nearest names',
      args: ['--set', 'training.epoch=5'],
      says: 'training.epochs',
    },
    { name: 'a value of the wrong kind', args: ['--set', 'training.epochs=many'], says: 'training.epochs' },
    { name: 'a rate that is none', args: ['--lr', '0.1,fast'], says: '--lr' },
    { name: 'an unknown option', args: ['--speed', '3'], says: '--speed' },
    { name: 'a device that is none', args: ['--device', 'tpu'], says: 'training.device' },
  ])('exits with 2 on $name', async ({ args, says }) => {
    const project = join(home, 'usage');
    if (!existsSync(project)) await example('xor', 'usage');
    const refused = await run('train', project, ...args, '--json');
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err).toContain(says);
    expect(existsSync(join(project, 'experiments'))).toBe(false);
  });

  it('exits with 1 where the project is missing, in the language of the system', async () => {
    const refused = await deltalab(['train', join(home, 'nowhere')], { home, env: { LANG: 'ru_RU.UTF-8' } });
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toContain('нет проекта');
  });

  it('names a file that is missing in the language of the system, and no defect', async () => {
    const missing = join(home, 'no.onnx');
    const refused = await deltalab(['predict', missing, join(home, 'no.csv')], { home, env: { LANG: 'ru_RU.UTF-8' } });
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toContain(`Не удалось прочитать или записать ${missing}: такого файла или папки нет.`);
  });

  it('exits with 1 on a GPU this build cannot use', async () => {
    const project = await example('xor', 'gpu');
    const refused = await run('train', project, '--device', 'cuda:0');
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.err).toContain('cuda:0');
  });

  it('leaves nothing behind when a new project could not be set up', async () => {
    const project = join(home, 'half');
    expect(await run('new', project, '--example', 'xor', '--set', 'data.nois=1')).toMatchObject({ code: 2 });
    expect(existsSync(project)).toBe(false);
  });
});
