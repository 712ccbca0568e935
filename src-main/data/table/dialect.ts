import { LabError } from '../../../shared/errors';
import type { Note } from '../source';
import { parseDate } from './dates';
import { at } from '../at';

export interface Dialect {
  separator: string;
  quote: '"' | "'";
  header: boolean;
  /** Values in a row. */
  width: number;
  names: string[];
  notes: Note[];
}

export interface DialectWishes {
  separator: string | null;
  header: boolean | null;
}

const separators = [',', ';', '\t', '|'];
const sampleRecords = 400;

/**
 * Separator, quote and header from the beginning of a table (UTF-8 text). The database's own sniffer gives up on ragged rows and
 * then reads one wide column, so that the ragged rows would never be reported; hence this one.
 */
export function sniffDialect(sample: string, isWhole: boolean, wishes: DialectWishes): Dialect {
  const text = sample.charCodeAt(0) === 0xfeff ? sample.slice(1) : sample;
  const quote = sniffQuote(text);
  let separator = wishes.separator;
  if (separator === null) {
    let best = -1;
    separator = ',';
    for (const candidate of separators) {
      const score = separatorScore(parseRecords(text, candidate, quote, isWhole));
      if (score > best) {
        best = score;
        separator = candidate;
      }
    }
    // Columns lined up with blanks, as many measuring programs write them.
    if (best <= 0 && separatorScore(parseRecords(text, ' ', quote, isWhole)) > 1) separator = ' ';
  }
  const records = parseRecords(text, separator, quote, isWhole);
  const first = records[0] ?? [];
  const width = commonWidth(records);
  const header = wishes.header ?? looksLikeHeader(first, records.slice(1));
  const { names, notes } = columnNames(header ? first : [], width, header);
  return { separator, quote, header, width, names, notes };
}

export function parseRecords(text: string, separator: string, quote: string, isWhole: boolean): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let field = '';
  let quoted = false;
  let fresh = true;
  let index = 0;
  const endRecord = (): void => {
    record.push(field);
    if (record.length > 1 || field !== '') records.push(record);
    record = [];
    field = '';
    fresh = true;
  };
  for (; index < text.length && records.length < sampleRecords; index += 1) {
    const char = at(text, index);
    if (quoted) {
      if (char !== quote) field += char;
      else if (text[index + 1] === quote) {
        field += quote;
        index += 1;
      } else quoted = false;
    } else if (char === quote && fresh) {
      quoted = true;
      fresh = false;
    } else if (char === separator) {
      record.push(field);
      field = '';
      fresh = true;
    } else if (char === '\n' || char === '\r') {
      if (char === '\r' && text[index + 1] === '\n') index += 1;
      endRecord();
    } else {
      field += char;
      fresh = false;
    }
  }
  // A sample cut in the middle ends with half a record.
  if (isWhole && index >= text.length && (field !== '' || record.length > 0)) endRecord();
  return records;
}

function sniffQuote(text: string): '"' | "'" {
  const enclosed = (quote: string): number =>
    (text.match(new RegExp(`(^|[,;\\t|\\n])${quote}[^${quote}\\n]*${quote}(?=[,;\\t|\\r\\n]|$)`, 'g')) ?? []).length;
  return enclosed("'") > enclosed('"') ? "'" : '"';
}

function commonWidth(records: string[][]): number {
  const counts = new Map<number, number>();
  for (const record of records) counts.set(record.length, (counts.get(record.length) ?? 0) + 1);
  let width = records[0]?.length ?? 1;
  for (const [candidate, count] of counts) {
    if (count > (counts.get(width) ?? 0)) width = candidate;
  }
  return width;
}

/** 0 for no columns at all; otherwise higher the more rows agree, the better the header fits, the more cells are clean. */
function separatorScore(records: string[][]): number {
  const width = commonWidth(records);
  if (width < 2) return records.some((record) => record.length > 1) ? 0.1 : 0;
  const agreeing = records.filter((record) => record.length === width);
  let clean = 0;
  for (const record of agreeing) for (const cell of record) if (isNumber(cell) || /^[^,;\t|]*$/.test(cell)) clean += 1;
  const headerFits = at(records, 0).length === width ? 1 : 0;
  return agreeing.length / records.length + 0.5 * headerFits + clean / (agreeing.length * width);
}

export function isNumber(cell: string): boolean {
  return /^\s*[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?\s*$/i.test(cell);
}

function looksLikeHeader(first: string[], rest: string[][]): boolean {
  const isValue = (cell: string): boolean => isNumber(cell) || parseDate(cell.trim(), null) !== null;
  if (rest.length === 0) return !first.some(isValue);
  let measured = false;
  for (const [column, name] of first.entries()) {
    const cells = rest.map((record) => record[column] ?? '').filter((cell) => cell.trim() !== '');
    const values = cells.filter(isValue).length;
    if (cells.length === 0 || values < cells.length * 0.8) continue;
    measured = true;
    if (name.trim() !== '' && !isValue(name)) return true;
  }
  if (measured) return false;
  // Only text: a header is a set of different names that do not come up again below themselves.
  const distinct = new Set(first.map((name) => name.trim())).size === first.length;
  return distinct && first.every((name, column) => !rest.some((record) => record[column] === name));
}

function columnNames(first: string[], width: number, header: boolean): { names: string[]; notes: Note[] } {
  const notes: Note[] = [];
  const names: string[] = [];
  const given = first.slice(0, width).map((name) => name.trim());
  const taken = new Set(given);
  for (let index = 0; index < width; index += 1) {
    const position = index + 1;
    let name = given[index] ?? '';
    if (name === '') {
      name = unused(`column${position}`, names, taken);
      if (header) notes.push({ code: 'data.note.empty-header', details: { position, renamed: name } });
    } else if (names.includes(name)) {
      const renamed = unused(`${name}_2`, names, taken);
      notes.push({ code: 'data.note.duplicate-header', details: { name, position, renamed } });
      name = renamed;
    }
    names.push(name);
  }
  if (!header) notes.push({ code: 'data.note.no-header', details: { first: names[0] ?? '' } });
  return { names, notes };
}

function unused(wanted: string, names: string[], taken: Set<string>): string {
  if (!names.includes(wanted) && !taken.has(wanted)) return wanted;
  const stem = wanted.replace(/_2$/, '');
  let count = 2;
  while (names.includes(`${stem}_${count}`) || taken.has(`${stem}_${count}`)) count += 1;
  return `${stem}_${count}`;
}

export const mostColumns = 20_000;

export function checkWidth(file: string, width: number): void {
  if (width > mostColumns) throw new LabError('data.too-many-columns', { file, count: width, limit: mostColumns });
}
