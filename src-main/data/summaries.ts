import type { ColumnSummary, ImportReport } from '../../shared/api/data';
import { at } from './at';

export const histogramBins = 24;
export const frequentShown = 20;

/** Summaries of columns held in memory; those of files are made by SQL (table/profile.ts) to the same rules. */
export function emptySummary(name: string, type: ColumnSummary['type']): ColumnSummary {
  return {
    name,
    type,
    blanks: 0,
    distinct: 0,
    minimum: null,
    maximum: null,
    mean: null,
    median: null,
    deviation: null,
    histogram: null,
    frequent: null,
  };
}

export function numberSummary(name: string, values: ArrayLike<number>): ColumnSummary {
  const sorted = Float64Array.from(values).sort();
  const count = sorted.length;
  if (count === 0) return emptySummary(name, 'number');
  const minimum = at(sorted, 0);
  const maximum = at(sorted, count - 1);
  let sum = 0;
  for (const value of sorted) sum += value;
  const mean = sum / count;
  let squares = 0;
  let distinct = 0;
  let whole = true;
  const histogram = new Array<number>(histogramBins).fill(0);
  for (const [index, value] of sorted.entries()) {
    squares += (value - mean) ** 2;
    if (index === 0 || value !== sorted[index - 1]) distinct += 1;
    whole = whole && Number.isInteger(value);
    const bin = maximum > minimum ? Math.floor(((value - minimum) / (maximum - minimum)) * histogramBins) : 0;
    histogram[Math.min(histogramBins - 1, bin)] = at(histogram, Math.min(histogramBins - 1, bin)) + 1;
  }
  const middle = count >> 1;
  return {
    ...emptySummary(name, whole ? 'integer' : 'number'),
    distinct,
    minimum,
    maximum,
    mean,
    median: count % 2 === 1 ? at(sorted, middle) : (at(sorted, middle - 1) + at(sorted, middle)) / 2,
    deviation: Math.sqrt(squares / count),
    histogram,
  };
}

export function labelSummary(name: string, labels: readonly string[]): ColumnSummary {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const frequent = [...counts].map(([value, count]) => ({ value, count }));
  frequent.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  return { ...emptySummary(name, 'text'), distinct: counts.size, frequent: frequent.slice(0, frequentShown) };
}

/** How data were read that no file format had a say in: nothing guessed, nothing rejected. */
export function plainReport(file: string): ImportReport {
  return {
    file,
    bytes: 0,
    separator: null,
    decimal: null,
    encoding: null,
    quote: null,
    header: null,
    rejectedCount: 0,
    rejected: [],
    notes: [],
  };
}
