import type { ColumnSummary, ImportReport } from '../../../shared/api/data';
import type { Cell, LabelColumn, NumberColumn, RowSource, SourceColumn } from '../source';
import { sortedLabels } from '../labels';
import { labelSummary, numberSummary, plainReport } from '../summaries';
import type { GeneratedColumn, GeneratedSet } from './generators';

/** A generated set, seen as a table like any other. */
export class GeneratedSource implements RowSource {
  readonly kind = 'generated';
  readonly rows: number;
  readonly columns: SourceColumn[];
  readonly report: ImportReport;

  constructor(
    private readonly set: GeneratedSet,
    name: string,
  ) {
    this.rows = rowsOf(set.columns[0]);
    this.columns = set.columns.map((column) => ({ summary: summaryOf(column), unreadable: 0, dateFormat: null }));
    this.report = plainReport(name);
  }

  async page(offset: number, limit: number): Promise<Cell[][]> {
    const count = Math.max(0, Math.min(limit, this.rows - offset));
    return this.rowsAt(Array.from({ length: count }, (_, index) => offset + index));
  }

  async rowsAt(rows: readonly number[]): Promise<Cell[][]> {
    return rows.map((row) => this.set.columns.map((column) => cellOf(column, row)));
  }

  async numbers(column: number): Promise<NumberColumn> {
    const found = this.column(column);
    const values = 'values' in found ? Float64Array.from(found.values) : Float64Array.from(found.labels, Number);
    return { values, unreadable: new Int32Array(0) };
  }

  async labels(column: number): Promise<LabelColumn> {
    const found = this.column(column);
    const labels = 'values' in found ? Array.from(found.values, String) : found.labels;
    const values = [...new Set(labels)];
    const codes = new Map(values.map((value, code) => [value, code]));
    return sortedLabels(
      Int32Array.from(labels, (label) => codes.get(label) ?? -1),
      values,
    );
  }

  async locate(rows: number[]): Promise<{ row: number; line: number; text: string }[]> {
    return rows.map((row) => ({
      row,
      line: row + 1,
      text: this.set.columns.map((column) => cellOf(column, row)).join(','),
    }));
  }

  async close(): Promise<void> {
    // Nothing is held outside this object.
  }

  private column(index: number): GeneratedColumn {
    const found = this.set.columns[index];
    if (!found) throw new RangeError(`A generated set has no column ${index}`);
    return found;
  }
}

function rowsOf(column: GeneratedColumn | undefined): number {
  if (!column) return 0;
  return 'values' in column ? column.values.length : column.labels.length;
}

function cellOf(column: GeneratedColumn, row: number): Cell {
  return ('values' in column ? column.values[row] : column.labels[row]) ?? null;
}

function summaryOf(column: GeneratedColumn): ColumnSummary {
  return 'values' in column ? numberSummary(column.name, column.values) : labelSummary(column.name, column.labels);
}
