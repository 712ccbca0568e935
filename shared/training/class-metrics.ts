import type { Answers } from './answers';

/** Counts of one class (or of one output that decides for itself). */
export interface ClassCount {
  /** Said and right, said, and so in truth. */
  hits: number;
  said: number;
  were: number;
}

export type ClassMetric = 'precision' | 'recall' | 'f1';

export interface ClassCounts {
  classes: ClassCount[];
  /** One class per row is right; otherwise each output decides for itself, and its positive class is counted. */
  exclusive: boolean;
}

/** Class indices: the largest output decides. Values: each output is compared with 0 where it is a logit of a share. */
export function classCounts({ outputs, targets, count, width }: Answers): ClassCounts {
  const classes = Array.from({ length: width }, (): ClassCount => ({ hits: 0, said: 0, were: 0 }));
  const exclusive = targets instanceof BigInt64Array;
  const add = (column: number, said: boolean, was: boolean): void => {
    const entry = classes[column];
    if (!entry) return;
    if (said) entry.said++;
    if (was) entry.were++;
    if (said && was) entry.hits++;
  };
  for (let row = 0; row < count; row++) {
    const values = outputs.subarray(row * width, (row + 1) * width);
    let chosen = 0;
    values.forEach((value, column) => (chosen = value > (values[chosen] ?? NaN) ? column : chosen));
    for (let column = 0; column < width; column++) {
      if (exclusive) add(column, column === chosen, column === Number(targets[row]));
      else add(column, (values[column] ?? NaN) > 0, Number(targets[row * width + column]) > 0.5);
    }
  }
  return { classes, exclusive };
}

/** The counts behind a confusion matrix (rows: truth, columns: answer). */
export function countsOfConfusion(confusion: readonly (readonly number[])[]): ClassCounts {
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const classes = confusion.map((row, index): ClassCount => ({
    hits: row[index] ?? 0,
    said: sum(confusion.map((other) => other[index] ?? 0)),
    were: sum(row),
  }));
  return { classes, exclusive: true };
}

/** precision: right among those said. recall: right among those that are. f1: their harmonic mean. 0 where nothing is counted. */
export function metricOfClass({ hits, said, were }: ClassCount, metric: ClassMetric): number {
  if (metric === 'precision') return said > 0 ? hits / said : 0;
  if (metric === 'recall') return were > 0 ? hits / were : 0;
  return said + were > 0 ? (2 * hits) / (said + were) : 0;
}

/** Mean over the classes that occur or were said (all outputs where each decides for itself): scikit-learn's macro average. */
export function averageOf({ classes, exclusive }: ClassCounts, metric: ClassMetric): number {
  const counted = classes.filter(({ said, were }) => !exclusive || said + were > 0);
  if (counted.length === 0) return 0;
  return counted.reduce((sum, entry) => sum + metricOfClass(entry, metric), 0) / counted.length;
}
