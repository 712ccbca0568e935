import type { ColumnSummary } from '../../../shared/api/data';
import type { Note } from '../source';
import type { TableDatabase } from './database';
import { dateFormats } from './dates';
import { dateOf, isTrueOrFalse } from './expressions';

export interface ColumnType {
  type: ColumnSummary['type'];
  /** Cells that are not blank. */
  filled: number;
  /** Filled cells that are no number, or no date in a column of dates. */
  unreadable: number;
  dateFormat: string | null;
}

/** A column is one of numbers (or dates) when at most this share of its cells is something else. */
const tolerated = 0.05;
/** Columns asked about in one query. */
const batch = 40;
const sampleRows = 10_000;

function fits(good: number, filled: number): boolean {
  const bad = filled - good;
  // In a short table one cell is more than 5 %.
  return good > 0 && (bad <= filled * tolerated || (bad === 1 && filled >= 3));
}

/** Decimal comma, if more numbers are written with it than with a point. Comma-separated files have a point. */
export async function findDecimal(db: TableDatabase, width: number, separator: string): Promise<'.' | ','> {
  if (separator === ',') return '.';
  let comma = 0;
  let point = 0;
  for (let start = 0; start < width; start += batch) {
    const counts = columnRange(start, width).flatMap((index) => [
      `count(*) FILTER (regexp_full_match(c${index}, '[+-]?[0-9 \u00a0\u202f]*[0-9],[0-9]+([eE][+-]?[0-9]+)?'))`,
      `count(*) FILTER (regexp_full_match(c${index}, '[+-]?[0-9]*\\.[0-9]+([eE][+-]?[0-9]+)?'))`,
    ]);
    const [row] = await db.rows(`SELECT ${counts.join(', ')} FROM (SELECT * FROM t WHERE rowid < ${sampleRows})`);
    row?.forEach((count, index) => (index % 2 === 0 ? (comma += Number(count)) : (point += Number(count))));
  }
  return comma > point ? ',' : '.';
}

export async function findTypes(db: TableDatabase, names: string[]): Promise<{ types: ColumnType[]; notes: Note[] }> {
  const types: ColumnType[] = [];
  const notes: Note[] = [];
  for (let start = 0; start < names.length; start += batch) {
    const range = columnRange(start, names.length);
    const counts = range.flatMap((index) => [
      `count(n${index})`,
      `count(*) FILTER (isfinite(n${index}))`,
      `count(*) FILTER (n${index} = floor(n${index}) AND abs(n${index}) < 9e15)`,
    ]);
    const [row = []] = await db.rows(`SELECT ${counts.join(', ')} FROM n`);
    for (const [place, index] of range.entries()) {
      const [filled = 0, numbers = 0, whole = 0] = row.slice(place * 3, place * 3 + 3).map(Number);
      if (fits(numbers, filled)) {
        const type = whole === numbers ? 'integer' : 'number';
        types.push({ type, filled, unreadable: filled - numbers, dateFormat: null });
      } else if (await holdsTruths(db, index, filled)) {
        types.push({ type: 'boolean', filled, unreadable: filled, dateFormat: null });
      } else {
        types.push(await findDate(db, { index, name: names[index] ?? '', filled, numbers }, notes));
      }
    }
  }
  return { types, notes };
}

async function holdsTruths(db: TableDatabase, index: number, filled: number): Promise<boolean> {
  const [row] = await db.rows(`SELECT count(*) FILTER (${isTrueOrFalse(`c${index}`)}) FROM t`);
  return filled > 0 && Number(row?.[0]) === filled;
}

async function findDate(
  db: TableDatabase,
  { index, name, filled, numbers }: { index: number; name: string; filled: number; numbers: number },
  notes: Note[],
): Promise<ColumnType> {
  // A person may still ask for the few numbers in a column of text.
  const text: ColumnType = { type: 'text', filled, unreadable: filled - numbers, dateFormat: null };
  if (filled === 0) return text;
  const column = `c${index}`;
  const counts = dateFormats.map(({ name: format }) => `count(${dateOf(column, format)})`).join(', ');
  const [sampled = []] = await db.rows(
    `SELECT ${counts} FROM (SELECT ${column} FROM t WHERE ${column} IS NOT NULL LIMIT 1000)`,
  );
  const candidates = dateFormats.filter((_, place) => Number(sampled[place]) > 0);
  if (candidates.length === 0) return text;
  const [full = []] = await db.rows(
    `SELECT ${candidates.map(({ name: format }) => `count(${dateOf(column, format)})`).join(', ')} FROM t`,
  );
  const found = candidates.map(({ name: format }, place) => ({ format, count: Number(full[place]) }));
  const best = found.reduce((one, other) => (other.count > one.count ? other : one));
  const rival = found.find((one) => one !== best && one.count === best.count);
  if (!fits(best.count, filled)) return { ...text, dateFormat: best.format };
  notes.push(
    rival
      ? { code: 'data.note.dates-ambiguous', details: { column: name, format: best.format, other: rival.format } }
      : { code: 'data.note.dates-read-as', details: { column: name, format: best.format } },
  );
  return { type: 'date', filled, unreadable: filled - best.count, dateFormat: best.format };
}

function columnRange(start: number, width: number): number[] {
  return Array.from({ length: Math.min(batch, width - start) }, (_, offset) => start + offset);
}
