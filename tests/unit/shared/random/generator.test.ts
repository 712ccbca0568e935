import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Generator } from '../../../../shared/random/generator';

const values = z.array(z.int().min(0));
const call = z.union([
  z.tuple([z.enum(['rand', 'randn', 'randperm']), z.int()]),
  z.tuple([z.literal('uniform'), z.int(), z.number(), z.number()]),
]);
const parameter = z.object({ first: values, last: values, crc32: z.int() });
const golden = z
  .object({
    torch: z.string(),
    sequences: z.array(z.object({ seed: z.int(), calls: z.array(z.object({ call, values })) })).min(1),
    linear: z
      .array(z.object({ seed: z.int(), inputs: z.int(), outputs: z.int(), weight: parameter, bias: parameter }))
      .min(1),
  })
  .parse(JSON.parse(readFileSync(new URL('../../../golden/random/random.json', import.meta.url), 'utf8')));

const bits = (floats: Float32Array): number[] => [...new Uint32Array(floats.buffer)];

/** Position of a float among all floats in ascending order: neighbours differ by one. */
const rank = (pattern: number): number => (pattern < 0x80000000 ? pattern : 0x80000000 - pattern);
const distances = (a: number[], b: number[]): number[] =>
  a.map((pattern, i) => Math.abs(rank(pattern) - rank(b[i] ?? Number.NaN)));

function draw(generator: Generator, of: z.infer<typeof call>): number[] {
  switch (of[0]) {
    case 'rand':
      return bits(generator.rand(of[1]));
    case 'uniform':
      return bits(generator.uniform(of[1], of[2], of[3]));
    case 'randn':
      return bits(generator.randn(of[1]));
    case 'randperm':
      return [...generator.randperm(of[1])];
  }
}

describe('Generator equals PyTorch', () => {
  it.each(
    golden.sequences.map(
      (sequence) => [sequence.seed, sequence.calls.map((c) => c.call.join(' ')).join(', '), sequence] as const,
    ),
  )('seed %i: %s', (seed, _, sequence) => {
    const generator = new Generator(seed);
    for (const step of sequence.calls) {
      const drawn = draw(generator, step.call);
      if (step.call[0] === 'randn' && step.call[1] >= 16) {
        expect(drawn).toHaveLength(step.values.length);
        expect(Math.max(...distances(drawn, step.values))).toBeLessThanOrEqual(4);
      } else {
        expect(drawn).toEqual(step.values);
      }
    }
  });

  it.each(golden.linear)('default weights of nn.Linear($inputs, $outputs), seed $seed', (layer) => {
    const generator = new Generator(layer.seed);
    const bound = 1 / Math.sqrt(layer.inputs);
    for (const [name, count] of [
      ['weight', layer.inputs * layer.outputs],
      ['bias', layer.outputs],
    ] as const) {
      const drawn = generator.uniform(count, -bound, bound);
      expect(bits(drawn.slice(0, 4))).toEqual(layer[name].first);
      expect(bits(drawn.slice(-4))).toEqual(layer[name].last);
      expect(crc32(new Uint8Array(drawn.buffer))).toBe(layer[name].crc32);
    }
  });

  it('gives the first numbers of the tutorials with seed 42', () => {
    const four = (floats: Float32Array): string[] => [...floats].map((value) => value.toFixed(4));
    expect(four(new Generator(42).rand(3))).toEqual(['0.8823', '0.9150', '0.3829']);
    const generator = new Generator(42);
    expect([...four(generator.randn(1)), ...four(generator.randn(1))]).toEqual(['0.3367', '0.1288']);
  });
});

describe('Generator', () => {
  it('gives another stream for another seed', () => {
    expect(new Generator(1).nextUint32()).not.toBe(new Generator(2).nextUint32());
    expect(new Generator(2 ** 32 + 1).nextUint32()).toBe(new Generator(1).nextUint32());
  });

  it('refuses a seed that is no integer or negative', () => {
    for (const seed of [-1, 0.5, Number.NaN, 2 ** 53]) expect(() => new Generator(seed)).toThrow(RangeError);
  });

  it('draws nothing for no values', () => {
    const generator = new Generator(3);
    expect(generator.rand(0)).toHaveLength(0);
    expect(generator.randn(0)).toHaveLength(0);
    expect(generator.randperm(0)).toHaveLength(0);
    expect(generator.randperm(1)).toEqual(Int32Array.of(0));
    expect(generator.nextUint32()).toBe(new Generator(3).nextUint32());
  });
});
