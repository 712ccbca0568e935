import { DuckDBDoubleVector, DuckDBInstance, type DuckDBConnection, type DuckDBVector } from '@duckdb/node-api';
import { rmSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '../../alive';

const megabyte = 2 ** 20;

const folderPrefix = 'deltalab-table-';
const temporaryFolders = new Set<string>();
let swept = false;

export async function makeTemporaryFolder(): Promise<string> {
  if (!swept) {
    swept = true;
    process.once('exit', removeLeftovers);
    await sweep();
  }
  const folder = await mkdtemp(join(tmpdir(), `${folderPrefix}${process.pid}-`));
  temporaryFolders.add(folder);
  return folder;
}

export async function removeTemporaryFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  temporaryFolders.delete(folder);
}

/** A process that was killed could not clean up after itself; the next one does. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(new RegExp(`^${folderPrefix}(\\d+)-`).exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(pid) || isAlive(pid)) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}

/** A process that ends with tables still open leaves no copies of a person's data behind. */
function removeLeftovers(): void {
  for (const folder of temporaryFolders) rmSync(folder, { recursive: true, force: true });
}

/**
 * A DuckDB database of one file: table t holds its cells as text (c0, c1, …; a blank is NULL), table n, row by row, the numbers in
 * them (n0, n1, …; infinity is text that is no number). The names of the file's columns never enter SQL.
 */
export class TableDatabase {
  private working: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
    private readonly folder: string,
  ) {}

  /** What does not fit into the database's share of memory is moved to the folder, so that a table may be larger than memory. */
  static async open(folder: string): Promise<TableDatabase> {
    const limit = Math.min(1024, Math.max(256, Math.floor(totalmem() / 8 / megabyte)));
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(Math.min(4, availableParallelism())),
      memory_limit: `${limit}MB`,
      temp_directory: join(folder, 'spill'),
      // The database reads the file it is given and fetches nothing.
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    return new TableDatabase(instance, await instance.connect(), folder);
  }

  run(sql: string): Promise<void> {
    return this.queue(async () => {
      await this.connection.run(sql);
    });
  }

  /** Few rows, as JavaScript values: bigint for whole numbers, number for DOUBLE, string, boolean, null. */
  rows(sql: string): Promise<unknown[][]> {
    return this.queue(async () => {
      const reader = await this.connection.runAndReadAll(sql);
      return reader.getRowsJS();
    });
  }

  /** A long column of `count` rows, piece by piece, without holding the result twice. */
  stream(sql: string, count: number, take: (vector: DuckDBVector, rows: number) => void): Promise<void> {
    return this.queue(async () => {
      const result = await this.connection.stream(sql);
      let taken = 0;
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) break;
        take(chunk.getColumnVector(0), chunk.rowCount);
        taken += chunk.rowCount;
      }
      if (taken !== count) throw new Error(`The table gave ${taken} of ${count} rows to: ${sql}`);
    });
  }

  /** One DOUBLE column without nulls. */
  async doubles(sql: string, count: number): Promise<Float64Array> {
    const values = new Float64Array(count);
    let offset = 0;
    await this.stream(sql, count, (vector, rows) => {
      if (!(vector instanceof DuckDBDoubleVector)) throw new TypeError(`Not a column of doubles: ${sql}`);
      for (let index = 0; index < rows; index += 1) {
        const value = vector.getItem(index);
        if (value === null) throw new TypeError(`A null in row ${offset + index} of: ${sql}`);
        values[offset + index] = value;
      }
      offset += rows;
    });
    return values;
  }

  async close(): Promise<void> {
    await this.queue(async () => {
      this.connection.closeSync();
      this.instance.closeSync();
    });
    await removeTemporaryFolder(this.folder);
  }

  /** One query at a time: a second one on the connection cuts off a result that is still being streamed, without an error. */
  private queue<Result>(task: () => Promise<Result>): Promise<Result> {
    const done = this.working.then(task);
    // The next query waits for this one whether it succeeds or not; its own caller hears of a failure.
    this.working = done.catch(() => undefined);
    return done;
  }
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
