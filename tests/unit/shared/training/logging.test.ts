import { describe, expect, it } from 'vitest';
import { isLoggedEpoch } from '../../../../shared/training/logging';

describe('isLoggedEpoch', () => {
  it('logs every epoch at first, then fewer and fewer', () => {
    const logged = (from: number, to: number): number => {
      let count = 0;
      for (let epoch = from; epoch < to; epoch++) if (isLoggedEpoch(epoch)) count++;
      return count;
    };
    expect(logged(0, 10_001)).toBe(10_001);
    expect(logged(10_001, 100_001)).toBe(9000);
    expect(logged(100_001, 1_000_001)).toBe(9000);
  });
});
