import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenProject } from '../../../shared/api/contract';
import { nextExperimentId } from '../../../src-main/lab/experiment-files';
import { createExample, testLab, untilState, waitFor, type TestLab } from '../support/lab';

let test: TestLab;
beforeAll(async () => {
  test = await testLab();
});
afterAll(() => test.close());

const stepsPerEpoch = 8; // iris: 120 training samples in batches of 16

describe('stepping', () => {
  let project: OpenProject;
  let id: string;
  beforeAll(async () => {
    project = await createExample(test, 'iris', ({ training }) => {
      training.lanes = [{ learningRate: 0.01 }, { learningRate: 0.1 }];
      training.epochs = 5;
    });
  });

  it('starts paused at step 0, with the losses before training', async () => {
    ({ id } = await test.lab.call('experiments.start', { project: project.id, paused: true }));
    const summary = await untilState(test, { project: project.id, experiment: id }, 'paused');
    expect(summary).toMatchObject({ step: 0, epoch: 0, loss: 'cross-entropy', metrics: ['accuracy'] });
    const series = await test.lab.call('experiments.series', { project: project.id, experiment: id, lane: 'lane-1' });
    expect(series).toHaveLength(1);
    expect(series[0]).toMatchObject({ epoch: 0, step: 0 });
    expect(series[0]?.training.loss).toBeGreaterThan(0.5);
  });

  it('steps by batch and by epoch, and stands still again', async () => {
    const call = { project: project.id, experiment: id };
    await test.lab.call('experiments.step', { ...call, unit: 'batch', count: 3 });
    await waitFor(test, 'experiment.progress', ({ project: of, experiment, state, step }) => {
      return of === project.id && experiment === id && state === 'paused' && step === 3;
    });
    await test.lab.call('experiments.step', { ...call, unit: 'epoch' });
    const { payload } = await waitFor(test, 'experiment.progress', ({ project: of, experiment, state, epoch }) => {
      return of === project.id && experiment === id && state === 'paused' && epoch === 1;
    });
    expect(payload).toMatchObject({ step: stepsPerEpoch, sampleInEpoch: 0, samplesPerEpoch: 120 });
  });

  it('refuses a step by sample outside online mode', async () => {
    const call = { project: project.id, experiment: id, unit: 'sample' as const };
    await expect(test.lab.call('experiments.step', call)).rejects.toMatchObject({ code: 'experiment.sample-step' });
  });

  it('changes a learning rate, and records it with the epochs that follow', async () => {
    const call = { project: project.id, experiment: id };
    await test.lab.call('experiments.setLearningRate', { ...call, lane: 'lane-2', learningRate: 0.25 });
    await test.lab.call('experiments.resume', call);
    const summary = await untilState(test, { project: project.id, experiment: id }, 'finished');
    expect(summary.lanes.map((lane) => lane.learningRate)).toEqual([0.01, 0.25]);
    const series = await test.lab.call('experiments.series', { ...call, lane: 'lane-2' });
    expect(series.map((point) => point.epoch)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(series.map((point) => point.learningRate)).toEqual([0.1, 0.1, 0.25, 0.25, 0.25, 0.25]);
  });

  it('stepping and pausing gave the weights of a run in one go', async () => {
    const document = structuredClone(project.document);
    document.training.lanes = [{ learningRate: 0.01 }];
    const whole = await test.lab.call('experiments.start', { project: project.id, document });
    await untilState(test, { project: project.id, experiment: whole.id }, 'finished');
    const model = (experiment: string) =>
      readFileSync(join(project.path, 'experiments', experiment, 'lane-1/last.onnx'));
    expect(model(whole.id)).toEqual(model(id));
  });
});

describe('an experiment under way', () => {
  let project: OpenProject;
  let call: { project: string; experiment: string };
  beforeAll(async () => {
    project = await createExample(test, 'two-spirals', ({ training }) => (training.epochs = 1_000_000));
    const { id } = await test.lab.call('experiments.start', { project: project.id });
    call = { project: project.id, experiment: id };
    await untilState(test, { project: project.id, experiment: id }, 'running');
  });

  it('refuses a second start in words', async () => {
    await expect(test.lab.call('experiments.start', { project: project.id })).rejects.toMatchObject({
      code: 'experiment.already-running',
      details: { experiment: call.experiment, state: 'running' },
    });
  });

  it('shows a decision map of the weights of this moment', async () => {
    const view = await test.lab.call('experiments.view', { ...call, lanes: ['lane-1', 'lane-3'] });
    if (view?.kind !== 'map') throw new Error(`expected a map, got ${view?.kind}`);
    expect(view.lanes.map((lane) => lane.id)).toEqual(['lane-1', 'lane-3']);
    expect(view.lanes[0]?.cells).toHaveLength(view.resolution ** 2);
    expect(view.classes).toHaveLength(2);
    const shown = new Set(view.lanes[1]?.cells.map((cell) => cell >> 8));
    expect([...shown].every((index) => index === 0 || index === 1)).toBe(true);
  });

  it('sends at most 20 messages a second, and every epoch once', async () => {
    const from = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const seconds = (Date.now() - from) / 1000;
    const progress = test.events.filter(({ event, at }) => event === 'experiment.progress' && at >= from);
    expect(progress.length).toBeGreaterThan(5);
    expect(progress.length / seconds).toBeLessThanOrEqual(21);
  });

  it('slows down to a given speed', async () => {
    await test.lab.call('experiments.setSpeed', { ...call, epochsPerSecond: 10 });
    // A page that is loaded anew shows it again.
    expect(await test.lab.call('experiments.get', call)).toMatchObject({ epochsPerSecond: 10 });
    const at = async () => (await test.lab.call('experiments.get', call)).epoch;
    await new Promise((resolve) => setTimeout(resolve, 300));
    const before = await at();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const epochs = (await at()) - before;
    expect(epochs).toBeGreaterThanOrEqual(14);
    expect(epochs).toBeLessThanOrEqual(26);
    await test.lab.call('experiments.setSpeed', { ...call, epochsPerSecond: null });
  });

  it('pauses, keeps a note, stops with a checkpoint, and can be taken up again', async () => {
    await test.lab.call('experiments.pause', call);
    const paused = await test.lab.call('experiments.get', call);
    expect(paused.state).toBe('paused');
    expect(paused.checkpointEpoch).toBe(paused.epoch);
    await test.lab.call('experiments.setNote', { ...call, note: 'spirals, первая попытка' });
    await test.lab.call('experiments.stop', call);
    const stopped = await test.lab.call('experiments.get', call);
    expect(stopped).toMatchObject({ state: 'stopped', note: 'spirals, первая попытка', epoch: paused.epoch });
    await test.lab.call('experiments.resume', call);
    await waitFor(test, 'experiment.progress', ({ project: of, experiment, epoch }) => {
      return of === project.id && experiment === call.experiment && epoch > paused.epoch;
    });
    await test.lab.call('experiments.stop', call);
    const points = await test.lab.call('experiments.series', { ...call, lane: 'lane-1' });
    expect(points.map((point) => point.epoch)).toEqual([...new Set(points.map((point) => point.epoch))]);
  });

  it('continues with one lane: all lanes start from its weights', async () => {
    const next = await test.lab.call('experiments.continueWith', { ...call, lane: 'lane-2', paused: true });
    await untilState(test, { project: project.id, experiment: next.id }, 'paused');
    const weights = (path: string) => readFileSync(join(project.path, 'experiments', path));
    const source = weights(`${call.experiment}/lane-2/last.onnx`);
    expect(weights(`${next.id}/initial.onnx`)).toEqual(source);
    expect(weights(`${next.id}/lane-1/last.onnx`)).toEqual(source);
    expect(weights(`${next.id}/lane-3/last.onnx`)).toEqual(source);
  });

  it('is deleted while it stands still, files and all', async () => {
    const [, second] = await test.lab.call('experiments.list', { project: project.id });
    await test.lab.call('experiments.remove', { project: project.id, experiment: second!.id });
    expect(existsSync(join(project.path, 'experiments', second!.id))).toBe(false);
    expect(await nextExperimentId(project.path)).toBe('003');
    expect((await test.lab.call('experiments.list', { project: project.id })).map(({ id }) => id)).toEqual([
      call.experiment,
    ]);
  });
});

describe('what comes out', () => {
  it('evaluates, shows samples and exports; the file is checked on the validation rows', async () => {
    const project = await createExample(test, 'iris', ({ training }) => (training.lanes = [{ learningRate: 0.1 }]));
    const { id } = await test.lab.call('experiments.start', { project: project.id });
    const done = await untilState(test, { project: project.id, experiment: id }, 'finished');
    const call = { project: project.id, experiment: id, lane: 'lane-1' };

    const evaluation = await test.lab.call('experiments.evaluate', { ...call, which: 'last' });
    const { validation } = done.lanes[0]!.last!;
    expect(evaluation.count).toBe(30);
    expect(evaluation.loss).toBeCloseTo(validation!.loss, 5);
    expect(evaluation.metrics.accuracy).toBeCloseTo(validation!.metrics.accuracy!, 10);
    expect(evaluation.confusion?.counts.flat().reduce((sum, count) => sum + count, 0)).toBe(30);

    const view = await test.lab.call('experiments.view', { project: project.id, experiment: id, lanes: ['lane-1'] });
    if (view?.kind !== 'samples') throw new Error(`expected samples, got ${view?.kind}`);
    expect(view.rows.length).toBe(view.lanes[0]?.predictions.length);
    expect(view.lanes[0]?.predictions.filter(({ right }) => right).length).toBeGreaterThan(view.rows.length / 2);

    const report = await test.lab.call('models.export', { ...call, bakePreprocessing: true, probabilities: true });
    expect(report.verification.rows).toBe(30);
    expect(report.verification.largestDifference).toBeLessThan(1e-4);
    expect(test.lab.download(report.downloadId)).toBe(report.path);
    expect(readdirSync(dirname(report.path))).toEqual([basename(report.path)]);
    const kept: unknown = JSON.parse(readFileSync(join(project.path, 'experiments', id, 'lane-1/export.json'), 'utf8'));
    expect(kept).toMatchObject({ path: report.path, verification: report.verification });
  });

  it('draws the fitted line in the units of the data', async () => {
    const project = await createExample(test, 'lecture-regression');
    const { id } = await test.lab.call('experiments.start', { project: project.id });
    await untilState(test, { project: project.id, experiment: id }, 'finished');
    const view = await test.lab.call('experiments.view', { project: project.id, experiment: id, lanes: ['lane-1'] });
    if (view?.kind !== 'fit') throw new Error(`expected a fit, got ${view?.kind}`);
    view.x.forEach((x, index) => expect(view.lanes[0]!.y[index]).toBeCloseTo(1.0422 + 1.9991 * x, 3));
  });
});

describe('refusals before anything starts', () => {
  it('names the device, the layer, the missing target', async () => {
    const project = await createExample(test, 'iris');
    const start = (change: (document: OpenProject['document']) => void) => {
      const document = structuredClone(project.document);
      change(document);
      return test.lab.call('experiments.start', { project: project.id, document });
    };
    await expect(start(({ training }) => (training.device = 'cuda:1'))).rejects.toMatchObject({
      code: 'device.unavailable',
      details: { device: 'cuda:1' },
    });
    await expect(
      start(({ network }) => (network.layers.find(({ id }) => id === 'linear-2')!.parameters.units = 5)),
    ).rejects.toMatchObject({ code: 'network.output-size-classes' });
    await expect(
      start(({ network }) => network.edges.push({ from: 'relu', to: 'linear-1', port: 0 })),
    ).rejects.toMatchObject({ code: expect.stringMatching(/^network\./) as string });
    await expect(
      start(({ data }) => {
        if (data.kind === 'table') data.columns.forEach((column) => (column.role = 'input'));
      }),
    ).rejects.toMatchObject({ code: expect.stringMatching(/^data\./) as string });
    await expect(start((document) => (document.data = { kind: 'none' }))).rejects.toMatchObject({ code: 'data.none' });
    expect(await test.lab.call('experiments.list', { project: project.id })).toEqual([]);
  });

  it('does not resume on other data than it was started with', async () => {
    const project = await createExample(test, 'iris', ({ training }) => (training.epochs = 1_000_000));
    const { id } = await test.lab.call('experiments.start', { project: project.id });
    const call = { project: project.id, experiment: id };
    await untilState(test, { project: project.id, experiment: id }, 'running');
    await test.lab.call('experiments.stop', call);
    const file = join(project.path, 'data/iris.csv');
    writeFileSync(file, readFileSync(file, 'utf8').replace('5.1,3.5', '9.9,3.5'));
    await expect(test.lab.call('experiments.resume', call)).rejects.toMatchObject({ code: 'experiment.data-changed' });
    const onwards = test.lab.call('experiments.continueWith', { ...call, lane: 'lane-1' });
    await expect(onwards).rejects.toMatchObject({ code: 'experiment.data-changed' });
  });
});
