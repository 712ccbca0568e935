import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OpenProject } from '../../shared/api/contract';
import { LabError, systemReason } from '../../shared/errors';
import type { ProjectDocument } from '../../shared/project/document';
import { parseProject, stringifyProject } from '../../shared/project/serialise';
import { errorCode, readTextIfThere, writeFileAtomic } from './files';
import { lockProject, type LockHolder } from './lock';

/** One open project: its document, its lock and where its files lie. */
export class ProjectSession {
  /** How often each page holds it open. */
  private readonly holds = new Map<object, number>();

  private constructor(
    readonly id: string,
    readonly path: string,
    private current: ProjectDocument,
    private text: string,
    private readonly holder: LockHolder | null,
    private readonly release: (() => Promise<void>) | null,
  ) {}

  private revisionNumber = 1;
  private writing: Promise<unknown> = Promise.resolve();

  static async open(path: string): Promise<ProjectSession> {
    const file = join(path, 'project.json');
    // Read before the lock is taken: a folder that is no project gets no lock file.
    await readProjectText(file, path);
    let lock: Awaited<ReturnType<typeof lockProject>>;
    try {
      lock = await lockProject(path);
    } catch (error) {
      // A project on a write-protected place can be looked at.
      if (!(error instanceof LabError) || error.code !== 'app.read-only-place') throw error;
      const { document, text } = await load(file, path, false);
      const holder = { host: 'write-protected', pid: 0, since: new Date().toISOString() };
      return new ProjectSession(projectId(path), path, document, text, holder, null);
    }
    try {
      const { document, text } = await load(file, path, lock.held);
      return lock.held
        ? new ProjectSession(projectId(path), path, document, text, null, lock.release)
        : new ProjectSession(projectId(path), path, document, text, lock.holder, null);
    } catch (error) {
      if (lock.held) await lock.release();
      throw error;
    }
  }

  get document(): ProjectDocument {
    return this.current;
  }

  get revision(): number {
    return this.revisionNumber;
  }

  get cacheFolder(): string {
    return join(this.path, '.cache');
  }

  describe(): OpenProject {
    const { id, path, document, revision } = this;
    return {
      id,
      path,
      document,
      revision,
      readOnly: this.holder && { host: this.holder.host, pid: this.holder.pid, since: this.holder.since },
    };
  }

  assertWritable(): void {
    if (this.holder) throw new LabError('project.read-only', { path: this.path, ...this.holder });
  }

  get isHeld(): boolean {
    return this.holds.size > 0;
  }

  hold(holder: object): void {
    this.holds.set(holder, (this.holds.get(holder) ?? 0) + 1);
  }

  letGo(holder: object, all: boolean): void {
    const left = all ? 0 : (this.holds.get(holder) ?? 0) - 1;
    if (left > 0) this.holds.set(holder, left);
    else this.holds.delete(holder);
  }

  /** Whether it may be written and its document is the one on disk. */
  async isCurrent(): Promise<boolean> {
    return this.holder === null && (await readTextIfThere(join(this.path, 'project.json'))) === this.text;
  }

  /** Saves a new document made from `revision` (null: from whatever is there); returns the new revision. */
  save(
    document: ProjectDocument | ((current: ProjectDocument) => ProjectDocument),
    revision: number | null,
  ): Promise<number> {
    // A change is applied when its turn has come: to what an earlier save left, not to what was there when it was asked for.
    return this.inTurn(() => this.write(typeof document === 'function' ? document(this.document) : document, revision));
  }

  /** Writes of the project's files one after another: what a write compares with stays what it is until it has written. */
  inTurn<Result>(write: () => Promise<Result>): Promise<Result> {
    const written = this.writing.then(write);
    // The next one waits for this one whether it succeeds or not; its own caller hears of a failure.
    this.writing = written.catch(() => undefined);
    return written;
  }

  private async write(document: ProjectDocument, revision: number | null): Promise<number> {
    this.assertWritable();
    if (revision !== null && revision !== this.revisionNumber)
      throw new LabError('project.stale-revision', { revision, current: this.revisionNumber });
    const file = join(this.path, 'project.json');
    const text = stringifyProject(document);
    const onDisk = await readTextIfThere(file);
    if (onDisk !== null && onDisk !== this.text) throw new LabError('project.changed-outside', { path: file });
    if (onDisk !== text) await writeFileAtomic(file, text);
    this.text = text;
    this.current = document;
    this.revisionNumber++;
    return this.revisionNumber;
  }

  async close(): Promise<void> {
    await this.writing;
    await this.release?.();
  }
}

async function load(
  file: string,
  path: string,
  mayWrite: boolean,
): Promise<{ document: ProjectDocument; text: string }> {
  const text = await readProjectText(file, path);
  const { document, migratedFrom } = parseProject(text, file);
  if (migratedFrom === null || !mayWrite) return { document, text };
  await writeFileAtomic(join(path, `project.format-${migratedFrom}.json`), text);
  const migrated = stringifyProject(document);
  await writeFileAtomic(file, migrated);
  return { document, text: migrated };
}

async function readProjectText(file: string, path: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR')
      throw new LabError('project.not-found', { path });
    throw new LabError('app.folder-unreadable', { path, reason: systemReason(error) });
  }
}

/** Same folder, same handle: two pages on one project share it. */
function projectId(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 16);
}

/** Writes a new project into a folder that exists or not, but holds nothing. */
export async function writeNewProject(folder: string, document: ProjectDocument): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFileAtomic(join(folder, 'project.json'), stringifyProject(document));
}
