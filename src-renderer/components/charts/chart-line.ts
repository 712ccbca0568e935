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
