import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LabError } from '../../../shared/errors';
import { createExample, testLab, untilState, waitFor, type TestLab } from '../support/lab';

/** Long enough to be killed in the middle, and with a checkpoint every few epochs. */
const raced = { batch: 16, epochs: 400, checkpointEvery: 20 };

let test: TestLab;
let pids: number[];

beforeEach(async () => {
  pids = [];
  test = await testLab({ onLaunch: (pid) => pids.push(pid) });
});
afterEach(() => test.close());

describe('kill -9 of the engine process in mid-race', () => {
  it('is reported with its cause within 2 s, rejects pending calls, and resumes to the same bytes', async () => {
    const project = await createExample(test, 'digits', ({ training }) => {
      training.epochs = raced.epochs;
      training.batchSize = raced.batch;
      training.checkpointEvery = raced.checkpointEvery;
      training.lanes = [{ learningRate: 0.01 }, { learningRate: 0.1, momentum: 0.9 }];
    });
    const call = { project: project.id };
    const reference = await test.lab.call('experiments.start', call);
    await untilState(test, { project: project.id, experiment: reference.id }, 'finished');

    const victim = await test.lab.call('experiments.start', call);
    await waitFor(
      test,
      'experiment.changed',
      ({ experiment, summary }) => experiment === victim.id && summary?.state === 'running',
    );
    await waitFor(test, 'experiment.progress', ({ experiment, epoch }) => experiment === victim.id && epoch >= 40);
    // The checkpoint of epoch 0 is written at once; wait for one in the middle.
    while (((await test.lab.call('experiments.get', { ...call, experiment: victim.id })).checkpointEpoch ?? 0) === 0)
      await new Promise((resolve) => setTimeout(resolve, 20));

    const pending = test.lab.call('experiments.view', { ...call, experiment: victim.id, lanes: ['lane-1', 'lane-2'] });
    const refused = expect(pending).rejects.toMatchObject({
      code: 'engine.call-lost',
      details: { cause: 'signal SIGKILL' },
    });
    const killedAt = Date.now();
    process.kill(pids.at(-1)!, 'SIGKILL');
    await refused;
    const interrupted = await untilState(test, { project: project.id, experiment: victim.id }, 'interrupted');
    const told = await waitFor(
      test,
      'experiment.progress',
      ({ experiment, state }) => experiment === victim.id && state === 'interrupted',
    );
    expect(told.at - killedAt).toBeLessThan(2000);
    expect(interrupted.error).toMatchObject({
      code: 'engine.died',
      details: { cause: 'signal SIGKILL', epoch: interrupted.checkpointEpoch },
    });
    expect(interrupted.checkpointEpoch).toBeGreaterThan(0);
    expect(interrupted.checkpointEpoch).toBeLessThan(raced.epochs);

    await test.lab.call('experiments.resume', { ...call, experiment: victim.id });
    await untilState(test, { project: project.id, experiment: victim.id }, 'finished');
    for (const file of ['last.onnx', 'best.onnx', 'metrics.jsonl'])
      for (const lane of ['lane-1', 'lane-2'])
        expect(read(project.path, victim.id, lane, file), `${lane}/${file}`).toEqual(
          read(project.path, reference.id, lane, file),
        );
  });

  it('does not take the lab with it: the next experiment starts', async () => {
    const project = await createExample(test, 'digits', ({ training }) => (training.epochs = 100_000));
    const call = { project: project.id };
    const first = await test.lab.call('experiments.start', call);
    await untilState(test, { project: project.id, experiment: first.id }, 'running');
    process.kill(pids.at(-1)!, 'SIGKILL');
    await untilState(test, { project: project.id, experiment: first.id }, 'interrupted');
    const second = await test.lab.call('experiments.start', call);
    await untilState(test, { project: project.id, experiment: second.id }, 'running');
    await expect(test.lab.call('experiments.start', call)).rejects.toBeInstanceOf(LabError);
    await test.lab.call('experiments.stop', { ...call, experiment: second.id });
    expect((await untilState(test, { project: project.id, experiment: second.id }, 'stopped')).error).toBeNull();
  });
});

function read(project: string, experiment: string, lane: string, file: string): Buffer {
  return readFileSync(join(project, 'experiments', experiment, lane, file));
}
