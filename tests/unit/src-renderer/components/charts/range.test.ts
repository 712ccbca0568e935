import { describe, expect, it } from 'vitest';
import { hiddenValues, rangeOfX, rangeOfY } from '../../../../../src-renderer/components/charts/range';
import { chartLine } from './charts';

const x = { minimum: 0, maximum: 10 };

describe('rangeOfY', () => {
  it('starts at zero when that costs little', () => {
    expect(rangeOfY([chartLine([1, 0.2])], x, { log: false })).toMatchObject({ minimum: 0, truncated: false });
  });

  it('says so when it does not', () => {
    expect(rangeOfY([chartLine([1, 0.9])], x, { log: false })).toMatchObject({ truncated: true });
  });

  it('is not stretched by a lane that blew up, unless there is no other', () => {
    const calm = chartLine([1, 0.5]);
    const wild = chartLine([1, 1e30], { outlier: true });
    expect(rangeOfY([calm, wild], x, { log: false })?.maximum).toBeLessThan(2);
    expect(rangeOfY([wild], x, { log: false })?.maximum).toBeGreaterThan(1e30);
  });

  it('takes positive values only on a log axis, and has nothing to show without any', () => {
    const range = rangeOfY([chartLine([0, 0.01, 1])], x, { log: true });
    expect(range?.minimum).toBeGreaterThan(0);
    expect(range?.minimum).toBeLessThanOrEqual(0.01);
    expect(rangeOfY([chartLine([0, -1])], x, { log: true })).toBeNull();
  });

  it('never draws a share beyond 0..1', () => {
    expect(rangeOfY([chartLine([0.2, 1])], x, { log: false, share: true })).toMatchObject({ minimum: 0, maximum: 1 });
  });

  it('looks at the visible part only', () => {
    const line = chartLine([100, 100, 3, 2, 1]);
    expect(rangeOfY([line], { minimum: 2, maximum: 4 }, { log: false })?.maximum).toBeLessThan(4);
  });
});

describe('rangeOfX', () => {
  it('spans all curves and leaves zero out of a log axis', () => {
    const lines = [chartLine([1, 2, 3]), chartLine([1, 2, 3, 4, 5])];
    expect(rangeOfX(lines, false)).toEqual({ minimum: 0, maximum: 4 });
    expect(rangeOfX(lines, true)).toEqual({ minimum: 1, maximum: 4 });
    expect(rangeOfX([], false)).toBeNull();
  });
});

describe('hiddenValues', () => {
  it('counts what a log axis drops and names what leaves the top', () => {
    const lines = [chartLine([0, -1, 5]), chartLine([1, 1e9], { group: 'b' })];
    expect(hiddenValues(lines, { minimum: 0.1, maximum: 10 }, true)).toEqual({ notPositive: 2, above: ['b'] });
  });
});
