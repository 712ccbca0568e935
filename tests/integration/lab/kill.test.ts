import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NetworkDocument } from '../../../shared/network/document';
import { insertOnEdge } from '../../../shared/network/edit';
import { LabError } from '../../../shared/errors';
import { optimizerNames, optimizers } from '../../../shared/training/optimizers';
import { createExample, testLab, untilState, waitFor, type TestLab } from '../support/lab';

/** The victim is slowed to take 8 s at least, however fast the machine; its first checkpoint after epoch 0 comes at 1 s. */
const raced = { batch: 16, epochs: 400, checkpointEvery: 20, epochsPerSecond: 50 };

let test: TestLab;
let pids: number[];
/** Called with everything the host tells an engine process, before it goes out. */
let onSend: (message: unknown) => void;

beforeEach(async () => {
  pids = [];
  onSend = () => undefined;
  test = await testLab({
    onLaunch: (pid) => pids.push(pid),
    wrap: (handle) => ({
      ...handle,
      send: (message) => {
        onSend(message);
        handle.send(message);
      },
    }),
  });
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

    const victim = await test.lab.call('experiments.start', { ...call, paused: true });
    await untilState(test, { project: project.id, experiment: victim.id }, 'paused');
    const { epochsPerSecond } = raced;
    await test.lab.call('experiments.setSpeed', { ...call, experiment: victim.id, epochsPerSecond });
    await test.lab.call('experiments.resume', { ...call, experiment: victim.id });
    // The checkpoint of epoch 0 is written at once; wait for one in the middle.
    while (((await test.lab.call('experiments.get', { ...call, experiment: victim.id })).checkpointEpoch ?? 0) === 0)
      await new Promise((resolve) => setTimeout(resolve, 20));

    // Killed while a call is on its way: it cannot be answered any more.
    let killedAt = 0;
    onSend = (message) => {
      if (killedAt > 0 || (message as { call?: string }).call !== 'predict') return;
      killedAt = Date.now();
      process.kill(pids.at(-1)!, 'SIGKILL');
    };
    await expect(
      test.lab.call('experiments.view', { ...call, experiment: victim.id, lanes: ['lane-1', 'lane-2'] }),
    ).rejects.toMatchObject({ code: 'engine.call-lost', details: { cause: 'signal', signal: 'SIGKILL' } });
    expect(killedAt).toBeGreaterThan(0);
    const interrupted = await untilState(test, { project: project.id, experiment: victim.id }, 'interrupted');
    const told = await waitFor(
      test,
      'experiment.progress',
      ({ experiment, state }) => experiment === victim.id && state === 'interrupted',
    );
    expect(told.at - killedAt).toBeLessThan(2000);
    expect(interrupted.error).toMatchObject({
      code: 'engine.died',
      details: { cause: 'signal', signal: 'SIGKILL', epoch: interrupted.checkpointEpoch },
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

  it.each(optimizerNames)(
    'at a random step is made good for %s, with dropout, a schedule and shuffling',
    async (name) => {
      const project = await createExample(test, 'digits', (document) => {
        // Batch normalisation has running statistics, dropout has random numbers: both must go on where they were.
        document.network = afterFirstLayer(afterFirstLayer(document.network, 'dropout'), 'batch-norm');
        const { training } = document;
        training.epochs = 60;
        training.batchSize = raced.batch;
        training.checkpointEvery = 10;
        training.optimizer = { name, amsgrad: true, centered: true };
        training.momentum = 0.5;
        training.clipNorm = 1;
        training.schedule = { kind: 'plateau', unit: 'epoch', patience: 1, factor: 0.7, warmup: 3 };
        training.lanes = optimizers[name].rates.map((learningRate) => ({ learningRate }));
      });
      const call = { project: project.id };
      const reference = await test.lab.call('experiments.start', call);
      await untilState(test, { project: project.id, experiment: reference.id }, 'finished');

      const victim = await test.lab.call('experiments.start', { ...call, paused: true });
      const which = { project: project.id, experiment: victim.id };
      await untilState(test, which, 'paused');
      // Slowed to take 3 s at least, so that it is there to be killed.
      await test.lab.call('experiments.setSpeed', { ...which, epochsPerSecond: 20 });
      await test.lab.call('experiments.resume', which);
      while (((await test.lab.call('experiments.get', which)).checkpointEpoch ?? 0) === 0)
        await new Promise((resolve) => setTimeout(resolve, 20));
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 300));
      process.kill(pids.at(-1)!, 'SIGKILL');
      expect((await untilState(test, which, 'interrupted')).epoch).toBeLessThan(60);

      await test.lab.call('experiments.resume', which);
      await untilState(test, which, 'finished');
      for (const file of ['last.onnx', 'best.onnx', 'metrics.jsonl'])
        for (const lane of ['lane-1', 'lane-2'])
          expect(read(project.path, victim.id, lane, file), `${lane}/${file}`).toEqual(
            read(project.path, reference.id, lane, file),
          );
    },
  );

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

function afterFirstLayer(network: NetworkDocument, kind: string): NetworkDocument {
  const first = network.edges.find(({ from }) =>
    network.layers.some(({ id, kind }) => id === from && kind === 'input'),
  );
  const edge = network.edges.find(({ from }) => from === first?.to);
  if (!edge) throw new Error('the example has no layer behind its first');
  return insertOnEdge(network, edge, kind).network;
}

function read(project: string, experiment: string, lane: string, file: string): Buffer {
  return readFileSync(join(project, 'experiments', experiment, lane, file));
}
