import { stat } from 'node:fs/promises';
import type { ImportReport } from '../../../shared/api/data';
import { LabError } from '../../../shared/errors';
import type { RejectionReason } from '../../../shared/errors/data-notes';
import { readHead, type FileFacts } from '../file';
import { sortedLabels } from '../labels';
import {
  rejectedShown,
  rejectedTextLength,
  type Cell,
  type LabelColumn,
  type Note,
  type NumberColumn,
  type Rejection,
  type RowPlace,
  type RowSource,
  type SourceColumn,
} from '../source';
import { makeTemporaryFolder, quoteText, removeTemporaryFolder, TableDatabase } from './database';
import { checkWidth, sniffDialect, type Dialect } from './dialect';
import { openText, type TextEncoding, type TextFile } from './encoding';
import { blankSpellings, dateOf, isUntidy, numberOf, tidied, unreadable } from './expressions';
import { uniformLineEnds } from './line-ends';
import { findLines } from './lines';
import { longestRow } from './longest-row';
import { profileColumns } from './profile';
import { findDecimal, findTypes, type ColumnType } from './types';
import { at } from '../at';

/** What a person may fix about the reading; null is found out. */
export interface TableFormat {
  separator: string | null;
  decimal: '.' | ',' | null;
  encoding: TextEncoding | null;
  header: boolean | null;
}

export const unknownFormat: TableFormat = { separator: null, decimal: null, encoding: null, header: null };

const sampleBytes = 1 << 18;
const millisecondsPerDay = 86_400_000;

/** Reads the whole file once into a database of text cells; types, profiles and values are queries on it. */
export async function readTableFile(facts: FileFacts, format: TableFormat): Promise<TableFile> {
  if (facts.bytes === 0) throw new LabError('data.empty-file', { file: facts.path });
  const folder = await makeTemporaryFolder();
  let db: TableDatabase | null = null;
  try {
    const opened = await openText(facts.path, format.encoding, folder);
    const sample = await readHead(opened.path, sampleBytes);
    const isWhole = sample.length < sampleBytes;
    const sampled = new TextDecoder().decode(sample, { stream: !isWhole });
    if (sampled.trim() === '') throw new LabError('data.empty-file', { file: facts.path });
    const dialect = sniffDialect(sampled, isWhole, format);
    checkWidth(facts.path, dialect.width);
    const text = { ...opened, path: await uniformLineEnds(opened.path, dialect, folder) };
    db = await TableDatabase.open(folder);
    const sizes = await readerSizes(facts.path, text.path, dialect);
    const rejected = await load(db, text.path, dialect, sizes).catch((error: unknown) => {
      throw loadError(facts.path, error);
    });
    const [counted] = await db.rows('SELECT count(*) FROM t');
    const rows = Number(counted?.[0]);
    if (rows === 0) throw await nothingRead(facts.path, text.path, dialect, rejected);
    await tidyCells(db, dialect.width);
    const decimal = format.decimal ?? (await findDecimal(db, dialect.width, dialect.separator));
    await extractNumbers(db, dialect.width, decimal);
    const { types, notes } = await findTypes(db, dialect.names);
    const summaries = await profileColumns(db, dialect.names, { types, rows });
    const columns = summaries.map((summary, index): SourceColumn => {
      const { unreadable, dateFormat } = at(types, index);
      return { summary, unreadable, dateFormat };
    });
    const allNotes: Note[] = [...dialect.notes, ...notes];
    if (text.unpacked) allNotes.unshift({ code: 'data.note.unpacked', details: {} });
    const report: ImportReport = {
      file: facts.path,
      bytes: facts.bytes,
      separator: dialect.separator,
      decimal,
      encoding: text.encoding,
      quote: dialect.quote,
      header: dialect.header,
      rejectedCount: rejected.length,
      rejected: await describeRejected(text.path, dialect, rejected),
      notes: allNotes,
    };
    return new TableFile(
      { db, text, dialect, decimal, types, rejected: rejected.map(({ offset }) => offset) },
      rows,
      columns,
      report,
    );
  } catch (error) {
    if (db) await db.close();
    else await removeTemporaryFolder(folder);
    throw error;
  }
}

interface RejectedRecord {
  /** Bytes from the start of the file: of the record, or of blank lines just before it. */
  offset: number;
  reason: RejectionReason;
}

const reasons: Record<string, RejectionReason> = {
  'MISSING COLUMNS': 'too-few-values',
  'TOO MANY COLUMNS': 'too-many-values',
  'UNQUOTED VALUE': 'unclosed-quote',
  'LINE SIZE OVER MAXIMUM': 'line-too-long',
};

