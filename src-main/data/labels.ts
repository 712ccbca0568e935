import type { LabelColumn } from './source';
import { at } from './at';

/** Numbers in order of size where all are numbers, otherwise by character: the order of class indices. */
export function sortLabels(values: readonly string[]): string[] {
  const numeric = values.every((value) => value.trim() !== '' && Number.isFinite(Number(value)));
  if (numeric) return [...values].sort((a, b) => Number(a) - Number(b));
  return [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** The same labels with the codes in the order of the sorted values. Changes `codes` in place. */
export function sortedLabels(codes: Int32Array, values: readonly string[]): LabelColumn {
  const sorted = sortLabels(values);
  const place = new Map(sorted.map((value, index) => [value, index]));
  const moved = values.map((value) => place.get(value) ?? -1);
  for (let row = 0; row < codes.length; row += 1) {
    const code = at(codes, row);
    if (code >= 0) codes[row] = at(moved, code);
  }
  return { codes, values: sorted };
}
