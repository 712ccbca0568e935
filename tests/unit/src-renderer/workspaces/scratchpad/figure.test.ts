import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Drawing, DrawingAxes, DrawingSeries } from '../../../../../shared/api/scratchpad';
import { linearTicks, logTicks, makeAxis } from '../../../../../src-renderer/workspaces/scratchpad/figure/axis';
import { seriesColour } from '../../../../../src-renderer/workspaces/scratchpad/figure/colours';
import {
  emptiestCorner,
  linePath,
  placeFigure,
  type Line,
} from '../../../../../src-renderer/workspaces/scratchpad/figure/layout';

const line = (x: number[], y: number[]): Line => ({
  kind: 'line',
  x,
  y,
  label: 'a',
  color: null,
  stroke: 'solid',
  marker: null,
  opacity: 1,
});
const axesOf = (series: DrawingSeries[], change: Partial<DrawingAxes> = {}): DrawingAxes => ({
  row: 0,
  column: 0,
  title: '',
  xLabel: '',
  yLabel: '',
  xScale: 'linear',
  yScale: 'linear',
  xLimits: null,
  yLimits: null,
  legend: false,
  grid: false,
  series,
  ...change,
});
const figure = (axes: DrawingAxes[], change: Partial<Drawing> = {}): Drawing => ({
  kind: 'figure',
  size: null,
  title: '',
  rows: 1,
  columns: 1,
  axes,
  ...change,
});

describe('axes', () => {
  test('have round ticks within their range, not too many', () => {
    expect(linearTicks(0, 1)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(linearTicks(-3, 12)).toEqual([0, 5, 10]);
    expect(logTicks(1e-4, 1)).toEqual([1e-4, 1e-3, 1e-2, 1e-1, 1]);
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
        (low, span) => {
          const ticks = linearTicks(low, low + span);
          expect(ticks.length).toBeGreaterThan(1);
          expect(ticks.length).toBeLessThan(12);
          for (const tick of ticks) expect(tick >= low - span * 1e-6 && tick <= low + span * (1 + 1e-6)).toBe(true);
        },
      ),
    );
  });

  test('leave room beside the values, take limits as they are, and may run backwards', () => {
    const free = makeAxis([2, 4], null, false);
    expect([free.from, free.to]).toEqual([1.9, 4.1]);
    const given = makeAxis([2, 4], [10, 0], false);
    expect([given.share(10) + 0, given.share(0), given.share(5)]).toEqual([0, 1, 0.5]);
  });

  test('of a single value, of none and of infinite ones are axes all the same', () => {
    for (const values of [[3], [], [NaN, Infinity]])
      for (const log of [false, true]) {
        const axis = makeAxis(values, null, log);
        expect(axis.from).toBeLessThan(axis.to);
        expect(axis.ticks.length).toBeGreaterThan(0);
      }
  });

  test('a logarithmic one has no place for zero', () => {
    const axis = makeAxis([0, 1, 100], null, true);
    expect(axis.share(0)).toBeNaN();
    expect(axis.share(10)).toBeCloseTo(0.5);
  });
});

describe('figures', () => {
  test('are as wide as there is room, with subplots in their grid', () => {
    const two = figure([axesOf([line([0, 1], [0, 1])]), axesOf([line([0, 1], [5, 6])], { column: 1 })], { columns: 2 });
    const placed = placeFigure(two, 400);
    expect(placed.width).toBe(400);
    const [first, second] = placed.axes;
    expect((first?.area.left ?? 0) + (first?.area.width ?? 0)).toBeLessThan(200);
    expect(second?.area.left).toBeGreaterThan(200);
  });

  test('break a line where there is no value', () => {
    const [axes] = placeFigure(figure([axesOf([line([0, 1, 2, 3], [0, NaN, 1, 2])])]), 500).axes;
    if (!axes) throw new Error('no axes');
    expect(linePath(line([0, 1, 2, 3], [0, NaN, 1, 2]), axes).match(/M/g)).toHaveLength(2);
  });

  test('keep the shape of a picture, its first row on top', () => {
    const picture: DrawingSeries = {
      kind: 'image',
      rows: 2,
      columns: 4,
      channels: 1,
      values: new Array<number>(8).fill(0),
      colormap: 'gray',
      minimum: 0,
      maximum: 1,
    };
    const [axes] = placeFigure(figure([axesOf([picture])]), 500).axes;
    if (!axes) throw new Error('no axes');
    expect(axes.area.width / axes.area.height).toBeCloseTo(2);
    expect(axes.atY(0)).toBeLessThan(axes.atY(1));
  });

  test('put the legend where it hides nothing', () => {
    const rising = axesOf([line([0, 1, 2, 3, 4], [0, 1, 2, 3, 4])]);
    const [axes] = placeFigure(figure([rising]), 500).axes;
    if (!axes) throw new Error('no axes');
    const corner = emptiestCorner(axes, 150, 60);
    expect(corner.left).toBeLessThan(axes.area.left + 20);
    expect(corner.top).toBeLessThan(axes.area.top + 20);
  });

  test('draw black in the colour of the text, which is seen in both themes', () => {
    expect(seriesColour('black', 0)).toBe('var(--text)');
    expect(seriesColour('tomato', 0)).toBe('tomato');
    expect(seriesColour(null, 1)).toBe('var(--lane-2)');
  });
});
