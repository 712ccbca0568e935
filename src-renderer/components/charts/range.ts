import type { ChartLine } from './chart-line';

export interface Range {
  minimum: number;
  maximum: number;
}

/** What the axis hides, so that the chart can say it. */
export interface AxisRange extends Range {
  /** A linear axis that starts above (or ends below) zero although all values lie on one side of it. */
  truncated: boolean;
}

/** Smallest and largest x over all curves, or null when there is nothing to show. Log axes take positive values only. */
export function rangeOfX(lines: readonly ChartLine[], log: boolean): Range | null {
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  for (const line of lines) {
    for (let i = 0; i < line.x.length; i++) {
      const value = line.x[i] as number;
      if (log && value <= 0) continue;
      if (value < minimum) minimum = value;
      break;
    }
    const last = line.x[line.x.length - 1];
    if (last !== undefined && last > maximum && (!log || last > 0)) maximum = last;
  }
  return minimum <= maximum ? { minimum, maximum } : null;
}

/**
 * Range of y over what is visible in `x`. Curves marked as outliers count only when there is nothing else, so that one lane that
 * blew up does not flatten the others.
 */
export function rangeOfY(
  lines: readonly ChartLine[],
  x: Range,
  axis: { log: boolean; share?: boolean },
): AxisRange | null {
  const sensible = lines.filter((line) => !line.outlier);
  const visible = extent(sensible, x, axis.log) ?? extent(lines, x, axis.log);
  if (!visible) return null;
  const { minimum, maximum } = visible;
  if (axis.log) {
    const margin = minimum === maximum ? 2 : Math.pow(maximum / minimum, 0.05);
    return { minimum: minimum / margin, maximum: maximum * margin, truncated: false };
  }
  const span = maximum - minimum || Math.abs(maximum) || 1;
  let low = minimum - span * 0.06;
  let high = maximum + span * 0.06;
  // Close enough to zero: show zero, which costs little and tells the whole truth.
  if (minimum >= 0 && minimum <= maximum * 0.4) low = 0;
  if (maximum <= 0 && maximum >= minimum * 0.4) high = 0;
  if (axis.share) {
    low = Math.max(0, low);
    high = Math.min(1, high);
    if (low === high) low = Math.max(0, high - 0.1);
  }
  return { minimum: low, maximum: high, truncated: low > 0 || high < 0 };
}

function extent(lines: readonly ChartLine[], x: Range, positiveOnly: boolean): Range | null {
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  for (const line of lines) {
    const length = Math.min(line.x.length, line.y.length);
    for (let i = 0; i < length; i++) {
      const at = line.x[i] as number;
      if (at < x.minimum || at > x.maximum) continue;
      const value = line.y[i] as number;
      if (!Number.isFinite(value) || (positiveOnly && value <= 0)) continue;
      if (value < minimum) minimum = value;
      if (value > maximum) maximum = value;
    }
  }
  return minimum <= maximum ? { minimum, maximum } : null;
}

/** How many values of the curves a log axis can't show, and which curves leave the range at its upper end. */
export function hiddenValues(
  lines: readonly ChartLine[],
  range: Range,
  log: boolean,
): { notPositive: number; above: string[] } {
  let notPositive = 0;
  const above: string[] = [];
  for (const line of lines) {
    let leaves = false;
    for (let i = 0; i < line.y.length; i++) {
      const value = line.y[i] as number;
      if (log && value <= 0) notPositive++;
      if (value > range.maximum) leaves = true;
    }
    if (leaves && !above.includes(line.group)) above.push(line.group);
  }
  return { notPositive, above };
}
