import { nearestIndex, type ChartLine } from './chart-line';

export interface ChartTableRow {
  x: number;
  /** One for each curve; NaN where it has no value there. */
  values: number[];
}

/** A chart as a table a person can read: about `most` rows, evenly spread, with the first, the last and every marked point among them. */
export function chartTable(lines: readonly ChartLine[], most = 40): ChartTableRow[] {
  const longest = lines.reduce<ChartLine | null>(
    (best, line) => (line.x.length > (best?.x.length ?? -1) ? line : best),
    null,
  );
  if (!longest || longest.x.length === 0) return [];
  const wanted = new Set<number>();
  const count = Math.min(most, longest.x.length);
  for (let i = 0; i < count; i++) {
    const index = count === 1 ? 0 : Math.round((i * (longest.x.length - 1)) / (count - 1));
    wanted.add(longest.x[index] as number);
  }
  for (const line of lines) for (const mark of line.marks) wanted.add(line.x[mark.index] as number);
  return [...wanted]
    .sort((a, b) => a - b)
    .map((x) => ({
      x,
      values: lines.map((line) => {
        const index = nearestIndex(line.x, x);
        return index >= 0 && line.x[index] === x ? (line.y[index] ?? Number.NaN) : Number.NaN;
      }),
    }));
}
