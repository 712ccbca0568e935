/** Where a value lies on the horizontal axis, in pixels; anything below 0 or at `width` and beyond is out of sight. */
export interface PixelAxis {
  width: number;
  minimum: number;
  maximum: number;
  log: boolean;
}

export function pixelOf(axis: PixelAxis, value: number): number {
  if (axis.log) {
    if (value <= 0) return Number.NaN;
    const low = Math.log(axis.minimum);
    const span = Math.log(axis.maximum) - low;
    return span === 0 ? 0 : ((Math.log(value) - low) / span) * axis.width;
  }
  const span = axis.maximum - axis.minimum;
  return span === 0 ? 0 : ((value - axis.minimum) / span) * axis.width;
}

/**
 * Chooses which points of a curve to draw: of every pixel column the first, last, lowest and highest value, one gap if the column
 * has any, and every marked point. What is left out could not be told apart on the screen. `x` ascends; a value that is not finite is
 * a gap. Points just outside the axis are kept so that the line runs out of the picture instead of ending in it.
 *
 * Returns ascending positions.
 */
export function downsample(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  axis: PixelAxis,
  marked: ReadonlySet<number> = new Set(),
): number[] {
  const kept: number[] = [];
  const length = Math.min(x.length, y.length);
  let column = Number.NaN;
  let first = -1;
  let last = -1;
  let lowest = -1;
  let highest = -1;
  let gap = -1;
  let marks: number[] = [];
  let before = -1;

  const flush = (): void => {
    const candidates = [first, last, lowest, highest, gap, ...marks].filter((index) => index >= 0);
    candidates.sort((a, b) => a - b);
    for (const index of candidates) if (kept[kept.length - 1] !== index) kept.push(index);
    first = last = lowest = highest = gap = -1;
    marks = [];
  };

  for (let i = 0; i < length; i++) {
    const position = pixelOf(axis, x[i] as number);
    if (Number.isNaN(position)) continue;
    if (position < 0) {
      before = i;
      continue;
    }
    if (position > axis.width) {
      flush();
      if (kept[kept.length - 1] !== i) kept.push(i);
      return kept;
    }
    if (before >= 0) {
      kept.push(before);
      before = -1;
    }
    const here = Math.floor(position);
    if (here !== column) {
      flush();
      column = here;
    }
    const value = y[i] as number;
    if (marked.has(i)) marks.push(i);
    if (!Number.isFinite(value)) {
      gap = i;
      continue;
    }
    if (first < 0) first = i;
    last = i;
    if (lowest < 0 || value < (y[lowest] as number)) lowest = i;
    if (highest < 0 || value > (y[highest] as number)) highest = i;
  }
  flush();
  return kept;
}
