import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OpenProject } from '../../../shared/api/contract';
import type { InspectSummary } from '../../../shared/api/inspect';
import { emulatedCard } from '../support/emulated-card';
import { createExample, testLab, untilState, type TestLab } from '../support/lab';

const trainedOn = 'cuda:0 (Emulated card)';
let test: TestLab;
let project: OpenProject;
/** Process ids. */
let engines: number[];

beforeEach(async () => {
  vi.stubEnv('DELTALAB_CUDA', emulatedCard);
  engines = [];
  test = await testLab({ onLaunch: (pid) => engines.push(pid) });
  project = await createExample(test, 'iris', ({ training }) => {
    training.device = 'cuda:0';
    training.lanes = [{ learningRate: 0.05 }, { learningRate: 0.1 }];
    training.epochs = 20;
  });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await test.close();
});

const start = async (paused = false) => {
  const { id } = await test.lab.call('experiments.start', { project: project.id, paused });
  return { project: project.id, experiment: id };
};
const open = (experiment: string, lane: string, which: 'last' | 'initial' = 'last') =>
  test.lab.call('inspect.open', { project: project.id, source: { kind: 'lane', experiment, lane, which } });
const run = ({ inspection }: InspectSummary, index = 0) =>
  test.lab.call('inspect.run', { inspection, sample: { split: 'training', index } });

async function trained(): Promise<string> {
  const call = await start();
  await untilState(test, call, 'finished');
  return call.experiment;
}

/** What the engine process knows of its environment is what it was started with. */
async function restartEngine(variable: string, value: string): Promise<void> {
  vi.stubEnv(variable, value);
  // Those of the trainings have ended.
  const [pid = 0] = engines.filter(isAlive);
  process.kill(pid, 'SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, 200));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe.runIf(process.platform === 'linux')('a network that was trained on a card', () => {
  it('is inspected there, which leaves training as it is, byte for byte', async () => {
    const weights = (experiment: string, lane: string) =>
      readFileSync(join(project.path, 'experiments', experiment, lane, 'last.onnx'));
    const alone = await trained();
    const watched = await start(true);
    await untilState(test, watched, 'paused');
    await test.lab.call('experiments.step', { ...watched, unit: 'batch', count: 5 });
    await test.lab.call('experiments.resume', watched);
    for (const lane of ['lane-1', 'lane-2', 'lane-1']) {
      const summary = await open(watched.experiment, lane);
      const { inspection } = summary;
      expect((await run(summary)).computedOn).toEqual({
        device: trainedOn,
        precision: 'float32',
        trained: trainedOn,
        reason: null,
      });
      await test.lab.call('inspect.picture', { inspection });
      await test.lab.call('inspect.check', { inspection, scope: { kind: 'layer', layer: 1 } });
      await test.lab.call('inspect.whatIf', { inspection, from: 1e-3, to: 10 });
      const { nodes } = await test.lab.call('inspect.graph', { inspection });
      expect(new Set(nodes.map(({ device }) => device))).toEqual(new Set(['cuda:0']));
      await test.lab.call('inspect.close', { inspection });
    }
    await untilState(test, watched, 'finished');
    for (const lane of ['lane-1', 'lane-2'])
      expect(weights(watched.experiment, lane).equals(weights(alone, lane)), lane).toBe(true);
  });

  it('is evaluated there, and its samples are judged there', async () => {
    const experiment = await trained();
    const call = { project: project.id, experiment, lane: 'lane-1', which: 'last', split: 'training' } as const;
    const { computedOn, loss } = await test.lab.call('experiments.evaluate', call);
    expect(computedOn).toEqual({ device: trainedOn, precision: 'float32', trained: trainedOn, reason: null });
    const summary = await open(experiment, 'lane-1');
    const list = { inspection: summary.inspection, split: 'training', offset: 0, limit: 200 } as const;
    const { samples } = await test.lab.call('inspect.samples', list);
    expect(samples.reduce((sum, sample) => sum + sample.loss, 0) / samples.length).toBeCloseTo(loss, 6);
  });

  it.each([
    ['tf32', 'TF32'],
    ['bf16', 'bfloat16'],
  ] as const)('is inspected and evaluated in the precision of its run, %s', async (precision, named) => {
    project = await createExample(test, 'iris', ({ training }) => {
      Object.assign(training, { device: 'cuda:0', precision, epochs: 5 });
    });
    const call = await start();
    const [lane] = (await untilState(test, call, 'finished')).lanes;
    const device = `${trainedOn}, ${named}`;
    const evaluate = () =>
      test.lab.call('experiments.evaluate', { ...call, lane: 'lane-1', which: 'last', split: 'validation' });
    const there = { device, precision, trained: device, reason: null };
    expect((await run(await open(call.experiment, 'lane-1'))).computedOn).toEqual(there);
    const evaluated = await evaluate();
    expect(evaluated.computedOn).toEqual(there);
    // As training evaluated it there; the losses of single samples are float32 there, not here.
    const trainedTo = lane?.last?.validation?.loss ?? NaN;
    expect(Math.abs(evaluated.loss / trainedTo - 1)).toBeLessThan(1e-7);
    // A card that does not multiply so has taken its place.
    vi.stubEnv('DELTALAB_EMULATED_CAPABILITY', '75');
    await test.lab.call('devices.list', {});
    const here = {
      device: expect.stringMatching(/^cpu \(.*\), float32$/) as string,
      precision: 'float32',
      trained: device,
      reason: { code: 'device.precision', details: { precision, reason: 'card-too-old' } },
    };
    expect((await run(await open(call.experiment, 'lane-1'))).computedOn).toMatchObject(here);
    const elsewhere = await evaluate();
    expect(elsewhere.computedOn).toMatchObject(here);
    expect(Math.abs(elsewhere.loss / trainedTo - 1)).toBeGreaterThan(1e-6);
  });

  it('is computed on the processor where the card is gone, and says so', async () => {
    const experiment = await trained();
    const there = await run(await open(experiment, 'lane-1'));
    vi.stubEnv('DELTALAB_EMULATED_CARD', 'no-driver');
    await test.lab.call('devices.list', {});
    const { computedOn, loss } = await run(await open(experiment, 'lane-1'));
    expect(computedOn).toMatchObject({
      device: expect.stringMatching(/^cpu \(/) as string,
      trained: trainedOn,
      reason: { code: 'device.unavailable', details: { reason: 'no-driver' } },
    });
    expect(loss).toBeCloseTo(there.loss, 5);
  });

  it.each([
    ['DELTALAB_EMULATED_FAILURE', '1', 'device.failed'],
    ['DELTALAB_EMULATED_MEMORY', '0', 'device.memory'],
  ])('goes on upon the processor where the card fails meanwhile: %s', async (variable, value, code) => {
    const experiment = await trained();
    const summary = await open(experiment, 'lane-1');
    const there = await run(summary);
    expect(there.computedOn.device).toBe(trainedOn);
    await restartEngine(variable, value);
    // The run that the new process is told of fails; what is asked is answered all the same, and the next run says by whom.
    const place = { layer: 1, neuron: 0 };
    expect(await test.lab.call('inspect.neuron', { inspection: summary.inspection, place })).toMatchObject(place);
    const here = await run(summary);
    expect(here.computedOn).toMatchObject({
      device: expect.stringMatching(/^cpu \(/) as string,
      trained: trainedOn,
      reason: { code },
    });
    expect(here.loss).toBeCloseTo(there.loss, 5);
    const { nodes } = await test.lab.call('inspect.graph', { inspection: summary.inspection });
    expect(nodes[0]?.device).toBe('cpu');
  });
});
