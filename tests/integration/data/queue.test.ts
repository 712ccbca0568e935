import { describe, expect, it } from 'vitest';
import { fileFacts } from '../../../src-main/data/file';
import { makeTemporaryFolder, TableDatabase } from '../../../src-main/data/table/database';
import { readTableFile, unknownFormat } from '../../../src-main/data/table/table-file';
import { dataFolder } from './helpers';

const { write } = dataFolder();

it('answers calls made at once as it answers them one after another', async () => {
  // More rows than one piece of a streamed result holds.
  const lines = ['x,day,kind'];
  for (let row = 0; row < 50_000; row += 1) lines.push(`${row + 0.5},2021-01-${10 + (row % 20)},k${row % 7}`);
  const table = await readTableFile(await fileFacts(await write('long.csv', lines.join('\n'))), unknownFormat);
  const sequential = [
    await table.numbers(0, 'number'),
    await table.page(0, 10),
    await table.labels(2),
    await table.numbers(1, 'date'),
  ];
  const together = await Promise.all([
    table.numbers(0, 'number'),
    table.page(0, 10),
    table.labels(2),
    table.numbers(1, 'date'),
  ]);
  expect(together[0].values[49_999]).toBe(49_999.5);
  expect(together).toEqual(sequential);
  await table.close();
});

describe('a column of the database', () => {
  it('is refused when it is shorter than asked for or holds a null, and the next query still runs', async () => {
    const db = await TableDatabase.open(await makeTemporaryFolder());
    await expect(db.doubles('SELECT 1::DOUBLE', 2)).rejects.toThrow('gave 1 of 2 rows');
    await expect(db.doubles('SELECT NULL::DOUBLE', 1)).rejects.toThrow('A null in row 0');
    await expect(db.doubles("SELECT 'text'", 1)).rejects.toThrow('Not a column of doubles');
    await expect(db.stream('SELECT 1', 0, () => undefined)).rejects.toThrow('gave 1 of 0 rows');
    expect(await db.doubles('SELECT 4::DOUBLE', 1)).toEqual(Float64Array.of(4));
    await db.close();
  });
});
