import type { ColumnSummary } from '../../../shared/api/data';
import { at } from '../at';
import { emptySummary, frequentShown, histogramBins } from '../summaries';
import type { TableDatabase } from './database';
import { dateOf, unreadable } from './expressions';
import type { ColumnType } from './types';

/** Beyond this many rows the median and the number of different values are estimates (within about 2 %). */
const exactRows = 500_000;

interface Column {
  index: number;
  found: ColumnType;
  summary: ColumnSummary;
  /** A query for v: the numbers, or the dates in milliseconds since 1970; NULL where there is none. */
  values: string;
}

/** Everything the page shows about the columns, by SQL: nothing of their size comes into this process. */
export async function profileColumns(
  db: TableDatabase,
  names: string[],
  table: { types: ColumnType[]; rows: number },
): Promise<ColumnSummary[]> {
  const columns = names.map((name, index): Column => {
    const found = at(table.types, index);
    const summary = { ...emptySummary(name, found.type), blanks: table.rows - found.filled };
    const date = found.type === 'date' ? found.dateFormat : null;
    const values =
      date === null
        ? `SELECT nullif(n${index}, ${unreadable}) AS v FROM n`
        : `SELECT ${dateOf(`c${index}`, date)} AS v FROM t`;
    return { index, found, summary, values };
  });
  const exact = table.rows <= exactRows;
  const isText = ({ found }: Column): boolean =>
    found.type === 'text' || found.type === 'boolean' || found.filled === 0;
  for (const column of columns.filter(isText)) await profileText(db, column, exact);
  const numbers = columns.filter((column) => !isText(column));
  for (const column of numbers) {
    await profileNumbers(db, column, exact);
    await countBins(db, column);
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

async function profileNumbers(db: TableDatabase, { values, summary, found }: Column, exact: boolean): Promise<void> {
  // The deviation is that of the population (divided by n), the one standardising uses. Squares of larger values have no room.
  const asked = [
    'min(v)',
    'max(v)',
    'avg(v)',
    exact ? 'median(v)' : 'approx_quantile(v, 0.5)',
    'stddev_pop(CASE WHEN abs(v) < 1e150 THEN v END)',
    exact ? 'count(DISTINCT v)' : 'approx_count_distinct(v)',
  ];
  const [row = []] = await db.rows(`SELECT ${asked.join(', ')} FROM (${values})`);
  const [minimum = 0, maximum = 0, mean = 0, median = 0, deviation = 0, distinct = 0] = row.map(Number);
  summary.minimum = minimum;
  summary.maximum = maximum;
  summary.median = median;
  summary.mean = Number.isFinite(mean) ? mean : null;
  summary.deviation = Number.isFinite(deviation) ? deviation : null;
  summary.distinct = Math.min(distinct, found.filled);
}

/** Equal bins from minimum to maximum; the last one includes its upper end. */
async function countBins(db: TableDatabase, { values, summary }: Column): Promise<void> {
  const minimum = summary.minimum ?? 0;
  // Halved before subtracting, so that even the largest numbers have a range.
  const range = (summary.maximum ?? 0) / 2 - minimum / 2;
  const bin =
    range > 0 ? `least(${histogramBins - 1}, floor((v / 2 - ${minimum / 2}) / ${range} * ${histogramBins}))` : '0';
  const bins = await db.rows(`SELECT ${bin} AS b, count(*) FROM (${values}) WHERE v IS NOT NULL GROUP BY b`);
  summary.histogram = new Array<number>(histogramBins).fill(0);
  for (const [place, count] of bins) summary.histogram[Number(place)] = Number(count);
}
