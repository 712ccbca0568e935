/** One curve as it is handed to a chart. */
export interface ChartLine {
  id: string;
  /** Curves of one group (a lane) are toggled together by the legend. */
  group: string;
  label: string;
  colour: string;
  /** Canvas line dash; empty is solid. */
  dash: number[];
  width: number;
  x: Float64Array;
  y: Float64Array;
  marks: ChartMark[];
  /** A diverged curve: drawn, but the automatic range is not stretched for it. */
  outlier: boolean;
  /** Only the dots, no line. */
  dots?: boolean;
}

/** A point that is never lost to down-sampling. */
export interface ChartMark {
  /** Position in the curve. */
  index: number;
  kind: 'best' | 'diverged' | 'rate';
  label: string;
}

/** One entry of the legend. */
export interface ChartGroup {
  id: string;
  label: string;
  colour: string;
  dash: number[];
}

export interface ChartAxis {
  /** With its unit where it has one. */
  title: string;
  log: boolean;
  /** The axis shows a share (accuracy): never drawn beyond 0..1. */
  share?: boolean;
}

/** Values at one place on the horizontal axis, for the crosshair and the data table. */
export function nearestIndex(x: ArrayLike<number>, value: number): number {
  if (x.length === 0) return -1;
  let low = 0;
  let high = x.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((x[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  const here = x[low] as number;
  const before = x[low - 1];
  return before !== undefined && Math.abs(before - value) < Math.abs(here - value) ? low - 1 : low;
}

/** What the curves of one group say at one place. */
export interface ChartReading {
  group: string;
  label: string;
  colour: string;
  dash: number[];
  /** In the order of the curves; a curve without a value there is left out. */
  values: number[];
}

/** Values of all curves exactly at `x`, one entry for each group that has any. */
export function readingsAt(lines: readonly ChartLine[], x: number): ChartReading[] {
  const readings = new Map<string, ChartReading>();
  for (const line of lines) {
    const index = nearestIndex(line.x, x);
    const value = line.y[index];
    if (line.x[index] !== x || value === undefined || !Number.isFinite(value)) continue;
    const { group, label, colour, dash } = line;
    const known = readings.get(group);
    if (known) known.values.push(value);
    else readings.set(group, { group, label, colour, dash, values: [value] });
  }
  return [...readings.values()];
}
