import type { FileFacts } from '../file';
import type { RowSource } from '../source';
import { readTableFile, type TableFile, type TableFormat } from './table-file';

/** A table stays read for this long after its last use: the Data page tries one recipe after another on the same file. */
const idleMilliseconds = 60_000;
const mostIdle = 2;

interface Entry {
  key: string;
  table: Promise<TableFile>;
  users: number;
  timer: NodeJS.Timeout | null;
}

const entries = new Map<string, Entry>();

/** The table, read at most once per file and format as long as it is in use. Its `close` gives it back. */
export async function shareTable(facts: FileFacts, format: TableFormat): Promise<RowSource> {
  const key = JSON.stringify([facts, format]);
  let entry = entries.get(key);
  if (!entry) {
    entry = { key, table: readTableFile(facts, format), users: 0, timer: null };
    entries.set(key, entry);
  }
  if (entry.timer) clearTimeout(entry.timer);
  entry.timer = null;
  entry.users += 1;
  const used = entry;
  let table: TableFile;
  try {
    table = await used.table;
  } catch (error) {
    if (entries.get(key) === used) entries.delete(key);
    throw error;
  }
  let open = true;
  return {
    kind: table.kind,
    rows: table.rows,
    columns: table.columns,
    report: table.report,
    page: (offset, limit) => table.page(offset, limit),
    rowsAt: (rows) => table.rowsAt(rows),
    numbers: (column, as) => table.numbers(column, as),
    labels: (column) => table.labels(column),
    locate: (rows) => table.locate(rows),
    close: async () => {
      if (!open) return;
      open = false;
      await giveBack(used);
    },
  };
}

async function giveBack(entry: Entry): Promise<void> {
  entry.users -= 1;
  if (entry.users > 0) return;
  entry.timer = setTimeout(() => {
    // Nobody waits for this: a temporary folder that can't be removed is worth a line on the console, no more.
    discard(entry).catch((error: unknown) => process.emitWarning(String(error)));
  }, idleMilliseconds);
  entry.timer.unref();
  const idle = [...entries.values()].filter(({ users }) => users === 0);
  for (const old of idle.slice(0, Math.max(0, idle.length - mostIdle))) await discard(old);
}

async function discard(entry: Entry): Promise<void> {
  if (entry.users > 0) return;
  if (entry.timer) clearTimeout(entry.timer);
  entries.delete(entry.key);
  await (await entry.table).close();
}

/** Frees every table nobody uses at the moment: when the lab closes. */
export async function closeIdleTables(): Promise<void> {
  for (const entry of [...entries.values()]) await discard(entry);
}
