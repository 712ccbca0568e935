import type { ColumnRecipe } from '../../../shared/project/data';
import { at } from '../at';

export interface Scaling {
  /** network = (raw - offset) / scale */
  offset: number;
  scale: number;
}

export interface NumberFit extends Scaling {
  /** What stands in for a blank; null where rows with blanks are dropped. */
  blank: number | null;
}

/** Statistics of the values in some rows (NaN, a blank, is left out). A row that occurs twice counts twice, as it trains twice. */
export function fitNumbers(
  values: Float64Array,
  rows: Int32Array,
  { scale, blanks }: Pick<ColumnRecipe, 'scale' | 'blanks'>,
): NumberFit {
  const room = new Float64Array(rows.length);
  let count = 0;
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    const value = at(values, row);
    if (Number.isNaN(value)) continue;
    room[count] = value;
    count += 1;
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  if (count === 0) return { blank: blanks === 'drop' ? null : 0, offset: 0, scale: 1 };
  const known = room.subarray(0, count);
  let mean = 0;
  for (const value of known) mean += value / count;
  let variance = 0;
  for (const value of known) variance += (value - mean) ** 2 / count;
  const blank = blanks === 'drop' ? null : blanks === 'mean' ? mean : medianOf(known);
  return { blank, ...scalingOf(scale, mean, Math.sqrt(variance), minimum, maximum) };
}

/** Sorts the values in place. */
function medianOf(values: Float64Array): number {
  const sorted = values.sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? at(sorted, middle) : (at(sorted, middle - 1) + at(sorted, middle)) / 2;
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
