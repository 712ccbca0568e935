import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { errorMessage } from '../../../shared/errors';
import type { TrainingSettings } from '../../../shared/training/settings';
import { deltalab } from '../support/cli';
import { emulatedCard } from '../support/emulated-card';
import { createExample, testLab, untilState, type TestLab } from '../support/lab';

/** A card whose memory another program takes while a training runs on it. */
describe.runIf(process.platform === 'linux')('a graphics card that runs out of memory', () => {
  let test: TestLab;
  let folder: string;
  /** As long as this file is there nothing of the card's memory is free. */
  let taken: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'deltalab-card-memory-'));
    taken = join(folder, 'taken');
    vi.stubEnv('DELTALAB_CUDA', emulatedCard);
    vi.stubEnv('DELTALAB_EMULATED_TAKEN', taken);
    test = await testLab();
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await test.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const create = (training: Partial<TrainingSettings> = {}) =>
    createExample(test, 'iris', (document) => {
      const lanes = [{ learningRate: 0.01 }, { learningRate: 0.05 }];
      document.training = { ...document.training, device: 'cuda:0', batch: 'full', epochs: 30, lanes, ...training };
    });
  /** A run that has come to its 10th epoch, where it was saved, and then finds no memory. */
  const startAndFail = async (training?: Partial<TrainingSettings>) => {
    const { id, path } = await create(training);
    const { id: experiment } = await test.lab.call('experiments.start', { project: id, paused: true });
    const run = { project: id, experiment };
    await untilState(test, run, 'paused');
    await test.lab.call('experiments.step', { ...run, unit: 'epoch', count: 10 });
    await expect.poll(async () => (await test.lab.call('experiments.get', run)).checkpointEpoch).toBe(10);
    writeFileSync(taken, '');
    await test.lab.call('experiments.resume', run);
    return { run, failed: await untilState(test, run, 'failed'), folder: join(path, 'experiments', experiment) };
  };
  const losses = async (run: { project: string; experiment: string }) =>
    (await test.lab.call('experiments.series', { ...run, lane: 'lane-2', from: 0 })).map(
      ({ training }) => training.loss,
    );
  const reference = async (training?: Partial<TrainingSettings>) => {
    const { id } = await create(training);
    const run = { project: id, experiment: (await test.lab.call('experiments.start', { project: id })).id };
    await untilState(test, run, 'finished');
    return losses(run);
  };

  it('ends the run with figures, keeps its checkpoint, and lets it go on upon the processor', async () => {
    const wanted = await reference();
    const { run, failed } = await startAndFail();
    const details = { device: 'cuda:0', free: 0, total: 1024, reason: 'memory-refused', call: 'kernel' };
    expect(failed).toMatchObject({ checkpointEpoch: 10, error: { code: 'device.memory', details } });
    expect(failed.error!.message).toMatch(
      /^The graphics card cuda:0 has 0 MB free of 1024 MB, and its driver got no more/,
    );
    expect(errorMessage(failed.error!, 'ru')).toMatch(
      /^На видеокарте cuda:0 свободно 0 МБ из 1024 МБ, и больше драйвер/,
    );
    // What it had come to is there to be looked at, and exported.
    const lane = { ...run, lane: 'lane-2' };
    expect((await test.lab.call('experiments.evaluate', { ...lane, which: 'last' })).loss).toBeGreaterThan(0);
    const exported = await test.lab.call('models.export', { ...lane, path: join(folder, 'model.onnx') });
    expect(exported.verification.rows).toBeGreaterThan(0);

    await test.lab.call('experiments.resume', { ...run, device: 'cpu' });
    const done = await untilState(test, run, 'finished');
    expect(done.error).toBeNull();
    expect(done.device).toMatch(/^cuda:0 \(Emulated card\) → cpu \(\w+\)$/);
    const got = await losses(run);
    expect(got).toHaveLength(wanted.length);
    expect(got.slice(0, 11)).toEqual(wanted.slice(0, 11));
    got.forEach((loss, epoch) => expect(loss).toBeCloseTo(wanted[epoch]!, 4));
    // The processor it was trained on last answers for it.
    const evaluation = await test.lab.call('experiments.evaluate', lane);
    expect(evaluation.computedOn).toMatchObject({ device: evaluation.computedOn.trained, reason: null });
    expect(evaluation.computedOn.device).toMatch(/^cpu/);
  }, 120_000);

  it('goes on upon the same card once there is memory again, to the same bits', async () => {
    const wanted = await reference();
    const { run } = await startAndFail();
    await expect(test.lab.call('experiments.resume', run)).rejects.toMatchObject({
      code: 'device.memory',
      details: { device: 'cuda:0', free: 0, reason: 'memory-needed' },
    });
    expect(await test.lab.call('experiments.get', run)).toMatchObject({ state: 'failed', checkpointEpoch: 10 });
    rmSync(taken);
    await test.lab.call('experiments.resume', run);
    expect((await untilState(test, run, 'finished')).device).toBe('cuda:0 (Emulated card)');
    expect(await losses(run)).toEqual(wanted);
  }, 120_000);

  it('goes on upon another card, and after another end there, too', async () => {
    vi.stubEnv('DELTALAB_EMULATED_CARDS', '2');
    const wanted = await reference();
    const { run, folder: files } = await startAndFail();
    rmSync(taken);
    await test.lab.call('experiments.resume', { ...run, device: 'cuda:1' });
    expect((await untilState(test, run, 'finished')).device).toBe('cuda:0 (Emulated card) → cuda:1 (Emulated card)');
    expect(await losses(run)).toEqual(wanted);
    expect(JSON.parse(readFileSync(join(files, 'status.json'), 'utf8'))).toMatchObject({
      movedTo: ['cuda:1 (Emulated card)'],
    });
    await expect(test.lab.call('experiments.resume', { ...run, device: 'cpu' })).rejects.toMatchObject({
      code: 'experiment.not-resumable',
    });
  }, 120_000);

  it('is not left for a processor that would compute in another precision', async () => {
    const { run } = await startAndFail({ precision: 'tf32' });
    for (const device of ['cpu', 'auto'])
      await expect(test.lab.call('experiments.resume', { ...run, device })).rejects.toMatchObject({
        code: 'device.precision',
        details: { device: 'cpu', precision: 'tf32', reason: 'processor' },
      });
    expect(await test.lab.call('experiments.get', run)).toMatchObject({ state: 'failed', checkpointEpoch: 10 });
  }, 120_000);

  it('is told by the command line, which says how to go on, and does', async () => {
    const home = join(folder, 'home');
    const project = join(folder, 'iris');
    await deltalab(['new', project, '--example', 'iris'], { home });
    const options = ['--device', 'cuda:0', '--epochs', '2000', '--set', 'training.checkpointEvery=1'];
    const failed = await deltalab(['train', project, ...options], {
      home,
      onOutput: (out) => {
        if (out.includes('epoch')) writeFileSync(taken, '');
      },
    });
    expect(failed.code).toBe(1);
    expect(failed.err).toContain('The graphics card cuda:0 has 0 MB free of 1024 MB');
    expect(failed.out).toMatch(/Go on from epoch \d+ with: deltalab resume <project> 001/);
    const resumed = await deltalab(['resume', project, '001', '--device', 'cpu', '--json'], { home });
    expect(resumed).toMatchObject({ code: 0, err: '' });
    expect(resumed.lines().at(-1)).toMatchObject({
      event: 'finished',
      status: 'finished',
      device: expect.stringMatching(/^cuda:0 \(Emulated card\) → cpu/) as string,
    });
    expect(await deltalab(['resume', project, '001', '--device', 'gpu'], { home })).toMatchObject({ code: 2 });
  }, 120_000);
});
