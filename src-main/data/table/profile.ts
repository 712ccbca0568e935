import type { ColumnSummary } from '../../../shared/api/data';
import { emptySummary, frequentShown, histogramBins } from '../summaries';
import type { TableDatabase } from './database';
import { dateOf, numberOf } from './expressions';
import type { ColumnType } from './types';

/** Beyond this many rows the median and the number of different values are estimates (within about 2 %). */
const exactRows = 500_000;

/** Everything the page shows about one column, by SQL: nothing of the column's size comes into this process. */
export async function profileColumn(
  db: TableDatabase,
  column: { index: number; name: string; found: ColumnType; rows: number; decimal: '.' | ',' },
): Promise<ColumnSummary> {
  const { index, name, found, rows, decimal } = column;
  const cell = `c${index}`;
  const exact = rows <= exactRows;
  const distinctOf = exact ? `count(DISTINCT ${cell})` : `approx_count_distinct(${cell})`;
  const summary: ColumnSummary = { ...emptySummary(name, found.type), blanks: rows - found.filled };
  if (found.filled === 0) return { ...summary, frequent: [] };

  if (found.type === 'text' || found.type === 'boolean') {
    const [row = []] = await db.rows(`SELECT ${distinctOf} FROM t`);
    const top = await db.rows(
      `SELECT ${cell}, count(*) AS n FROM t WHERE ${cell} IS NOT NULL GROUP BY ${cell} ORDER BY n DESC, ${cell} LIMIT ${frequentShown}`,
    );
    const frequent = top.map(([value, count]) => ({ value: String(value), count: Number(count) }));
    return { ...summary, distinct: Math.min(Number(row[0]), found.filled), frequent };
  }

  const value =
    found.type === 'date' && found.dateFormat !== null ? dateOf(cell, found.dateFormat) : numberOf(cell, decimal);
  const distinct = exact ? 'count(DISTINCT v)' : 'approx_count_distinct(v)';
  const median = exact ? 'median(v)' : 'approx_quantile(v, 0.5)';
  // The deviation is that of the population (divided by n), the one standardising uses.
  const [row = []] = await db.rows(
    `SELECT min(v), max(v), avg(v), ${median}, stddev_pop(v), ${distinct} FROM (SELECT ${value} AS v FROM t)`,
  );
  const [minimum = 0, maximum = 0, mean = 0, middle = 0, deviation = 0, different = 0] = row.map(Number);
  const histogram = new Array<number>(histogramBins).fill(0);
  // Divided before subtracting, so that even the largest numbers have a range.
  const range = maximum / 2 - minimum / 2;
  const bin =
    range > 0 ? `least(${histogramBins - 1}, floor((v / 2 - ${minimum / 2}) / ${range} * ${histogramBins}))` : '0';
  const bins = await db.rows(
    `SELECT ${bin} AS b, count(*) FROM (SELECT ${value} AS v FROM t) WHERE v IS NOT NULL GROUP BY b`,
  );
  for (const [place, count] of bins) histogram[Number(place)] = Number(count);
  return {
    ...summary,
    distinct: Math.min(different, found.filled),
    minimum,
    maximum,
    mean,
    median: middle,
    deviation: Number.isFinite(deviation) ? deviation : null,
    histogram,
  };
}
