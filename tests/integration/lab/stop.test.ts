import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LabEvents } from '../../../shared/api/contract';
import { createExample, testLab, untilState, type TestLab } from '../support/lab';

let test: TestLab;
beforeEach(async () => {
  test = await testLab();
});
afterEach(() => test.close());

describe('a stop while the engine process is still starting', () => {
  it('takes effect as soon as it has started, and loses no epoch', async () => {
    const project = await createExample(test, 'iris', ({ training }) => (training.epochs = 1_000_000));
    const call = { project: project.id };
    const stopping = new Promise<{ milliseconds: number }>((resolve, reject) => {
      let asked = false;
      test.lab.on((event, payload) => {
        if (asked || event !== 'experiment.changed') return;
        const { experiment, summary } = payload as LabEvents['experiment.changed'];
        if (summary?.state !== 'starting') return;
        asked = true;
        const from = performance.now();
        test.lab
          .call('experiments.stop', { ...call, experiment })
          .then(() => resolve({ milliseconds: performance.now() - from }), reject);
      });
    });
    const { id } = await test.lab.call('experiments.start', call);
    // Without the checkpoint it takes the 15 s of a process that does not answer.
    expect((await stopping).milliseconds).toBeLessThan(10_000);
    const stopped = await untilState(test, { ...call, experiment: id }, 'stopped');
    expect(stopped.error).toBeNull();
    expect(stopped.checkpointEpoch).toBe(stopped.epoch);
  });
});
