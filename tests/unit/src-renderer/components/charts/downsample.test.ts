import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { downsample, pixelOf, type PixelAxis } from '../../../../../src-renderer/components/charts/downsample';

const value = fc.oneof(
  { weight: 9, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
  { weight: 1, arbitrary: fc.constant(NaN) },
);
const curve = fc.array(value, { minLength: 1, maxLength: 400 });
const axisOf = (length: number, width: number, log: boolean): PixelAxis => ({
  width,
  minimum: log ? 1 : 0,
  maximum: Math.max(2, length),
  log,
});

describe('downsample', () => {
  it('keeps lowest, highest and every gap of each pixel, every mark, and the order', () => {
    fc.assert(
      fc.property(
        curve,
        fc.integer({ min: 1, max: 60 }),
        fc.boolean(),
        fc.array(fc.nat(399)),
        (y, width, log, marks) => {
          const x = y.map((_, i) => i + (log ? 1 : 0));
          const axis = axisOf(y.length, width, log);
          const marked = new Set(marks.filter((mark) => mark < y.length));
          const kept = downsample(x, y, axis, marked);
          expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
          const chosen = new Set(kept);
          for (const mark of marked) expect(chosen.has(mark)).toBe(true);

          const columns = new Map<number, number[]>();
          x.forEach((at, i) => {
            const column = Math.floor(pixelOf(axis, at));
            columns.set(column, [...(columns.get(column) ?? []), i]);
          });
          for (const members of columns.values()) {
            const inside = members.filter((i) => chosen.has(i));
            const finite = (list: number[]): number[] => list.map((i) => y[i] as number).filter(Number.isFinite);
            if (finite(members).length > 0) {
              expect(Math.min(...finite(inside))).toBe(Math.min(...finite(members)));
              expect(Math.max(...finite(inside))).toBe(Math.max(...finite(members)));
            }
            expect(inside.some((i) => Number.isNaN(y[i]))).toBe(members.some((i) => Number.isNaN(y[i])));
          }
        },
      ),
    );
  });

  it('draws at most five points a pixel besides the marks', () => {
    const y = Float64Array.from({ length: 100_000 }, (_, i) => Math.sin(i * 12.9898) * 43758.5453);
    const x = Float64Array.from(y, (_, i) => i);
    const kept = downsample(x, y, axisOf(y.length, 300, false));
    expect(kept.length).toBeLessThanOrEqual(5 * 301);
    expect(kept.length).toBeGreaterThan(300);
  });

  it('keeps one point beyond each side of a zoomed axis, so that lines run out of the picture', () => {
    const x = Array.from({ length: 100 }, (_, i) => i);
    const kept = downsample(x, x, { width: 10, minimum: 40, maximum: 50, log: false });
    expect(kept[0]).toBe(39);
    expect(kept.at(-1)).toBe(51);
  });

  it('leaves out what a log axis can not show', () => {
    expect(downsample([0, 1, 10], [1, 2, 3], { width: 100, minimum: 1, maximum: 10, log: true })).toEqual([1, 2]);
  });
});
