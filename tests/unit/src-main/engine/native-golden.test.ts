import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  difference,
  engine,
  floats,
  golden,
  goldenTensor,
  lane,
  network,
  recordsOf,
  smallPlan,
} from './native-fixtures';

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
    const plan = {
      ...smallPlan([lane(0.1, { momentum: 0.9 })]),
      graph,
      training: { inputs, targets: BigInt64Array.from(file.labels, BigInt), count: file.labels.length },
      validation: null,
      batchSize: file.batchSize,
      seed: file.seed,
      epochs: 100,
    };
    const trainer = engine.createTrainer(plan);
    const losses: number[] = [];
    const epochs: { loss: number; accuracy: number }[] = [];
    for (let step = 0; step < file.losses.length; step++) {
      const report = await trainer.advance({ steps: 1 });
      losses.push(report.batchLoss[0] ?? NaN);
      for (const record of recordsOf(report, plan)) {
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
