import type { ColumnSummary } from '../../../shared/api/data';
import { at } from '../at';
import { emptySummary, frequentShown, histogramBins } from '../summaries';
import type { TableDatabase } from './database';
import { dateOf, numberOf } from './expressions';
import type { ColumnType } from './types';

/** Beyond this many rows the median and the number of different values are estimates (within about 2 %). */
const exactRows = 500_000;
/** Columns asked about in one query. */
const batch = 32;

interface Column {
  index: number;
  found: ColumnType;
  summary: ColumnSummary;
  /** DOUBLE: the number, or a date in milliseconds since 1970. */
  value: string;
}

/** Everything the page shows about the columns, by SQL: nothing of their size comes into this process. */
export async function profileColumns(
  db: TableDatabase,
  names: string[],
  table: { types: ColumnType[]; rows: number; decimal: '.' | ',' },
): Promise<ColumnSummary[]> {
  const columns = names.map((name, index): Column => {
    const found = at(table.types, index);
    const summary = { ...emptySummary(name, found.type), blanks: table.rows - found.filled };
    const date = found.type === 'date' ? found.dateFormat : null;
    const value = date === null ? numberOf(`c${index}`, table.decimal) : dateOf(`c${index}`, date);
    return { index, found, summary, value };
  });
  const exact = table.rows <= exactRows;
  const isText = ({ found }: Column): boolean =>
    found.type === 'text' || found.type === 'boolean' || found.filled === 0;
  for (const column of columns.filter(isText)) await profileText(db, column, exact);
  const numbers = columns.filter((column) => !isText(column));
  for (let start = 0; start < numbers.length; start += batch) {
    const some = numbers.slice(start, start + batch);
    await profileNumbers(db, some, exact);
    await countBins(db, some);
  }
  return columns.map(({ summary }) => summary);
}

async function profileText(db: TableDatabase, { index, found, summary }: Column, exact: boolean): Promise<void> {
  summary.frequent = [];
  if (found.filled === 0) return;
  const cell = `c${index}`;
  const [row = []] = await db.rows(
    `SELECT ${exact ? `count(DISTINCT ${cell})` : `approx_count_distinct(${cell})`} FROM t`,
  );
  summary.distinct = Math.min(Number(row[0]), found.filled);
  const top = await db.rows(
    `SELECT ${cell}, count(*) AS n FROM t WHERE ${cell} IS NOT NULL GROUP BY ${cell} ORDER BY n DESC, ${cell} LIMIT ${frequentShown}`,
  );
  summary.frequent = top.map(([value, count]) => ({ value: String(value), count: Number(count) }));
}

async function profileNumbers(db: TableDatabase, columns: Column[], exact: boolean): Promise<void> {
  const values = columns.map(({ value, index }) => `${value} AS v${index}`).join(', ');
  // The deviation is that of the population (divided by n), the one standardising uses.
  const asked = columns.flatMap(({ index }) => [
    `min(v${index})`,
    `max(v${index})`,
    `avg(v${index})`,
    exact ? `median(v${index})` : `approx_quantile(v${index}, 0.5)`,
    `stddev_pop(v${index})`,
    exact ? `count(DISTINCT v${index})` : `approx_count_distinct(v${index})`,
  ]);
  const [row = []] = await db.rows(`SELECT ${asked.join(', ')} FROM (SELECT ${values} FROM t)`);
  for (const [place, { summary, found }] of columns.entries()) {
    const [minimum = 0, maximum = 0, mean = 0, median = 0, deviation = 0, distinct = 0] = row
      .slice(place * 6, place * 6 + 6)
      .map(Number);
    Object.assign(summary, { minimum, maximum, mean, median });
    summary.deviation = Number.isFinite(deviation) ? deviation : null;
    summary.distinct = Math.min(distinct, found.filled);
  }
}

/** Equal bins from minimum to maximum; the last one includes its upper end. */
async function countBins(db: TableDatabase, columns: Column[]): Promise<void> {
  const queries = columns.map(({ value, summary, index }) => {
    const minimum = summary.minimum ?? 0;
    const maximum = summary.maximum ?? 0;
    // Halved before subtracting, so that even the largest numbers have a range.
    const range = maximum / 2 - minimum / 2;
    const bin =
      range > 0 ? `least(${histogramBins - 1}, floor((v / 2 - ${minimum / 2}) / ${range} * ${histogramBins}))` : '0';
    return `SELECT ${index} AS k, ${bin} AS b, count(*) AS n FROM (SELECT ${value} AS v FROM t) WHERE v IS NOT NULL GROUP BY b`;
  });
  const histograms = new Map(columns.map(({ index }) => [index, new Array<number>(histogramBins).fill(0)]));
  for (const [index, bin, count] of await db.rows(queries.join(' UNION ALL '))) {
    const histogram = histograms.get(Number(index));
    if (histogram) histogram[Number(bin)] = Number(count);
  }
  for (const { summary, index } of columns) summary.histogram = histograms.get(index) ?? null;
}
