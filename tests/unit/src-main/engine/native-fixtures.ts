import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { loadAddon } from '../../../../src-main/engine/addon';
import { EpochRecords } from '../../../../src-main/engine/epoch-records';
import type { AdvanceReport, EpochRecord, LanePlan, TrainPlan } from '../../../../src-main/engine/native';
import type { Graph, GraphNode, Initializer } from '../../../../shared/network/graph';

export const engine = loadAddon();

/** A golden file of tests/golden/native, written by PyTorch with the generate.py beside it. */
export function golden<T>(name: string, schema: z.ZodType<T>): T {
  const path = new URL(`../../../golden/native/${name}.json`, import.meta.url);
  return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
}

export const goldenTensor = z.object({ dims: z.array(z.number()), data: z.array(z.number()) });
const goldenData = z.union([
  z.array(z.number()).transform((values) => Float32Array.from(values)),
  z.object({ integers: z.array(z.number()) }).transform(({ integers }) => BigInt64Array.from(integers, BigInt)),
]);
/** A graph as the golden files hold it: int64 values apart, so that they can be told. */
export const goldenGraph = z.object({
  name: z.string(),
  nodes: z.array(
    z.object({
      name: z.string(),
      opType: z.string(),
      inputs: z.array(z.string()),
      outputs: z.array(z.string()),
      attributes: z.record(z.string(), z.union([z.number(), z.string(), z.array(z.number()), z.array(z.string())])),
    }),
  ),
  initializers: z.array(
    z.object({ name: z.string(), dims: z.array(z.number()), data: goldenData, frozen: z.boolean().optional() }),
  ),
  inputs: z.array(z.object({ name: z.string(), dims: z.array(z.number()) })),
  outputs: z.array(z.object({ name: z.string(), dims: z.array(z.number()) })),
});
export type GoldenTensor = z.infer<typeof goldenTensor>;

export const floats = (tensor: GoldenTensor) => ({ dims: tensor.dims, data: Float32Array.from(tensor.data) });
export const integers = (tensor: GoldenTensor) => ({
  dims: tensor.dims,
  data: BigInt64Array.from(tensor.data, BigInt),
});

/** The largest difference relative to the size of the expected values (at least `floor`). */
export function difference(got: ArrayLike<number>, expected: ArrayLike<number>, floor = 1): number {
  if (got.length !== expected.length) return Infinity;
  const scale = Math.max(floor, ...Array.from(expected, Math.abs));
  const differences = Array.from(expected, (value, i) => Math.abs(value - (got[i] ?? NaN)) / scale);
  return differences.some(Number.isNaN) ? Infinity : Math.max(0, ...differences);
}

export const lane = (learningRate: number, more: Partial<LanePlan> = {}): LanePlan => ({
  learningRate,
  momentum: 0,
  dampening: 0,
  nesterov: false,
  weightDecay: 0,
  ...more,
});

/** A chain of Linear layers with an activation between them. Weights come from the engine's generator. */
export function network(sizes: number[], activation: string, seed = 1): Graph {
  const generator = engine.createGenerator(seed);
  const uniform = (count: number) => generator.rand(count).map((value) => value - 0.5);
  const nodes: GraphNode[] = [];
  const initializers: Initializer[] = [];
  let value = 'x';
  for (const [i, outputs] of sizes.slice(1).entries()) {
    const inputs = sizes[i] ?? 0;
    initializers.push({ name: `w${i}`, dims: [outputs, inputs], data: uniform(outputs * inputs) });
    initializers.push({ name: `b${i}`, dims: [outputs], data: uniform(outputs) });
    const node = { name: `linear${i}`, opType: 'Gemm', inputs: [value, `w${i}`, `b${i}`], outputs: [`u${i}`] };
    nodes.push({ ...node, attributes: { transB: 1 } });
    value = `u${i}`;
    if (i === sizes.length - 2) break;
    nodes.push({ name: `act${i}`, opType: activation, inputs: [value], outputs: [`v${i}`], attributes: {} });
    value = `v${i}`;
  }
  return {
    name: 'network',
    nodes,
    initializers,
    inputs: [{ name: 'x', dims: [-1, sizes[0] ?? 0] }],
    outputs: [{ name: value, dims: [-1, sizes.at(-1) ?? 0] }],
  };
}

/** A 4-8-3 classifier on 50 random samples in batches of 8, with 20 more for validation. */
export function smallPlan(lanes: LanePlan[], more: Partial<TrainPlan> = {}): TrainPlan {
  const generator = engine.createGenerator(5);
  const split = (count: number) => {
    const inputs = generator.rand(count * 4);
    const targets = BigInt64Array.from({ length: count }, (_, i) => BigInt(Math.floor((inputs[i * 4] ?? 0) * 3)));
    return { inputs, targets, count };
  };
  return {
    graph: network([4, 8, 3], 'Relu'),
    lanes,
    loss: 'cross-entropy',
    training: split(50),
    validation: split(20),
    batchSize: 8,
    shuffle: true,
    seed: 3,
    epochs: 5,
    targetLoss: null,
    divergenceFactor: 1e4,
    threads: 1,
    metrics: ['accuracy'],
    ...more,
  };
}

export function recordsOf(report: AdvanceReport, plan: TrainPlan): EpochRecord[] {
  return [...new EpochRecords(report.epochs, plan)];
}
