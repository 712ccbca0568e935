import { readFileSync, readdirSync } from 'node:fs';
import { expect } from 'vitest';
import { z } from 'zod';
import type { CardPlan, TrainPlan } from '../../../../src-main/engine/native';
import { difference, engine, goldenGraph, goldenTensor } from './native-fixtures';

// Five whole networks trained for 50 steps by PyTorch in double precision (tests/golden/native/networks.py).

const folder = new URL('../../../golden/native/networks/', import.meta.url);
const schema = z.object({
  graph: goldenGraph,
  inputs: goldenTensor,
  targets: goldenTensor,
  loss: z.enum(['mse', 'half-squared', 'cross-entropy']),
  batchSize: z.number(),
  optimizer: z.object({
    name: z.enum(['sgd', 'adam', 'adamw', 'rmsprop']),
    learningRate: z.number(),
    momentum: z.number().default(0),
    nesterov: z.boolean().default(false),
    weightDecay: z.number().default(0),
  }),
  losses: z.array(z.number()),
  final: z.record(z.string(), goldenTensor),
});
export type Golden = z.infer<typeof schema>;

/** `devices`: none is the processor. */
export function planOf(
  { graph, inputs, targets, loss, batchSize, optimizer }: Golden,
  threads: number,
  devices: CardPlan[] = [],
): TrainPlan {
  const { name, ...settings } = optimizer;
  return {
    graph,
    optimizer: name,
    lanes: [{ ...settings, dampening: 0 }],
    loss,
    training: {
      inputs: Float32Array.from(inputs.data),
      targets: loss === 'cross-entropy' ? BigInt64Array.from(targets.data, BigInt) : Float32Array.from(targets.data),
      count: inputs.dims[0] ?? 0,
    },
    validation: null,
    batchSize,
    shuffle: false,
    seed: 1,
    epochs: 1000,
    targetLoss: null,
    divergenceFactor: 20,
    threads,
    metrics: [],
    devices,
  };
}

/** The loss of every step, and the weights after the last. */
export async function train(plan: TrainPlan, steps: number) {
  const trainer = engine.createTrainer(plan);
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) losses.push((await trainer.advance({ steps: 1 })).batchLoss[0] ?? NaN);
  const weights = trainer.weights(0);
  trainer.dispose();
  return { losses, weights };
}

export const names = readdirSync(folder).map((file) => file.replace('.json', ''));

export function readGolden(name: string): Golden {
  return schema.parse(JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')));
}

/** The losses of all steps within 1e-5, relative, and the weights after the last. */
export function expectEqual({ losses, weights }: Awaited<ReturnType<typeof train>>, golden: Golden): void {
  const worst = Math.max(...golden.losses.map((loss, i) => Math.abs((losses[i] ?? NaN) - loss) / loss));
  expect(worst).toBeLessThan(1e-5);
  for (const [weight, expected] of Object.entries(golden.final)) {
    expect(difference(Array.from(weights[weight]?.data ?? [], Number), expected.data), weight).toBeLessThan(1e-4);
  }
}
