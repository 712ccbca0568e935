import { describe, expect, it } from 'vitest';
import { averageOf, classCounts, countsOfConfusion } from '../../../../shared/training/class-metrics';
import { confusionOf } from '../../../../shared/training/evaluate';

describe('countsOfConfusion', () => {
  it('gives the counts that the answers themselves give', () => {
    const answers = {
      outputs: Float32Array.of(3, 1, 0, 0, 2, 1, 1, 0, 5, 2, 1, 0, 0, 1, 2),
      targets: BigInt64Array.of(0n, 1n, 2n, 1n, 2n),
      count: 5,
      width: 3,
    };
    expect(countsOfConfusion(confusionOf(answers, 3))).toEqual(classCounts(answers));
  });

  it('leaves a class that neither occurs nor was said out of the mean', () => {
    const counts = countsOfConfusion([
      [3, 1, 0],
      [0, 2, 0],
      [0, 0, 0],
    ]);
    expect(averageOf(counts, 'recall')).toBeCloseTo((3 / 4 + 1) / 2, 12);
  });
});
