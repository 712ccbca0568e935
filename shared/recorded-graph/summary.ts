/** What is kept of a tensor for looking at it: all of its numbers where they are few, else what is said about many. */
export type NumberSummary =
  | {
      kind: 'numbers';
      /** Row-major. Of int64 and bool tensors whole numbers. */
      numbers: number[];
    }
  | {
      kind: 'statistics';
      minimum: number;
      maximum: number;
      mean: number;
      /** √Σx². */
      norm: number;
    };

/** So many numbers are kept one by one: an 8 × 8 matrix. */
export const fewNumbers = 64;

/** A value that is no number makes mean and norm NaN; smallest and largest are those of the others. */
export function summarise(values: ArrayLike<number>): NumberSummary {
  const count = values.length;
  if (count <= fewNumbers) return { kind: 'numbers', numbers: Array.from(values) };
  let [minimum, maximum, sum, squares] = [Infinity, -Infinity, 0, 0];
  for (let i = 0; i < count; i++) {
    const value = values[i] as number;
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
    sum += value;
    squares += value * value;
  }
  if (minimum > maximum) minimum = maximum = NaN;
  return { kind: 'statistics', minimum, maximum, mean: sum / count, norm: Math.sqrt(squares) };
}
