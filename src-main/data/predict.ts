import { LabError } from '../../shared/errors';
import type { ImportReport } from '../../shared/api/data';
import type { InputColumn, Preprocessing } from '../../shared/project/preprocessing';
import { softmax } from '../../shared/training/evaluate';
import { fileFacts } from './file';
import type { Cell } from './source';
import { parseDate } from './table/dates';
import { shareTable } from './table/shared-tables';
import { unknownFormat, type TableFormat } from './table/table-file';
import { at } from './at';

export interface ReadTable {
  columns: string[];
  rows: Cell[][];
  report: ImportReport;
}

const millisecondsPerDay = 86_400_000;
const pageRows = 10_000;

/** A whole table as cells, for prediction: numbers as numbers, text and dates as they are written, blanks as null. */
export async function readTable(path: string, format: TableFormat = unknownFormat): Promise<ReadTable> {
  const source = await shareTable(await fileFacts(path), format);
  try {
    const rows: Cell[][] = [];
    for (let offset = 0; offset < source.rows; offset += pageRows) {
      for (const row of await source.page(offset, pageRows)) rows.push(row);
    }
    return { columns: source.columns.map(({ summary }) => summary.name), rows, report: source.report };
  } finally {
    await source.close();
  }
}

/** Lines, as an editor counts them, of some rows that readTable gave; both ascending. */
export async function linesOfRows(
  path: string,
  rows: number[],
  format: TableFormat = unknownFormat,
): Promise<number[]> {
  const source = await shareTable(await fileFacts(path), format);
  try {
    return (await source.locate(rows)).map(({ line }) => line);
  } finally {
    await source.close();
  }
}

export interface BadRow {
  index: number;
  error: LabError;
}

/**
 * Raw rows as network inputs, [rows, inputs of the network]. Columns are found by name, whatever their order; other columns are
 * left alone. For images every row is one image of bytes 0..255, channels first. Errors count rows from 1. With a list for `bad`,
 * rows with a cell that cannot be read go there, ascending, and their inputs mean nothing; without, the first one is thrown.
 */
export function transformRows(
  { input }: Preprocessing,
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
  bad?: BadRow[],
): Float32Array {
  if (input.kind === 'image') return transformImages(input, columns, rows, bad);
  const places = input.columns.map(({ column }) => {
    const place = columns.indexOf(column);
    if (place < 0) throw new LabError('data.missing-column', { column, columns: [...columns] });
    return place;
  });
  const width = input.columns.reduce(
    (sum, column) => sum + (column.encoding === 'number' ? 1 : column.values.length),
    0,
  );
  const values = new Float32Array(rows.length * width);
  forEachRow(rows, bad, (row, index) => {
    let offset = index * width;
    for (const [position, column] of input.columns.entries()) {
      const cell = row[at(places, position)] ?? null;
      if (column.encoding === 'number') {
        values[offset] = (rawNumber(cell, column, index + 1) - column.offset) / column.scale;
        offset += 1;
      } else {
        const found = cell === null ? -1 : column.values.indexOf(String(cell).trim());
        if (found >= 0) values[offset + found] = 1;
        offset += column.values.length;
      }
    }
  });
  return values;
}

/** Values of a text column that training never saw: the network is told none of the column's categories for them. */
export interface UnknownCategories {
  column: string;
  /** Rows with such a value. */
  count: number;
  /** The first different ones, in the order of the rows. */
  examples: string[];
}

const examplesShown = 5;

/** By column, of those in which there are any. */
export function unknownCategories(
  { input }: Preprocessing,
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
): UnknownCategories[] {
  if (input.kind === 'image') return [];
  return input.columns.flatMap((column) => {
    if (column.encoding === 'number') return [];
    const place = columns.indexOf(column.column);
    const known = new Set(column.values);
    const examples = new Set<string>();
    let count = 0;
    for (const row of rows) {
      const text = String(row[place] ?? '').trim();
      if (text === '' || known.has(text)) continue;
      count += 1;
      if (examples.size < examplesShown) examples.add(text);
    }
    return count === 0 ? [] : [{ column: column.column, count, examples: [...examples] }];
  });
}

function forEachRow(
  rows: readonly (readonly Cell[])[],
  bad: BadRow[] | undefined,
  take: (row: readonly Cell[], index: number) => void,
): void {
  for (const [index, row] of rows.entries()) {
    try {
      take(row, index);
    } catch (error) {
      if (!bad || !(error instanceof LabError)) throw error;
      bad.push({ index, error });
    }
  }
}

