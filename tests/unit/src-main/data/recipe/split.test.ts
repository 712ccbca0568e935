import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Generator } from '../../../../../shared/random/generator';
import { splitByRatio, splitNames, tooLargeSum, type RatioSplit } from '../../../../../src-main/data/recipe/split';

const ratio = (changes: Partial<RatioSplit> = {}): RatioSplit => ({
  kind: 'ratio',
  training: 0.8,
  validation: 0.2,
  test: 0,
  seed: 42,
  stratify: true,
  ...changes,
});
const rowsTo = (count: number): Int32Array => Int32Array.from({ length: count }, (_, row) => row);

describe('splitByRatio', () => {
  it('takes the first of a permutation drawn from the seed', () => {
    const order = [...new Generator(7).randperm(10)].map(Number);
    const split = splitByRatio(rowsTo(10), ratio({ seed: 7 }), null);
    expect([...split.training]).toEqual(order.slice(0, 8));
    expect([...split.validation]).toEqual(order.slice(8));
  });

  it('uses every row once, with exact totals, and no class further than a row from its share', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 3, maxLength: 200 }),
        fc.constantFrom<[number, number, number]>([0.8, 0.2, 0], [0.6, 0.2, 0.2], [0.5, 0.5, 0], [0.9, 0.05, 0.05]),
        fc.integer({ min: 0, max: 1000 }),
        (labels, [training, validation, test], seed) => {
          const recipe = ratio({ training, validation, test, seed });
          const classes = Int32Array.from(labels);
          const split = splitByRatio(rowsTo(labels.length), recipe, classes);
          const all = splitNames.flatMap((name) => [...split[name]]);
          expect(all.sort((a, b) => a - b)).toEqual([...rowsTo(labels.length)]);
          const plain = splitByRatio(rowsTo(labels.length), recipe, null);
          for (const name of splitNames) {
            expect(split[name].length).toBe(plain[name].length);
            for (const label of new Set(labels)) {
              const count = [...split[name]].filter((row) => classes[row] === label).length;
              const share = (labels.filter((other) => other === label).length * split[name].length) / labels.length;
              expect(Math.abs(count - share)).toBeLessThan(2);
            }
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('gives a split that was asked for at least one row', () => {
    const split = splitByRatio(rowsTo(4), ratio({ training: 0.98, validation: 0.01, test: 0.01 }), null);
    expect(splitNames.map((name) => split[name].length)).toEqual([2, 1, 1]);
  });

  it('scales shares up to 1', () => {
    const split = splitByRatio(rowsTo(100), ratio({ training: 0.3, validation: 0.1 }), null);
    expect(splitNames.map((name) => split[name].length)).toEqual([75, 25, 0]);
  });
});

it('tooLargeSum', () => {
  expect(tooLargeSum(ratio({ training: 0.7, validation: 0.2, test: 0.1 }))).toBeNull();
  expect(tooLargeSum(ratio({ training: 0.9, validation: 0.2 }))).toBe(1.1);
});
