import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapPixels } from '../../../../../../src-renderer/workspaces/train/stage/map-image';
import {
  paddedRange,
  plotX,
  plotY,
  roundTicks,
} from '../../../../../../src-renderer/workspaces/train/stage/plot-frame';

describe('mapPixels', () => {
  const blue = [0, 0, 255] as const;
  const red = [255, 0, 0] as const;

  it('puts the lowest y at the bottom and shows sure answers stronger', () => {
    const view = { resolution: 2, classes: ['a', 'b'] };
    // Cells from the lowest row: sure a, unsure a; sure b, unsure b.
    const pixels = mapPixels(view, [255, 128, 256 + 255, 256 + 128], [blue, red], [0, 0, 0], true);
    const at = (row: number, column: number): number[] => [
      ...pixels.slice((row * 2 + column) * 4, (row * 2 + column) * 4 + 3),
    ];
    expect(at(1, 0)[2]).toBeGreaterThan(at(1, 1)[2] as number);
    expect(at(0, 0)[0]).toBeGreaterThan(at(0, 1)[0] as number);
    expect(at(0, 0)[2]).toBe(0);
    expect(pixels[3]).toBe(255);
  });

  it('spans the sequential map for numbers', () => {
    const pixels = mapPixels({ resolution: 1, classes: null }, [65535], [], [0, 0, 0], true);
    expect([...pixels]).toEqual([252, 236, 120, 255]);
  });
});

describe('plot frame', () => {
  const frame = {
    left: 10,
    top: 5,
    width: 100,
    height: 50,
    x: [0, 10] as [number, number],
    y: [-1, 1] as [number, number],
  };

  it('maps corners to corners', () => {
    expect([plotX(frame, 0), plotX(frame, 10), plotY(frame, -1), plotY(frame, 1)]).toEqual([10, 110, 55, 5]);
  });

  it('pads a range and knows when there is none', () => {
    expect(paddedRange([0, 10, NaN], 0.1)).toEqual([-1, 11]);
    expect(paddedRange([NaN], 0.1)).toBeNull();
    expect(paddedRange([5], 0.1)).toEqual([4.5, 5.5]);
  });

  it('ticks at round values inside the range, at most as many as asked', () => {
    expect(roundTicks([0, 1], 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
        fc.integer({ min: 2, max: 10 }),
        (low, span, most) => {
          fc.pre(span > Math.abs(low) * 1e-9);
          const ticks = roundTicks([low, low + span], most);
          expect(ticks.length).toBeLessThanOrEqual(most + 1);
          for (const tick of ticks) {
            expect(tick).toBeGreaterThanOrEqual(low - span * 1e-6);
            expect(tick).toBeLessThanOrEqual(low + span * (1 + 1e-6));
          }
        },
      ),
    );
  });
});
