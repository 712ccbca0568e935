import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fittingWidth, gutterWidth, visibleRange } from '../../../../../src-renderer/workspaces/data/table-window';

it('covers all that is seen, and little more', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1e7, noNaN: true }),
      fc.double({ min: 0, max: 3000, noNaN: true }),
      fc.integer({ min: 0, max: 1_000_000 }),
      (scrolled, room, count) => {
        const { from, to } = visibleRange(scrolled, room, 26, count, 8);
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThanOrEqual(count);
        expect(to - from).toBeLessThanOrEqual(Math.ceil(room / 26) + 1 + 16);
        const first = Math.floor(scrolled / 26);
        const last = Math.ceil((scrolled + room) / 26);
        for (const seen of [first, last - 1]) {
          if (seen >= 0 && seen < count && seen >= first && room > 0) expect(seen >= from && seen < to).toBe(true);
        }
      },
    ),
  );
});

it('shares the room among the columns, within what can be read', () => {
  expect(fittingWidth(gutterWidth + 600, 4)).toBe(150);
  expect(fittingWidth(gutterWidth + 600, 65)).toBe(fittingWidth(0, 65));
  expect(fittingWidth(5000, 2)).toBe(fittingWidth(9000, 2));
  expect(fittingWidth(800, 0)).toBeGreaterThan(0);
});
