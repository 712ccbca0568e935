import type { ColumnSummary, ImportReport } from '../../shared/api/data';
import type { DataNoteCode, RejectionReason } from '../../shared/errors/data-notes';

/** A cell as it is shown; null is a blank. */
export type Cell = string | number | boolean | null;

export interface Note {
  code: DataNoteCode;
  details: Record<string, string | number>;
}

/** A column known to its source, with what the recipe needs to decide about it. */
export interface SourceColumn {
  summary: ColumnSummary;
  /** Non-blank cells that are no number (or, in a column of dates, no date). */
  unreadable: number;
  /** How its dates are written; null where it holds none. */
  dateFormat: string | null;
}

export interface NumberColumn {
  /** By row; NaN is a blank, and so is what could not be read. */
  values: Float64Array;
  /** Rows whose cell could not be read. */
  unreadable: Int32Array;
}

export interface LabelColumn {
  /** Index into `values` by row; -1 is a blank. */
  codes: Int32Array;
  /** Sorted: by number where all are numbers, otherwise by character. */
  values: string[];
}

/** Where a row stands in its file. */
export interface RowPlace {
  row: number;
  line: number;
  text: string;
}

export interface Rejection {
  line: number;
  column: string | null;
  reason: RejectionReason;
  text: string;
}

/** Rows in memory or in a database, before any recipe: a table from a file, or a generated set. */
export interface RowSource {
  readonly kind: 'table' | 'generated';
  readonly rows: number;
  readonly columns: SourceColumn[];
  /** How the file was read; the recipe adds the rows it has to leave out. */
  readonly report: ImportReport;
  page(offset: number, limit: number): Promise<Cell[][]>;
  /** In the order asked for. */
  rowsAt(rows: readonly number[]): Promise<Cell[][]>;
  /** Dates as days since 1970. */
  numbers(column: number, as: 'number' | 'date'): Promise<NumberColumn>;
  labels(column: number): Promise<LabelColumn>;
  /** Lines of some rows, ascending. */
  locate(rows: number[]): Promise<RowPlace[]>;
  close(): Promise<void>;
}

/** The lists of an import report hold at most this many rejected rows; the count is always complete. */
export const rejectedShown = 100;
/** Longest piece of a rejected line that is kept. */
export const rejectedTextLength = 200;
