import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { LossKind } from '../../../../src-main/engine/native';
import type { Graph } from '../../../../shared/network/graph';
import {
  difference,
  engine,
  floats,
  golden,
  goldenTensor,
  integers,
  lane,
  network,
  smallPlan,
} from './native-fixtures';

/** The batch alone: networks of these tests have all their values in initializers. */
const noInput = (rows: number) => ({ x: { dims: [rows, 1], data: new Float32Array(rows) } });

const precisions = ['float32', 'float64'] as const;
const tolerance = 2e-6;

describe('losses against PyTorch', () => {
  const cases = golden(
    'losses',
    z.array(
      z.object({
        loss: z.enum(['mse', 'half-squared', 'cross-entropy', 'bce-logits']),
        output: goldenTensor,
        target: goldenTensor,
        value: z.number(),
        gradient: goldenTensor,
      }),
    ),
  );

  it.each(cases.map((item) => [`${item.loss} of ${item.output.dims.join('×')}`, item] as const))('%s', (_, item) => {
    const graph: Graph = {
      name: 'loss',
      nodes: [{ name: 'same', opType: 'Identity', inputs: ['p'], outputs: ['y'], attributes: {} }],
      initializers: [{ name: 'p', ...floats(item.output) }],
      inputs: [{ name: 'x', dims: [-1, 1] }],
      outputs: [{ name: 'y', dims: item.output.dims }],
    };
    const target = item.loss === 'cross-entropy' ? integers(item.target) : floats(item.target);
    for (const precision of precisions) {
      const report = engine.gradients(graph, noInput(1), target, item.loss, { precision });
      expect(difference([report.loss], [item.value])).toBeLessThan(tolerance);
      expect(difference(Array.from(report.gradients.p?.data ?? [], Number), item.gradient.data)).toBeLessThan(
        tolerance,
      );
    }
  });

  it('cover every loss', () => {
    const all: LossKind[] = ['mse', 'half-squared', 'cross-entropy', 'bce-logits'];
    expect(new Set(cases.map(({ loss }) => loss))).toEqual(new Set(all));
  });
});

describe('SGD against PyTorch', () => {
  const file = golden(
    'sgd',
    z.object({
      x: goldenTensor,
      y: goldenTensor,
      weight: goldenTensor,
      bias: goldenTensor,
      runs: z.array(
        z.object({
          settings: z.object({
            lr: z.number(),
            momentum: z.number().default(0),
            dampening: z.number().default(0),
            nesterov: z.boolean().default(false),
            weight_decay: z.number().default(0),
          }),
          steps: z.array(z.object({ loss: z.number(), weight: z.array(z.number()), bias: z.array(z.number()) })),
        }),
      ),
    }),
  );

  it('follows every variant for 20 steps, all of them racing side by side', async () => {
    const graph = network([3, 2], '');
    graph.initializers = [
      { name: 'w0', ...floats(file.weight) },
      { name: 'b0', ...floats(file.bias) },
    ];
    const trainer = engine.createTrainer({
      ...smallPlan(
        file.runs.map(({ settings }) =>
          lane(settings.lr, {
            momentum: settings.momentum,
            dampening: settings.dampening,
            nesterov: settings.nesterov,
            weightDecay: settings.weight_decay,
          }),
        ),
      ),
      graph,
      loss: 'mse',
      training: { inputs: Float32Array.from(file.x.data), targets: Float32Array.from(file.y.data), count: 10 },
      validation: null,
      batchSize: 0,
      shuffle: false,
      epochs: 100,
      metrics: [],
    });
    for (let step = 0; step < 20; step++) {
      const report = await trainer.advance({ steps: 1 });
      for (const [k, run] of file.runs.entries()) {
        const expected = run.steps[step];
        const weights = trainer.weights(k);
        expect(difference([report.batchLoss[k] ?? NaN], [expected?.loss ?? NaN])).toBeLessThan(1e-6);
        expect(difference(Array.from(weights.w0?.data ?? [], Number), expected?.weight ?? [])).toBeLessThan(1e-6);
        expect(difference(Array.from(weights.b0?.data ?? [], Number), expected?.bias ?? [])).toBeLessThan(1e-6);
      }
    }
  });
});

describe('a training against PyTorch', () => {
  const file = golden(
    'training',
    z.object({
      x: goldenTensor,
      labels: z.array(z.number()),
      seed: z.number(),
      batchSize: z.number(),
      initial: z.record(z.string(), goldenTensor),
      final: z.record(z.string(), goldenTensor),
      losses: z.array(z.number()),
      epochs: z.array(z.object({ loss: z.number(), accuracy: z.number() })),
      logits: goldenTensor,
    }),
  );

  it('takes the same 50 steps in the same shuffled order', async () => {
    const graph = network([4, 16, 3], 'Tanh');
    const names: Record<string, string> = { w0: 'w1', b0: 'b1', w1: 'w2', b1: 'b2' };
    graph.initializers = Object.entries(names).map(([ours, theirs]) => {
      const initial = file.initial[theirs];
      if (!initial) throw new Error(`no ${theirs} in the golden file`);
      return { name: ours, ...floats(initial) };
    });
    const inputs = Float32Array.from(file.x.data);
    const trainer = engine.createTrainer({
      ...smallPlan([lane(0.1, { momentum: 0.9 })]),
      graph,
      training: { inputs, targets: BigInt64Array.from(file.labels, BigInt), count: file.labels.length },
      validation: null,
      batchSize: file.batchSize,
      seed: file.seed,
      epochs: 100,
    });
    const losses: number[] = [];
    const epochs: { loss: number; accuracy: number }[] = [];
    for (let step = 0; step < file.losses.length; step++) {
      const report = await trainer.advance({ steps: 1 });
      losses.push(report.batchLoss[0] ?? NaN);
      for (const record of report.epochs) {
        if (record.epoch > 0)
          epochs.push({ loss: record.training.loss, accuracy: record.training.metrics.accuracy ?? NaN });
      }
    }
    expect(difference(losses, file.losses)).toBeLessThan(1e-5);
    expect(epochs).toHaveLength(file.epochs.length);
    for (const [i, epoch] of epochs.entries()) {
      expect(epoch.loss).toBeCloseTo(file.epochs[i]?.loss ?? NaN, 5);
      expect(epoch.accuracy).toBeCloseTo(file.epochs[i]?.accuracy ?? NaN, 9);
    }
    for (const [ours, theirs] of Object.entries(names)) {
      const got = Array.from(trainer.weights(0)[ours]?.data ?? [], Number);
      expect(difference(got, file.final[theirs]?.data ?? [])).toBeLessThan(1e-5);
    }
    const logits = trainer.predict(0, inputs, file.labels.length);
    expect(difference(logits, file.logits.data)).toBeLessThan(1e-5);
  });
});
