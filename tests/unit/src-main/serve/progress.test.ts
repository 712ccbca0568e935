import { expect, test } from 'vitest';
import type { ExperimentProgress } from '../../../../shared/api/experiments';
import { HeldProgress, maximumHeldPoints, mergeProgress } from '../../../../src-main/serve/progress';

function progress(experiment: string, epochs: number[], lane = 'lane-1'): ExperimentProgress {
  const epoch = epochs.at(-1) ?? 0;
  return {
    project: 'p',
    experiment,
    state: 'running',
    step: epoch,
    epoch,
    sampleInEpoch: 0,
    samplesPerEpoch: 10,
    samplesPerSecond: 1,
    secondsLeft: null,
    error: null,
    lanes: [
      {
        id: lane,
        state: 'running',
        health: 'improving',
        learningRate: 0.1,
        batchLoss: epoch,
        divergedAt: null,
        bestEpoch: null,
        points: epochs.map((at) => ({
          epoch: at,
          step: at,
          learningRate: 0.1,
          training: { loss: 1, metrics: {} },
          validation: null,
        })),
        norms: [],
      },
    ],
  };
}

const epochsOf = (message: ExperimentProgress): number[] => message.lanes[0]!.points.map(({ epoch }) => epoch);

test('two messages become one: the newer state, the epochs of both', () => {
  const merged = mergeProgress(progress('e', [1, 2]), progress('e', [3]));
  expect(epochsOf(merged)).toEqual([1, 2, 3]);
  expect(merged).toEqual({
    ...progress('e', [3]),
    lanes: [{ ...progress('e', [3]).lanes[0], points: merged.lanes[0]!.points }],
  });
});

test('lanes are matched by name, not by place', () => {
  expect(epochsOf(mergeProgress(progress('e', [1], 'lane-2'), progress('e', [2], 'lane-1')))).toEqual([2]);
});

test('experiments are held apart, and taken once', () => {
  const held = new HeldProgress();
  expect(held.isEmpty).toBe(true);
  for (const message of [progress('a', [1]), progress('b', [1]), progress('a', [2])]) held.add(message);
  expect(held.isEmpty).toBe(false);
  expect(held.take().map((message) => [message.experiment, epochsOf(message)])).toEqual([
    ['a', [1, 2]],
    ['b', [1]],
  ]);
  expect(held.take()).toEqual([]);
});

test('a page that never reads costs a bounded amount of memory; the newest epochs are kept', () => {
  const held = new HeldProgress();
  for (let epoch = 1; epoch <= maximumHeldPoints + 3; epoch += 1) held.add(progress('a', [epoch]));
  const epochs = epochsOf(held.take()[0]!);
  expect([epochs.length, epochs[0], epochs.at(-1)]).toEqual([maximumHeldPoints, 4, maximumHeldPoints + 3]);
});