function rawNumber(cell: Cell, column: Extract<InputColumn, { encoding: 'number' }>, row: number): number {
  if (cell === null || (typeof cell === 'string' && cell.trim() === '')) {
    if (column.blank === null) throw new LabError('data.blank-value', { row, column: column.column });
    return column.blank;
  }
  const value = column.date ? daysOf(cell, column.dateFormat ?? null) : numberOf(cell);
  if (value === null) {
    const code = column.date ? 'data.bad-date' : 'data.bad-number';
    throw new LabError(code, { row, column: column.column, value: String(cell) });
  }
  return value;
}

function daysOf(cell: Cell, format: string | null): number | null {
  if (typeof cell === 'number') return cell;
  const milliseconds = parseDate(String(cell).trim(), format);
  return milliseconds === null ? null : milliseconds / millisecondsPerDay;
}

function numberOf(cell: Cell): number | null {
  if (typeof cell === 'boolean') return cell ? 1 : 0;
  const text = String(cell).trim();
  const value = Number(/^[+-]?\d+,\d+$/.test(text) ? text.replace(',', '.') : text);
  return text !== '' && Number.isFinite(value) ? value : null;
}

function transformImages(
  { shape, offset, scale }: Extract<Preprocessing['input'], { kind: 'image' }>,
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
  bad: BadRow[] | undefined,
): Float32Array {
  const size = shape.reduce((product, length) => product * length, 1);
  const values = new Float32Array(rows.length * size);
  forEachRow(rows, bad, (row, index) => {
    const at = index + 1;
    if (row.length !== size) {
      throw new LabError('data.pixel-count', { row: at, found: row.length, needed: size, shape: shape.join(' × ') });
    }
    for (const [place, cell] of row.entries()) {
      const value = cell === null ? null : numberOf(cell);
      if (value === null) {
        const column = columns[place] ?? String(place + 1);
        throw new LabError('data.bad-number', { row: at, column, value: String(cell ?? '') });
      }
      values[index * size + place] = (value - offset) / scale;
    }
  });
  return values;
}

/** What a network's outputs mean, sample by sample. */
export type OutputDescription =
  | {
      kind: 'class';
      column: string;
      label: string;
      probability: number;
      probabilities: { label: string; probability: number }[];
    }
  | { kind: 'numbers'; values: { column: string; value: number }[] };

/**
 * Outputs of the network, [count, outputs]: class names with probabilities (softmax of the logits; of a single one, that of the
 * second of two classes, its sigmoid), or numbers in the units of the data. `areProbabilities`: the model ends in a softmax or
 * sigmoid of its own.
 */
export function describeOutputs(
  { target }: Preprocessing,
  outputs: ArrayLike<number>,
  count: number,
  areProbabilities = false,
): OutputDescription[] {
  if (target.kind === 'numbers') {
    return samples(outputs, count, target.columns.length).map((values) => ({
      kind: 'numbers',
      values: target.columns.map(({ column, offset, scale }, place) => ({
        column,
        value: at(values, place) * scale + offset,
      })),
    }));
  }
  const { column, classes } = target;
  const single = classes.length === 2 && outputs.length === count;
  return samples(outputs, count, single ? 1 : classes.length).map((values) => {
    const shares = single ? sharesOfTwo(at(values, 0), areProbabilities) : areProbabilities ? values : softmax(values);
    let best = 0;
    for (const [index, share] of shares.entries()) if (share > at(shares, best)) best = index;
    const probabilities = classes.map((label, index) => ({ label, probability: at(shares, index) }));
    return { kind: 'class', column, label: at(classes, best), probability: at(shares, best), probabilities };
  });
}

function sharesOfTwo(output: number, isProbability: boolean): number[] {
  return isProbability ? [1 - output, output] : softmax([0, output]);
}

function samples(outputs: ArrayLike<number>, count: number, width: number): number[][] {
  if (outputs.length !== count * width)
    throw new RangeError(`${outputs.length} outputs are not ${count} samples of ${width}`);
  return Array.from({ length: count }, (_, sample) =>
    Array.from({ length: width }, (_, place) => at(outputs, sample * width + place)),
  );
}
