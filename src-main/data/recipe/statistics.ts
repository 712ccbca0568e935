import type { ColumnRecipe } from '../../../shared/project/data';
import { at } from '../at';

export interface Scaling {
  /** network = (raw - offset) / scale */
  offset: number;
  scale: number;
}

export interface NumberFit extends Scaling {
  mean: number;
  median: number;
}

/** Statistics of the values in some rows (NaN, a blank, is left out). A row that occurs twice counts twice, as it trains twice. */
export function fitNumbers(values: Float64Array, rows: Int32Array, scale: ColumnRecipe['scale']): NumberFit {
  const known = new Float64Array(rows.length);
  let count = 0;
  for (const row of rows) {
    const value = at(values, row);
    if (!Number.isNaN(value)) known[count++] = value;
  }
  if (count === 0) return { mean: 0, median: 0, offset: 0, scale: 1 };
  const sorted = known.subarray(0, count).sort();
  let mean = 0;
  for (const value of sorted) mean += value / count;
  let variance = 0;
  for (const value of sorted) variance += (value - mean) ** 2 / count;
  const middle = count >> 1;
  const median = count % 2 === 1 ? at(sorted, middle) : (at(sorted, middle - 1) + at(sorted, middle)) / 2;
  return { mean, median, ...scalingOf(scale, mean, Math.sqrt(variance), at(sorted, 0), at(sorted, count - 1)) };
}

/** Standardising divides by the deviation of the population; a constant column is only shifted. */
export function scalingOf(
  scale: ColumnRecipe['scale'],
  mean: number,
  deviation: number,
  minimum: number,
  maximum: number,
): Scaling {
  if (scale === 'none') return { offset: 0, scale: 1 };
  if (scale === 'min-max') return { offset: minimum, scale: maximum > minimum ? maximum - minimum : 1 };
  // Rounding leaves a constant column a deviation of about 1e-16 of its size.
  const constant = minimum === maximum || !(deviation > 0);
  return { offset: constant ? minimum : mean, scale: constant ? 1 : deviation };
}
