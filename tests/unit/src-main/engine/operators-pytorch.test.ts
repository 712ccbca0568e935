import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Graph } from '../../../../shared/network/graph';
import { difference, engine, goldenGraph, goldenTensor } from './native-fixtures';

// Every operator of the engine's table against PyTorch, at every sample it is tried with: outputs, and the gradients of the mean of the
// squares of the first output. A new operator needs an entry in tests/golden/native/operators.py and a run of it, nothing here.

const casesSchema = z.array(
  z.object({
    batch: z.number(),
    sample: z.number(),
    graph: goldenGraph,
    outputs: z.array(goldenTensor),
    gradients: z.record(z.string(), goldenTensor),
  }),
);
type Case = z.infer<typeof casesSchema>[number];

function casesOf(opType: string): Case[] {
  const path = new URL(`../../../golden/native/operators/${opType}.json`, import.meta.url);
  return casesSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
}

/** What of a sample the golden file was computed from; values differ by their printing only. */
const form = (graph: Graph) => ({
  nodes: graph.nodes,
  initializers: graph.initializers.map(({ name, dims, frozen }) => ({ name, dims, frozen: frozen ?? false })),
});

const tolerance = 5e-6;
const numbers = (values: Float32Array | BigInt64Array | undefined) => Array.from(values ?? [], Number);

function worstOutput({ graph, outputs }: Case): number {
  const got = engine.infer(graph, {});
  const names = graph.outputs.map(({ name }) => name);
  return Math.max(
    ...names.map((name, i) => {
      expect(got[name]?.dims).toEqual(outputs[i]?.dims);
      return difference(numbers(got[name]?.data), outputs[i]?.data ?? []);
    }),
  );
}

function worstGradient({ graph, outputs, gradients }: Case, precision: 'float32' | 'float64'): number {
  const [first] = outputs;
  const zeros = { dims: first?.dims ?? [], data: new Float32Array(first?.data.length ?? 0) };
  const single = { ...graph, outputs: graph.outputs.slice(0, 1) };
  const report = engine.gradients(single, {}, zeros, 'mse', { precision });
  return Math.max(
    0,
    ...Object.entries(gradients).map(([name, expected]) =>
      difference(numbers(report.gradients[name]?.data), expected.data),
    ),
  );
}

describe('every operator equals PyTorch', () => {
  const all = engine.operators().map(({ opType }) => opType);

  it.each(all)('%s', (opType) => {
    const cases = casesOf(opType);
    const samples = [1, 3].flatMap((batch) => engine.operatorSamples(opType, batch));
    // The golden file is of the samples that the engine has now.
    expect(cases.map(({ graph }) => form(graph))).toEqual(samples.map(form));
    for (const item of cases) {
      const name = `${opType}, batch ${item.batch}, sample ${item.sample}`;
      expect(worstOutput(item), `${name}: outputs`).toBeLessThan(tolerance);
      expect(worstGradient(item, 'float64'), `${name}: gradients in double`).toBeLessThan(tolerance);
      expect(worstGradient(item, 'float32'), `${name}: gradients`).toBeLessThan(10 * tolerance);
    }
  });

  it('and a wrong answer is noticed', () => {
    const item = casesOf('Tanh')[0];
    if (!item) throw new Error('there is no case of Tanh');
    const wrong = {
      ...item,
      graph: { ...item.graph, nodes: item.graph.nodes.map((node) => ({ ...node, opType: 'Sigmoid' })) },
    };
    expect(worstOutput(wrong)).toBeGreaterThan(tolerance);
    expect(worstGradient(wrong, 'float64')).toBeGreaterThan(tolerance);
  });
});
