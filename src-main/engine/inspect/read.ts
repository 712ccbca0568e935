/** Numbers of a long tensor, as a page can show them. */

/** A part of a tensor: elements start, start + step, … */
export interface Range {
  start: number;
  step: number;
  count: number;
}

export interface Picture {
  rows: number;
  columns: number;
  /** Row by row. */
  cells: Float32Array;
}

/** Cells of a picture along one side, at most. */
export const mostCells = 64;

export function wholeRange(values: ArrayLike<number>): Range {
  return { start: 0, step: 1, count: values.length };
}

/** What is no number must not disappear among others: it counts as larger than all of them. */
const sizeOf = (value: number): number => (Number.isNaN(value) ? Infinity : Math.abs(value));

/** Places within the range, of the values largest in size, largest first; equal ones in order. */
export function strongest(values: ArrayLike<number>, { start, step, count }: Range, most: number): number[] {
  const size = (place: number) => sizeOf(values[start + place * step] ?? 0);
  const best: number[] = [];
  for (let place = 0; place < count; place++) {
    const last = best.at(-1);
    if (best.length === most && last !== undefined && !(size(place) > size(last))) continue;
    let at = best.length;
    while (at > 0 && size(place) > size(best[at - 1] ?? 0)) at--;
    best.splice(at, 0, place);
    if (best.length > most) best.pop();
  }
  return best;
}

/** The largest size in a range; what is infinite or no number does not count. */
export function largest(values: ArrayLike<number>, { start, step, count }: Range): number {
  let found = 0;
  for (let place = 0; place < count; place++) {
    const size = Math.abs(values[start + place * step] ?? 0);
    if (size > found && size < Infinity) found = size;
  }
  return found;
}

/**
 * The range as rows × columns, made smaller to at most `mostCells` a side: a cell has the value that is largest in size of those it
 * stands for, so that nothing strong disappears.
 */
export function picture(values: ArrayLike<number>, range: Range, rows: number, columns: number): Picture {
  const shownRows = Math.min(rows, mostCells);
  const shownColumns = Math.min(columns, mostCells);
  const cells = new Float32Array(shownRows * shownColumns);
  for (let row = 0; row < rows; row++) {
    const cellRow = Math.floor((row * shownRows) / rows);
    for (let column = 0; column < columns; column++) {
      const place = row * columns + column;
      if (place >= range.count) continue;
      const value = values[range.start + place * range.step] ?? 0;
      const cell = cellRow * shownColumns + Math.floor((column * shownColumns) / columns);
      if (sizeOf(value) > sizeOf(cells[cell] ?? 0)) cells[cell] = value;
    }
  }
  return { rows: shownRows, columns: shownColumns, cells };
}