/** The database takes * ? [ in a path for a pattern, which may fit other files: each is written as a set of one character. */
function exactly(path: string): string {
  return path.replace(/[*?[]/g, '[$&]');
}

/** In bytes: the longest row the database is to read, and the buffer it reads with. */
interface ReaderSizes {
  row: number;
  buffer: number;
  /** Whether buffers may be read side by side: not where one may begin in the middle of a quoted value that fills most of it. */
  parallel: boolean;
}

const megabyte = 2 ** 20;
const usualSizes: ReaderSizes = { row: 4 * megabyte, buffer: 8 * megabyte, parallel: true };
/** Rows of which the database can hold a few at once in the least memory it is given. */
const longestAllowed = 64 * megabyte;

/** The database loses a row that is longer than its buffer without a word: the buffer is made for the longest of the file. */
async function readerSizes(file: string, path: string, dialect: Dialect): Promise<ReaderSizes> {
  const { size } = await stat(path);
  if (size < usualSizes.row) return usualSizes;
  const { line, bytes } = await longestRow(path, dialect);
  if (bytes > longestAllowed) throw new LabError('data.row-too-long', { file, line, bytes, maximum: longestAllowed });
  if (bytes < usualSizes.row / 2) return usualSizes;
  return { row: bytes + 2 * megabyte, buffer: Math.max(usualSizes.buffer, bytes + 4 * megabyte), parallel: false };
}

async function load(
  db: TableDatabase,
  path: string,
  dialect: Dialect,
  { row, buffer, parallel }: ReaderSizes,
): Promise<RejectedRecord[]> {
  const indices = dialect.names.map((_, index) => index);
  const types = indices.map((index) => `'c${index}': 'VARCHAR'`).join(', ');
  const quote = quoteText(dialect.quote);
  await db.run(
    `CREATE TABLE t AS SELECT * FROM read_csv(${quoteText(exactly(path))}, auto_detect = false, hive_partitioning = false, columns = {${types}}, ` +
      `delim = ${quoteText(dialect.separator)}, quote = ${quote}, escape = ${quote}, header = ${dialect.header}, ` +
      `nullstr = [${blankSpellings.map(quoteText).join(', ')}], compression = 'none', max_line_size = ${row}, buffer_size = ${buffer}, parallel = ${parallel}, store_rejects = true, rejects_limit = 0)`,
  );
  const rejected = await db.rows(
    'SELECT line_byte_position, min(error_type::VARCHAR) FROM reject_errors GROUP BY line_byte_position ORDER BY line_byte_position',
  );
  return rejected.map(([position, kind]) => ({
    offset: Math.max(0, Number(position) - 1),
    reason: reasons[String(kind)] ?? 'bad-encoding',
  }));
}

/** The database's own message goes on for many lines, with the path of what may be a copy among them. */
function loadError(file: string, error: unknown): LabError {
  const message = error instanceof Error ? error.message : String(error);
  const reason = (message.split('\n')[0] ?? '').replace(/\.$/, '');
  return new LabError('data.table-unreadable', { file, reason }, { cause: error });
}

/** Cells without the blanks around them, and what is no value as NULL: a lone "-" too, except in a column of plus and minus. */
async function tidyCells(db: TableDatabase, width: number): Promise<void> {
  const update = async (condition: (column: string) => string, to: (column: string) => string): Promise<void> => {
    const batch = 100;
    for (let start = 0; start < width; start += batch) {
      const columns = Array.from({ length: Math.min(batch, width - start) }, (_, offset) => `c${start + offset}`);
      const [found = []] = await db.rows(`SELECT ${columns.map(condition).join(', ')} FROM t`);
      for (const column of columns.filter((_, place) => found[place] === true)) {
        await db.run(`UPDATE t SET ${column} = ${to(column)}`);
      }
    }
  };
  await update((column) => `bool_or(${isUntidy(column)})`, tidied);
  await update(
    (column) => `bool_or(${column} = '-') AND NOT bool_or(${column} = '+')`,
    (column) => `nullif(${column}, '-')`,
  );
}

/** Numbers are parsed once; profiles and samples are then made from them. */
async function extractNumbers(db: TableDatabase, width: number, decimal: '.' | ','): Promise<void> {
  const values = Array.from({ length: width }, (_, index) => {
    const cell = `c${index}`;
    return `CASE WHEN ${cell} IS NULL THEN NULL ELSE coalesce(${numberOf(cell, decimal)}, ${unreadable}) END AS n${index}`;
  });
  await db.run(`CREATE TABLE n AS SELECT ${values.join(', ')} FROM t`);
}

async function describeRejected(path: string, dialect: Dialect, rejected: RejectedRecord[]): Promise<Rejection[]> {
  const shown = rejected.slice(0, rejectedShown);
  if (shown.length === 0) return [];
  const found = await findLines({
    path,
    ...dialect,
    oneColumn: dialect.width === 1,
    rejected: rejected.map(({ offset }) => offset),
    rows: [],
    rejectedWanted: shown.length,
  });
  return found.rejected.map((place, index) => ({ ...place, column: null, reason: at(shown, index).reason }));
}

async function nothingRead(
  file: string,
  path: string,
  dialect: Dialect,
  rejected: RejectedRecord[],
): Promise<LabError> {
  if (rejected.length === 0) return new LabError('data.header-only', { file });
  const [first] = await describeRejected(path, dialect, rejected);
  return new LabError('data.all-rows-rejected', { file, count: rejected.length, line: first?.line ?? 1 });
}

interface TableState {
  db: TableDatabase;
  text: TextFile;
  dialect: Dialect;
  decimal: '.' | ',';
  types: ColumnType[];
  rejected: number[];
}

export class TableFile implements RowSource {
  readonly kind = 'table';

  constructor(
    private readonly state: TableState,
    readonly rows: number,
    readonly columns: SourceColumn[],
    readonly report: ImportReport,
  ) {}

  async page(offset: number, limit: number): Promise<Cell[][]> {
    const found = await this.state.db.rows(
      `SELECT * FROM t WHERE rowid >= ${offset} AND rowid < ${offset + limit} ORDER BY rowid`,
    );
    return found.map((row) => this.cells(row));
  }

  async rowsAt(rows: readonly number[]): Promise<Cell[][]> {
    if (rows.length === 0) return [];
    const found = await this.state.db.rows(`SELECT rowid, * FROM t WHERE rowid IN (${rows.join(', ')})`);
    const byRow = new Map(found.map(([row, ...cells]) => [Number(row), this.cells(cells)]));
    return rows.map((row) => byRow.get(row) ?? []);
  }

  async numbers(column: number, as: 'number' | 'date'): Promise<NumberColumn> {
    const { db } = this.state;
    const date = dateOf(`c${column}`, this.columns[column]?.dateFormat ?? 'yyyy-mm-dd');
    const days = `CASE WHEN c${column} IS NULL THEN NULL ELSE coalesce(${date} / ${millisecondsPerDay}.0, ${unreadable}) END`;
    const found = as === 'number' ? `n${column} AS v FROM n` : `${days} AS v FROM t`;
    const values = await db.doubles(`SELECT coalesce(v, 'nan'::DOUBLE) FROM (SELECT ${found})`, this.rows);
    const bad: number[] = [];
    for (let row = 0; row < values.length; row += 1) {
      if (values[row] !== Number.POSITIVE_INFINITY) continue;
      bad.push(row);
      values[row] = Number.NaN;
    }
    return { values, unreadable: Int32Array.from(bad) };
  }

  async labels(column: number): Promise<LabelColumn> {
    const { db, decimal, types } = this.state;
    const seen = new Map<string, number>();
    const codes = new Int32Array(this.rows).fill(-1);
    let row = 0;
    await db.stream(`SELECT c${column} FROM t`, this.rows, (vector, count) => {
      for (let index = 0; index < count; index += 1, row += 1) {
        const cell = vector.getItem(index);
        if (typeof cell !== 'string') continue;
        const label = String(typedCell(cell, at(types, column), decimal));
        let code = seen.get(label);
        if (code === undefined) {
          code = seen.size;
          seen.set(label, code);
        }
        codes[row] = code;
      }
    });
    return sortedLabels(codes, [...seen.keys()]);
  }

  async locate(rows: number[]): Promise<RowPlace[]> {
    const { text, dialect, rejected } = this.state;
    if (rows.length === 0) return [];
    const found = await findLines({
      path: text.path,
      ...dialect,
      oneColumn: dialect.width === 1,
      rejected,
      rows,
      rejectedWanted: 0,
    });
    return found.rows.map((place, index) => ({
      ...place,
      row: at(rows, index),
      text: place.text.slice(0, rejectedTextLength),
    }));
  }

  async close(): Promise<void> {
    await this.state.db.close();
  }

  private cells(row: readonly unknown[]): Cell[] {
    const { types, decimal } = this.state;
    return row.map((cell, index) => (typeof cell === 'string' ? typedCell(cell, at(types, index), decimal) : null));
  }
}

function typedCell(cell: string, { type }: ColumnType, decimal: '.' | ','): Cell {
  if (type === 'boolean') return cell.toLowerCase() === 'true';
  if (type !== 'number' && type !== 'integer') return cell;
  const value = Number(
    decimal === ',' && !cell.includes('.') ? cell.replace(/[ \u00a0\u202f]/g, '').replace(',', '.') : cell,
  );
  return Number.isFinite(value) ? value : cell;
}
