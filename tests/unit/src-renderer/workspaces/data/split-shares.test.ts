import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitSchema } from '../../../../../shared/project/data';
import { moveBoundary, setShare, type Shares } from '../../../../../src-renderer/workspaces/data/split-shares';

const shares = (training: number, validation: number, test: number): Shares => ({ training, validation, test });

/** Any split in whole percents with something to train on. */
const anyShares = fc.tuple(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 0, max: 100 })).map(([training, at]) => {
  const validation = Math.round(((100 - training) * at) / 100);
  return shares(training / 100, validation / 100, (100 - training - validation) / 100);
});

function expectWhole(result: Shares): void {
  expect(result.training + result.validation + result.test).toBeCloseTo(1, 9);
  expect(splitSchema.safeParse({ kind: 'ratio', ...result }).success).toBe(true);
}

describe('moveBoundary', () => {
  it('moves what lies between training and validation, the rest stays', () => {
    expect(moveBoundary(shares(0.8, 0.2, 0), 0, 0.7)).toEqual(shares(0.7, 0.3, 0));
    expect(moveBoundary(shares(0.8, 0.2, 0), 1, 0.9)).toEqual(shares(0.8, 0.1, 0.1));
    expect(moveBoundary(shares(0.6, 0.2, 0.2), 0, 0.95)).toEqual(shares(0.8, 0, 0.2));
    expect(moveBoundary(shares(0.6, 0.2, 0.2), 0, -1)).toEqual(shares(0.01, 0.79, 0.2));
  });

  it('always leaves a whole split that the recipe accepts', () => {
    fc.assert(
      fc.property(
        anyShares,
        fc.constantFrom(0 as const, 1 as const),
        fc.double({ min: -0.5, max: 1.5, noNaN: true }),
        (start, which, at) => expectWhole(moveBoundary(start, which, at)),
      ),
    );
  });
});

describe('setShare', () => {
  it('takes from training what another part gets', () => {
    expect(setShare(shares(0.8, 0.2, 0), 'test', 0.1)).toEqual(shares(0.7, 0.2, 0.1));
    expect(setShare(shares(0.8, 0.2, 0), 'training', 0.9)).toEqual(shares(0.9, 0.1, 0));
    expect(setShare(shares(0.5, 0.2, 0.3), 'training', 0.9)).toEqual(shares(0.9, 0, 0.1));
    expect(setShare(shares(0.5, 0.3, 0.2), 'validation', 1)).toEqual(shares(0.01, 0.99, 0));
  });

  it('always leaves a whole split that the recipe accepts', () => {
    const names = fc.constantFrom('training' as const, 'validation' as const, 'test' as const);
    fc.assert(
      fc.property(anyShares, names, fc.double({ min: 0, max: 1, noNaN: true }), (start, name, value) =>
        expectWhole(setShare(start, name, value)),
      ),
    );
  });
});
