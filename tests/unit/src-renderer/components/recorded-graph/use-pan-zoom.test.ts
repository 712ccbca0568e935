import { describe, expect, test } from 'vitest';
import { shallowRef } from 'vue';
import { usePanZoom } from '../../../../../src-renderer/components/recorded-graph/use-pan-zoom';

const stage = shallowRef({ width: 600, height: 400 });

describe('a drawing in its stage', () => {
  test('one that fits is seen whole, in the middle', () => {
    const { view, begin } = usePanZoom(stage);
    begin({ width: 300, height: 100 }, { x: 0, y: 0, width: 40, height: 20 });
    expect(view.value).toEqual({ scale: 1.2, x: 120, y: 140 });
  });

  test('one that is too large stays readable, and its beginning is in view', () => {
    const { view, begin } = usePanZoom(stage);
    const first = { x: 0, y: 900, width: 60, height: 40 };
    begin({ width: 4000, height: 1000 }, first);
    const { scale, x, y } = view.value;
    expect(scale).toBe(0.85);
    expect(x).toBe(16);
    expect(y + first.y * scale).toBeGreaterThan(0);
    expect(y + (first.y + first.height) * scale).toBeLessThan(400);
    // Not beyond the end of the drawing.
    expect(y + 1000 * scale).toBe(400 - 16);
  });

  test('on demand all of it, however small', () => {
    const { view, fit } = usePanZoom(stage);
    fit({ width: 4000, height: 1000 });
    expect(view.value.scale).toBeCloseTo(0.142);
    expect(view.value.x).toBe(16);
    expect(view.value.x + 4000 * view.value.scale).toBeCloseTo(584);
  });
});
