import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { errorMessage } from '../../../shared/errors';
import type { TrainingSettings } from '../../../shared/training/settings';
import { deltalab } from '../support/cli';
import { emulatedCard } from '../support/emulated-card';
import { createExample, testLab, untilState, type TestLab } from '../support/lab';

/** The precision of a run, from the settings to where the result is shown. */
describe.runIf(process.platform === 'linux')('the precision of products', () => {
  let test: TestLab;
  beforeEach(async () => {
    vi.stubEnv('DELTALAB_CUDA', emulatedCard);
    test = await testLab();
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await test.close();
  });

  const start = async (training: Partial<TrainingSettings>) => {
    const { id, path } = await createExample(test, 'iris', (document) => {
      document.training = { ...document.training, epochs: 3, ...training };
    });
    const { id: experiment } = await test.lab.call('experiments.start', { project: id });
    return { run: { project: id, experiment }, file: join(path, 'experiments', experiment, 'experiment.json') };
  };

  it('is named with the device, in files too, and kept when the run is resumed', async () => {
    vi.stubEnv('DELTALAB_EMULATED_FAILURE', '120');
    const { run, file } = await start({
      device: 'cuda:0',
      precision: 'tf32',
      batch: 'full',
      epochs: 30,
      checkpointEvery: 1,
    });
    await untilState(test, run, 'interrupted');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      device: 'cuda:0 (Emulated card), TF32',
      precision: 'tf32',
      settings: { precision: 'tf32' },
    });
    vi.stubEnv('DELTALAB_EMULATED_FAILURE', '0');
    // A state of TF32 is no state of another precision: going on to the end is going on in TF32.
    await test.lab.call('experiments.resume', run);
    const done = await untilState(test, run, 'finished');
    expect(done).toMatchObject({ device: 'cuda:0 (Emulated card), TF32', precision: 'tf32' });
    // A card that has no TF32 is not what it goes on upon.
    vi.stubEnv('DELTALAB_EMULATED_CAPABILITY', '75');
    await test.lab.call('devices.list', {});
    await expect(start({ device: 'cuda', precision: 'tf32' })).rejects.toMatchObject({
      code: 'device.precision',
      details: { device: 'cuda:0', precision: 'tf32', reason: 'card-too-old', capability: '7.5', needed: '8.0' },
    });
  }, 120_000);

  it('is float32 where automatic comes to the processor, which says so', async () => {
    const { run } = await start({ device: 'auto', precision: 'bf16' });
    const done = await untilState(test, run, 'finished');
    expect(done.device).toMatch(/^cpu \(.*\), float32$/);
    expect(done.precision).toBe('float32');
    const call = { ...run, lane: 'lane-1', which: 'last', split: 'validation' } as const;
    const { computedOn } = await test.lab.call('experiments.evaluate', call);
    expect(computedOn).toEqual({ device: done.device, precision: 'float32', trained: done.device, reason: null });
  });

  it('is refused on the processor, in words', async () => {
    const error: unknown = await start({ device: 'cpu', precision: 'bf16' }).catch((cause: unknown) => cause);
    const details = { device: 'cpu', precision: 'bf16', reason: 'processor' };
    expect(error).toMatchObject({ code: 'device.precision', details });
    expect((error as Error).message).toContain('"cpu" does not multiply in bfloat16: processors compute in float32');
    expect(errorMessage({ code: 'device.precision', details }, 'ru')).toContain('процессор считает во «float32»');
  });

  it('is there for the command line', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'deltalab-precision-'));
    const home = join(folder, 'home');
    const project = join(folder, 'xor');
    await deltalab(['new', project, '--example', 'xor', '--set', 'training.epochs=2'], { home });
    const set = ['--set', 'training.precision=tf32'];
    const human = await deltalab(['train', project, '--device', 'cuda', ...set], { home });
    expect(human).toMatchObject({ code: 0 });
    expect(human.out).toContain('cuda:0 (Emulated card), TF32');
    const told = (await deltalab(['train', project, '--device', 'cuda', ...set, '--json'], { home })).lines();
    expect(told.filter((line) => line.device === 'cuda:0 (Emulated card), TF32').map(({ event }) => event)).toEqual(
      expect.arrayContaining(['started', 'finished']),
    );
    const file = join(folder, 'xor.onnx');
    const written = await deltalab(['export', project, '--to', 'onnx', '-o', file], { home });
    expect(written).toMatchObject({ code: 0 });
    expect(written.out).toMatch(/largest difference from the engine in float32 \d/);
    expect(written.out).toContain('The lane was trained in TF32');
    const judged = await deltalab(['evaluate', project, '--split', 'training'], { home });
    expect(judged.out).toContain('computed on cuda:0 (Emulated card), TF32');
    const refused = await deltalab(['train', project, '--device', 'cpu', ...set], { home });
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.err).toContain('processors compute in float32');
    rmSync(folder, { recursive: true, force: true });
  }, 180_000);
});
