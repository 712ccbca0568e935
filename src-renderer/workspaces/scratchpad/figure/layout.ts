import type { Drawing, DrawingAxes, DrawingSeries } from '../../../../shared/api/scratchpad';
import { makeAxis, type Axis } from './axis';

type Bars = Extract<DrawingSeries, { kind: 'bars' }>;
export type Picture = Extract<DrawingSeries, { kind: 'image' }>;
export type Line = Extract<DrawingSeries, { kind: 'line' }>;

/** A rectangle in pixels of the figure. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** One coordinate system, placed. */
export interface PlacedAxes {
  axes: DrawingAxes;
  /** Where values are drawn. */
  area: Box;
  x: Axis;
  y: Axis;
  /** Names below bars take the place of numbers. */
  names: { value: number; label: string }[] | null;
  atX(value: number): number;
  atY(value: number): number;
}

export interface PlacedFigure {
  width: number;
  height: number;
  titleHeight: number;
  axes: PlacedAxes[];
}

const pixelsPerInch = 88;
const usual = { width: 6.4, height: 4 };
const titleHeight = 24;
const room = { left: 58, right: 14, top: 10, bottom: 28, title: 20, label: 18 };

/** Places a figure in so many pixels of width. */
export function placeFigure(drawing: Drawing, available: number): PlacedFigure {
  const inches = drawing.size ?? { width: usual.width, height: usual.height * Math.max(1, drawing.rows * 0.75) };
  const width = Math.max(240, Math.min(available, inches.width * pixelsPerInch));
  const height = Math.max(160, width * (inches.height / inches.width));
  const top = drawing.title === '' ? 0 : titleHeight;
  const cell = { width: width / drawing.columns, height: (height - top) / drawing.rows };
  const axes = drawing.axes.map((one) =>
    placeAxes(one, { left: one.column * cell.width, top: top + one.row * cell.height, ...cell }),
  );
  return { width, height, titleHeight: top, axes };
}

function placeAxes(axes: DrawingAxes, cell: Box): PlacedAxes {
  const top = room.top + (axes.title === '' ? 0 : room.title);
  const bottom = room.bottom + (axes.xLabel === '' ? 0 : room.label);
  const left = room.left + (axes.yLabel === '' ? 0 : room.label);
  let area: Box = {
    left: cell.left + left,
    top: cell.top + top,
    width: Math.max(20, cell.width - left - room.right),
    height: Math.max(20, cell.height - top - bottom),
  };
  const picture = axes.series.find((one): one is Picture => one.kind === 'image');
  if (picture) area = fitted(area, picture.columns / picture.rows);
  // A picture has its first row on top, and its pixels whole numbers in their middles.
  const xLimits: [number, number] | null = axes.xLimits ?? (picture ? [-0.5, picture.columns - 0.5] : null);
  const yLimits: [number, number] | null = axes.yLimits ?? (picture ? [picture.rows - 0.5, -0.5] : null);
  const x = makeAxis(valuesOf(axes, 'x'), xLimits, axes.xScale === 'log');
  const y = makeAxis(valuesOf(axes, 'y'), yLimits, axes.yScale === 'log');
  const bars = axes.series.find((one): one is Bars => one.kind === 'bars' && one.names !== null);
  return {
    axes,
    area,
    x,
    y,
    names: bars?.names?.map((label, i) => ({ value: (bars.left[i] ?? 0) + (bars.width[i] ?? 0) / 2, label })) ?? null,
    atX: (value) => area.left + x.share(value) * area.width,
    atY: (value) => area.top + (1 - y.share(value)) * area.height,
  };
}

/** The largest box of that shape in the middle of another one. */
function fitted(area: Box, ratio: number): Box {
  const width = Math.min(area.width, area.height * ratio);
  const height = width / ratio;
  return { left: area.left + (area.width - width) / 2, top: area.top + (area.height - height) / 2, width, height };
}

function* valuesOf(axes: DrawingAxes, direction: 'x' | 'y'): Generator<number> {
  for (const series of axes.series) {
    if (series.kind === 'line') yield* series[direction];
    else if (series.kind === 'bars') {
      if (direction === 'y') yield* [0, ...series.height];
      else
        for (const [i, left] of series.left.entries()) {
          yield left;
          yield left + (series.width[i] ?? 0);
        }
    }
  }
}

/** An SVG path; the line is broken where there is no value. */
export function linePath({ x, y }: Line, { atX, atY }: PlacedAxes): string {
  let pen = 'M';
  const commands: string[] = [];
  for (const [i, value] of x.entries()) {
    const [left, top] = [atX(value), atY(y[i] ?? NaN)];
    if (!Number.isFinite(left) || !Number.isFinite(top)) {
      pen = 'M';
      continue;
    }
    commands.push(`${pen}${left.toFixed(1)} ${top.toFixed(1)}`);
    pen = 'L';
  }
  return commands.join('');
}

/** Places of the points of a line that can be drawn. */
export function pointsOf({ x, y }: Line, { atX, atY }: PlacedAxes): { left: number; top: number }[] {
  return x
    .map((value, i) => ({ left: atX(value), top: atY(y[i] ?? NaN) }))
    .filter(({ left, top }) => Number.isFinite(left) && Number.isFinite(top));
}

/** The corner of the area in which a box of that size hides the fewest points, the upper right one where all are as good. */
export function emptiestCorner(placed: PlacedAxes, width: number, height: number): { left: number; top: number } {
  const { area, axes } = placed;
  const gap = 8;
  const [right, bottom] = [area.left + area.width - width - gap, area.top + area.height - height - gap];
  const corners = [
    { left: right, top: area.top + gap },
    { left: area.left + gap, top: area.top + gap },
    { left: area.left + gap, top: bottom },
    { left: right, top: bottom },
  ];
  const points = axes.series.flatMap((series) => (series.kind === 'line' ? pointsOf(series, placed) : []));
  const hidden = corners.map(
    (corner) =>
      points.filter(
        ({ left, top }) =>
          left > corner.left && left < corner.left + width && top > corner.top && top < corner.top + height,
      ).length,
  );
  return corners[hidden.indexOf(Math.min(...hidden))] ?? { left: right, top: area.top + gap };
}
