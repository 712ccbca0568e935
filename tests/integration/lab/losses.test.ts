import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyFix } from '../../../shared/network/fix';
import { createExample, testLab, untilState, type TestLab } from '../support/lab';

let test: TestLab;
beforeAll(async () => {
  test = await testLab();
});
afterAll(() => test.close());

describe('the loss is a choice of the user', () => {
  it('classes train with the half squared error of the lecture, and are evaluated as they were trained', async () => {
    const project = await createExample(test, 'xor', ({ training }) => {
      training.loss = 'half-squared';
      training.lanes = [{ learningRate: 0.1 }];
    });
    const { id } = await test.lab.call('experiments.start', { project: project.id });
    const call = { project: project.id, experiment: id };
    const { lanes, metrics } = await untilState(test, call, 'finished');
    expect(metrics).toEqual(['accuracy']);
    const last = lanes[0]?.last?.validation;
    expect(last?.metrics.accuracy).toBe(1);
    const evaluated = await test.lab.call('experiments.evaluate', { ...call, lane: 'lane-1', which: 'last' });
    expect(evaluated.loss).toBeCloseTo(last?.loss ?? NaN, 6);
    expect(evaluated.metrics.accuracy).toBe(1);
    const exported = await test.lab.call('models.export', { ...call, lane: 'lane-1', probabilities: true });
    expect(exported.verification.largestDifference).toBeLessThan(1e-5);
  });

  it('two classes train with binary cross-entropy on a single output, from the check to the exported file', async () => {
    const project = await createExample(test, 'xor', ({ training }) => {
      training.loss = 'bce-logits';
      training.metrics = ['accuracy', 'precision', 'recall', 'f1', 'auc'];
      training.lanes = [{ learningRate: 0.3 }];
    });
    const start = { project: project.id };
    await expect(test.lab.call('experiments.start', start)).rejects.toMatchObject({
      code: 'network.output-size-two-classes',
    });
    const document = structuredClone(project.document);
    document.network = applyFix(document.network, {
      kind: 'set-parameter',
      layer: 'linear-2',
      parameter: 'units',
      value: 1,
    });
    await test.lab.call('projects.update', { ...start, revision: project.revision, document });

    const { id } = await test.lab.call('experiments.start', start);
    const call = { ...start, experiment: id };
    const { lanes } = await untilState(test, call, 'finished');
    const last = lanes[0]?.last?.validation;
    expect(last?.metrics).toMatchObject({ accuracy: 1, precision: 1, recall: 1, f1: 1, auc: 1 });
    const evaluated = await test.lab.call('experiments.evaluate', { ...call, lane: 'lane-1', which: 'last' });
    expect(evaluated.loss).toBeCloseTo(last?.loss ?? NaN, 6);
    expect(evaluated.metrics).toEqual(last?.metrics);
    const counts = evaluated.confusion?.counts ?? [];
    expect([counts[0]?.[1], counts[1]?.[0]]).toEqual([0, 0]);
    expect((counts[0]?.[0] ?? 0) + (counts[1]?.[1] ?? 0)).toBe(evaluated.count);

    const view = await test.lab.call('experiments.view', { ...call, lanes: ['lane-1'] });
    if (view?.kind !== 'map' || !view.classes) throw new Error('no map of classes');
    expect(view.classes).toHaveLength(2);
    // Opposite corners are of one class, neighbours of the other.
    const cells = view.lanes[0]?.cells ?? [];
    const corner = (row: number, column: number) => (cells[row * view.resolution + column] ?? 0) >> 8;
    const end = view.resolution - 1;
    expect([corner(0, 0), corner(end, end)]).toEqual([1 - corner(0, end), 1 - corner(end, 0)]);

    const { inspection, target } = await test.lab.call('inspect.open', {
      ...start,
      source: { kind: 'lane', experiment: id, lane: 'lane-1', which: 'last' },
    });
    expect(target).toMatchObject({ kind: 'classes' });
    const sample = { split: 'training', index: 0 } as const;
    const zero = await test.lab.call('inspect.run', { inspection, sample: { ...sample, target: 0 } });
    const one = await test.lab.call('inspect.run', { inspection, sample: { ...sample, target: 1 } });
    expect([zero.target, one.target]).toEqual([[0], [1]]);
    // log(1 + e^z) and log(1 + e^-z) differ by the logit z, and their likelihoods add up to one.
    expect(Math.exp(-zero.loss) + Math.exp(-one.loss)).toBeCloseTo(1, 5);

    const wanted = { inspection, split: 'training', sort: 'number', offset: 0, limit: 200 } as const;
    const all = await test.lab.call('inspect.samples', { ...wanted, only: 'all' });
    expect(new Set(all.samples.map(({ answer }) => answer[0]))).toEqual(new Set([0, 1]));
    for (const { answer, desired, right, confidence } of all.samples) {
      expect([answer, right]).toEqual([desired, true]);
      expect(confidence).toBeGreaterThan(0.5);
    }

    const exported = await test.lab.call('models.export', { ...call, lane: 'lane-1', probabilities: true });
    expect(exported.verification.largestDifference).toBeLessThan(1e-5);
  });

  it('binary cross-entropy refuses targets outside 0 to 1, naming the column', async () => {
    const project = await createExample(test, 'noisy-sine', ({ training }) => {
      training.loss = 'bce-logits';
    });
    await expect(test.lab.call('experiments.start', { project: project.id })).rejects.toMatchObject({
      code: 'experiment.targets-not-shares',
      details: { column: 'y' },
    });
  });
});
