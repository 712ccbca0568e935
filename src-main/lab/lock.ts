import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { isAlive } from '../alive';
import { errorCode, writeError } from './files';

/** A lock of another machine (on a shared drive) is stale when it was not touched for this long. */
const foreignLockMilliseconds = 120_000;
const touchMilliseconds = 20_000;

const lockSchema = z.object({
  pid: z.number().int(),
  host: z.string(),
  since: z.string(),
  /** Tells apart two processes that got the same number, one after the other. */
  processStart: z.string().nullable(),
  token: z.string(),
});
type LockRecord = z.infer<typeof lockSchema>;

export interface LockHolder {
  host: string;
  pid: number;
  since: string;
}

export type LockResult = { held: true; release(): Promise<void> } | { held: false; holder: LockHolder };

/** Takes the project's write lock, or says who has it. A lock whose process is gone is taken over. */
export async function lockProject(folder: string): Promise<LockResult> {
  const path = join(folder, '.lock');
  const own: LockRecord = {
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
    processStart: processStart(process.pid),
    token: randomBytes(8).toString('hex'),
  };
  for (;;) {
    try {
      await createWhole(path, `${JSON.stringify(own)}\n`, own.token);
      return { held: true, release: keep(path, own.token) };
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw writeError(path, error);
    }
    const found = await read(path);
    if (found === 'gone') continue;
    if (found.record && !(await isStale(path, found.record))) return { held: false, holder: found.record };
    await removeStale(path, own.token);
  }
}

/** A takeover is a few file operations; one that takes longer was killed in the middle. */
const takeoverMilliseconds = 10_000;

/**
 * Deletes the lock if it still is nobody's. One process at a time does this, or the new lock of whoever was first would be
 * deleted by whoever looked at the old one a moment earlier.
 */
async function removeStale(path: string, token: string): Promise<void> {
  const guard = `${path}.takeover`;
  try {
    await createWhole(guard, token, token);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw writeError(path, error);
    const age = await stat(guard).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > takeoverMilliseconds) await rm(guard, { force: true });
    await setTimeout(20);
    return;
  }
  try {
    const found = await read(path);
    if (found !== 'gone' && (!found.record || (await isStale(path, found.record)))) await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

/** Creates a file with its content in one step, so that no reader meets it empty; EEXIST when it is there. */
async function createWhole(path: string, text: string, token: string): Promise<void> {
  const fresh = `${path}.new-${token}`;
  await writeFile(fresh, text, { flag: 'wx' });
  try {
    await link(fresh, path);
  } catch (error) {
    if (!withoutLinks.includes(errorCode(error) ?? '')) throw error;
    await writeFile(path, text, { flag: 'wx' });
  } finally {
    await rm(fresh, { force: true });
  }
}

/** What file systems without hard links (FAT, some network drives) answer. */
const withoutLinks = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

function keep(path: string, token: string): () => Promise<void> {
  const timer = setInterval(() => {
    const now = new Date();
    // The folder may have been deleted or its drive unplugged; the next save reports that.
    utimes(path, now, now).catch(() => undefined);
  }, touchMilliseconds);
  timer.unref();
  return async () => {
    clearInterval(timer);
    const found = await read(path);
    if (found !== 'gone' && found.record?.token === token) await rm(path, { force: true });
  };
}

async function read(path: string): Promise<'gone' | { record: LockRecord | null }> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 'gone';
    throw error;
  }
  try {
    return { record: lockSchema.parse(JSON.parse(text)) };
  } catch {
    // Half-written by a process that was killed in that instant: nobody's lock.
    return { record: null };
  }
}

async function isStale(path: string, lock: LockRecord): Promise<boolean> {
  if (lock.host !== hostname()) return Date.now() - (await stat(path)).mtimeMs > foreignLockMilliseconds;
  if (!isAlive(lock.pid)) return true;
  const start = processStart(lock.pid);
  return start !== null && lock.processStart !== null && start !== lock.processStart;
}

/** Start time of a process in ticks since boot (field 22 of /proc/<pid>/stat), null where the system has no /proc. */
function processStart(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces; fields are counted after it.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
