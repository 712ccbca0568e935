import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type {
  InspectRun,
  InspectSummary,
  LayerPicture,
  ListedSamples,
  NeuronView,
  WeightView,
} from '../../../shared/api/inspect';
import type { OpenProject } from '../../../shared/api/contract';
import { inspectSteps } from '../../../shared/inspect/stages';
import { createExample, testLab, untilState, type TestLab } from '../support/lab';

let test: TestLab;
let project: OpenProject;
/** Process ids, the newest last. */
const engines: number[] = [];
beforeAll(async () => {
  test = await testLab({ onLaunch: (pid) => engines.push(pid) });
  project = await createExample(test, 'iris', ({ training }) => {
    training.lanes = [{ learningRate: 0.05 }, { learningRate: 0.1 }];
    training.epochs = 60;
  });
});
afterAll(() => test.close());

const trained = (experiment: string, lane: string): Buffer =>
  readFileSync(join(project.path, 'experiments', experiment, lane, 'last.onnx'));

/** Edits, what-if, checks and every kind of look at a network, as a busy person would ask for them. */
async function lookAround(source: Parameters<typeof open>[0]): Promise<void> {
  const { inspection } = await open(source);
  const weights = [{ name: 'linear-1.weight', index: 0, value: 5 }];
  await test.lab.call('inspect.run', { inspection, sample: { split: 'training', index: 3, weights } });
  await test.lab.call('inspect.picture', { inspection });
  await test.lab.call('inspect.neuron', { inspection, place: { layer: 1, neuron: 0 } });
  await test.lab.call('inspect.check', { inspection, scope: { kind: 'network' } });
  await test.lab.call('inspect.whatIf', { inspection, from: 1e-3, to: 10 });
  await test.lab.call('inspect.close', { inspection });
}

const open = (
  source: { kind: 'lane'; experiment: string; lane: string; which: 'last' | 'initial' } | { kind: 'design' },
) => test.lab.call('inspect.open', { project: project.id, source });

it('leaves training as it is: with and without inspecting, the weights are equal byte for byte', async () => {
  const { id: alone } = await test.lab.call('experiments.start', { project: project.id });
  await untilState(test, { project: project.id, experiment: alone }, 'finished');

  const { id: watched } = await test.lab.call('experiments.start', { project: project.id, paused: true });
  const call = { project: project.id, experiment: watched };
  await untilState(test, call, 'paused');
  await test.lab.call('experiments.step', { ...call, unit: 'batch', count: 5 });
  await lookAround({ kind: 'lane', experiment: watched, lane: 'lane-1', which: 'last' });
  await test.lab.call('experiments.resume', call);
  for (let turn = 0; turn < 3; turn++)
    await lookAround({ kind: 'lane', experiment: watched, lane: 'lane-2', which: 'last' });
  await untilState(test, call, 'finished');

  for (const lane of ['lane-1', 'lane-2']) expect(trained(watched, lane).equals(trained(alone, lane)), lane).toBe(true);
});

interface Shown {
  run: InspectRun;
  pictures: LayerPicture[];
  neuron: NeuronView;
  weight: WeightView;
}

async function shown({ inspection }: InspectSummary): Promise<Shown> {
  return {
    run: await test.lab.call('inspect.run', { inspection, sample: { split: 'training', index: 0 } }),
    pictures: await test.lab.call('inspect.picture', { inspection }),
    neuron: await test.lab.call('inspect.neuron', { inspection, place: { layer: 1, neuron: 2 } }),
    weight: await test.lab.call('inspect.weight', { inspection, weight: { name: 'linear-1.weight', index: 2 } }),
  };
}

it('shows the same numbers again, bit for bit, after going on, editing and coming back', async () => {
  const summary = await open({ kind: 'design' });
  const before = await shown(summary);
  // Stages are views of one run: stepping asks nothing of the host, so what an edit and its undoing leave is what a step back shows.
  expect(inspectSteps(summary.layers).map(({ stage }) => stage)).toEqual([
    'outputs',
    'output-deltas',
    'hidden-deltas',
    'corrections',
    'new-weights',
  ]);
  const { inspection } = summary;
  const weights = [{ name: 'linear-1.weight', index: 2, value: -4 }];
  const edited = await test.lab.call('inspect.run', { inspection, sample: { split: 'training', index: 0, weights } });
  expect(edited.loss).not.toBe(before.run.loss);
  await test.lab.call('inspect.whatIf', { inspection, from: 1e-3, to: 10 });
  await test.lab.call('inspect.check', { inspection, scope: { kind: 'layer', layer: 1 } });
  expect(await shown(summary)).toEqual(before);
  await test.lab.call('inspect.close', { inspection });
});

it('sets a target by hand and refuses one of another size', async () => {
  const { inspection } = await open({ kind: 'design' });
  const run = (target: number) =>
    test.lab.call('inspect.run', { inspection, sample: { split: 'training', index: 0, target } });
  expect((await run(2)).target).toEqual([0, 0, 1]);
  await expect(run(3)).rejects.toMatchObject({ code: 'inspect.target-size' });
  await test.lab.call('inspect.close', { inspection });
});

it('lists samples with the answers of the network: as they are, wrong ones only, the largest error first', async () => {
  const { inspection } = await open({ kind: 'design' });
  const list = (wanted: Partial<ListedSamples>) =>
    test.lab.call('inspect.samples', { inspection, split: 'training', offset: 0, limit: 200, ...wanted });
  const all = await list({});
  expect(all.total).toBe(120);
  expect(all.columns).toEqual(['sepal_length', 'sepal_width', 'petal_length', 'petal_width', 'species']);
  for (const { index, row, loss, cells, desired } of all.samples.slice(0, 3)) {
    const run = await test.lab.call('inspect.run', { inspection, sample: { split: 'training', index } });
    expect(loss).toBeCloseTo(run.loss, 6);
    expect(run.row).toBe(row);
    const page = await test.lab.call('data.rows', { project: project.id, offset: row, limit: 1 });
    expect(cells).toEqual(page.rows[0]);
    expect(cells.at(-1)).toBe(['setosa', 'versicolor', 'virginica'][desired[0] ?? -1]);
  }
  const wrong = all.samples.filter(({ right }) => right === false);
  expect(wrong.length).toBeGreaterThan(0);
  expect((await list({ only: 'wrong' })).samples).toEqual(wrong);
  const sorted = all.samples.toSorted((a, b) => b.loss - a.loss);
  expect((await list({ sort: 'loss' })).samples).toEqual(sorted);
  expect((await list({ sort: 'loss', offset: 5, limit: 3 })).samples).toEqual(sorted.slice(5, 8));
  expect(await list({ split: 'test' })).toMatchObject({ total: 0, samples: [] });
  await test.lab.call('inspect.close', { inspection });
});

it('answers all the same when the engine process is killed over a question, and between two', async () => {
  const summary = await open({ kind: 'design' });
  const before = await shown(summary);
  // Those of the trainings have ended.
  const alive = () => engines.filter(isAlive);
  const [first = 0, ...others] = alive();
  expect(others).toEqual([]);
  process.kill(first, 'SIGSTOP');
  const pending = shown(summary);
  await pause(200);
  process.kill(first, 'SIGKILL');
  expect(await pending).toEqual(before);
  const [second = 0] = alive();
  expect(second).not.toBe(first);
  process.kill(second, 'SIGKILL');
  await pause(200);
  const { inspection } = summary;
  expect(await test.lab.call('inspect.neuron', { inspection, place: { layer: 1, neuron: 2 } })).toEqual(before.neuron);
  await test.lab.call('inspect.close', { inspection });
});

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
