import { quoteText } from './database';
import { dateFormats } from './dates';

/** SQL over the text columns c0, c1, … of table t. A blank cell is NULL there. */

/** Written for "no value". A lone "-" is handled apart: it may be a category. */
const blankWords = ['', 'na', 'n/a', '#n/a', 'nan', 'null', '?'];
/** For the database's reader, which compares letter for letter. */
export const blankSpellings = [
  ...new Set(blankWords.flatMap((word) => [word, word.toUpperCase(), capitalised(word)])),
  'NaN',
];

function capitalised(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

/** Whether a cell has blanks around it. Much cheaper than trimming every cell of a large table in vain. */
export function isUntidy(column: string): string {
  return `ord(${column}) IN (9, 32, 160) OR ends_with(${column}, ' ') OR ends_with(${column}, '\t') OR ends_with(${column}, '\u00a0')`;
}

export function tidied(column: string): string {
  const cell = `trim(${column}, ' \t\u00a0')`;
  return `CASE WHEN lower(${cell}) IN (${blankWords.map(quoteText).join(', ')}) THEN NULL ELSE ${cell} END`;
}

/** DOUBLE, NULL where the text is no finite number. With a decimal comma, spaces may group thousands. */
export function numberOf(column: string, decimal: '.' | ','): string {
  const text =
    decimal === '.'
      ? `CASE WHEN contains(${column}, '_') THEN NULL ELSE ${column} END`
      : `CASE WHEN contains(${column}, '.') OR contains(${column}, '_') THEN NULL ` +
        `ELSE replace(replace(replace(replace(${column}, ' ', ''), '\u00a0', ''), '\u202f', ''), ',', '.') END`;
  const value = `TRY_CAST(${text} AS DOUBLE)`;
  return `CASE WHEN isfinite(${value}) THEN ${value} END`;
}

/** Milliseconds since 1970 as DOUBLE, NULL where the text is no date of this format. Two-digit years are no years. */
export function dateOf(column: string, formatName: string): string {
  const format = dateFormats.find((candidate) => candidate.name === formatName);
  if (!format) throw new RangeError(`No date format ${formatName}`);
  const value = `try_strptime(${column}, ${quoteText(format.pattern)})`;
  return `CASE WHEN year(${value}) >= 1000 THEN epoch_ms(${value})::DOUBLE END`;
}

/** In a column of numbers: something is there, but it is no number. */
export const unreadable = `'inf'::DOUBLE`;

export const isTrueOrFalse = (column: string): string => `lower(${column}) IN ('true', 'false')`;
