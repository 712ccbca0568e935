import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compileNetwork } from '../../../shared/network/compile';
import { drawWeight } from '../../../shared/network/initialise';
import { chain } from '../../../shared/network/templates';
import { Generator } from '../../../shared/random/generator';
import { encodeModel, runModel } from '../../../src-main/onnx';

const parameterSchema = z.union([z.number(), z.string(), z.boolean(), z.array(z.number())]);
const numbers = z.array(z.number());
const goldenSchema = z.object({
  layers: z.array(
    z.object({
      kind: z.string(),
      parameters: z.record(z.string(), parameterSchema),
      seed: z.number(),
      shape: numbers,
      input: numbers,
      output: z.object({ dims: numbers, values: numbers }),
    }),
  ),
  orthogonal: z.array(
    z.object({ seed: z.number(), rows: z.number(), columns: z.number(), gain: z.number(), weight: numbers }),
  ),
});
const path = join(import.meta.dirname, '../../golden/network/layers.json');
const golden = goldenSchema.parse(JSON.parse(readFileSync(path, 'utf8')));

type Entry = (typeof golden.layers)[number];

/** The largest difference from PyTorch's answer, relative where that is above 1. */
async function difference({ kind, parameters, shape, input, output }: Entry, seed: number): Promise<number> {
  const document = chain([
    ['input', {}],
    [kind, parameters],
    ['output', {}],
  ]);
  const graph = compileNetwork(document, { inputShape: shape, seed });
  const data = Float32Array.from(input);
  const answer = await runModel(encodeModel(graph), { input: { dims: [3, ...shape], data } });
  expect(answer.output?.dims).toEqual(output.dims);
  const differences = output.values.map((wanted, index) => {
    return Math.abs(Number(answer.output?.data[index]) - wanted) / Math.max(1, Math.abs(wanted));
  });
  return Math.max(...differences);
}

describe('a layer drawn from a seed and exported answers as PyTorch’s', () => {
  it.each(golden.layers)('$kind $parameters', async (entry) => {
    expect(await difference(entry, entry.seed)).toBeLessThanOrEqual(1e-5);
  });

  it.each(golden.layers.filter(({ kind }) => ['conv2d', 'lstm', 'attention', 'embedding'].includes(kind)))(
    '$kind $parameters does not from another seed',
    async (entry) => expect(await difference(entry, entry.seed + 1)).toBeGreaterThan(1e-3),
  );
});

describe('orthogonal matrices', () => {
  it.each(golden.orthogonal)('$rows × $columns are PyTorch’s', ({ seed, rows, columns, gain, weight }) => {
    const draw = {
      dims: [rows, columns],
      initialiser: 'orthogonal',
      settings: { gain },
      fanIn: columns,
      fanOut: rows,
    } as const;
    const drawn = drawWeight(draw, new Generator(seed));
    weight.forEach((wanted, index) => expect(Math.abs((drawn[index] ?? NaN) - wanted)).toBeLessThan(1e-5));
  });
});
