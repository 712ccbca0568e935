import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
