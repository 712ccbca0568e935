import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { DataRecipe } from '../../shared/project/data';
import { openDataset } from '../data/index';
import type { Dataset } from '../data/dataset';
import type { ProjectSession } from './session';

interface Entry {
  project: string;
  dataset: Promise<Dataset>;
  users: number;
  usedAt: number;
  evicted: boolean;
}

/** Datasets kept open for each project: its own, one being tried, one of an older experiment. */
const keptPerProject = 3;

/** Reading a file takes time, so datasets stay open between calls. One in use is never closed under its user. */
export class DatasetCache {
  private readonly entries = new Map<string, Entry>();
  private clock = 0;

  async use<Result>(
    session: ProjectSession,
    recipe: DataRecipe,
    task: (dataset: Dataset) => Promise<Result>,
  ): Promise<Result> {
    const key = `${session.id} ${JSON.stringify(recipe)} ${await fileStamp(session.path, recipe)}`;
    const entry = this.entries.get(key) ?? this.open(key, session, recipe);
    entry.users++;
    entry.usedAt = ++this.clock;
    try {
      return await task(await entry.dataset);
    } finally {
      entry.users--;
      await this.closeIfDone(entry);
    }
  }

  async closeProject(project: string): Promise<void> {
    const entries = [...this.entries].filter(([, entry]) => entry.project === project);
    await Promise.all(entries.map(([key, entry]) => this.evict(key, entry)));
  }

  private open(key: string, session: ProjectSession, recipe: DataRecipe): Entry {
    // A project that can't be written to gets no cache in its folder either.
    const cacheFolder = session.describe().readOnly ? null : session.cacheFolder;
    const dataset = openDataset(recipe, { projectFolder: session.path, cacheFolder });
    const entry: Entry = { project: session.id, dataset, users: 0, usedAt: 0, evicted: false };
    this.entries.set(key, entry);
    dataset.catch(() => this.entries.delete(key));
    const own = [...this.entries].filter(([, other]) => other.project === session.id);
    own.sort(([, a], [, b]) => b.usedAt - a.usedAt);
    for (const [oldKey, old] of own.filter(([, other]) => other !== entry).slice(keptPerProject - 1))
      void this.evict(oldKey, old);
    return entry;
  }

  private async evict(key: string, entry: Entry): Promise<void> {
    this.entries.delete(key);
    entry.evicted = true;
    await this.closeIfDone(entry);
  }

  private async closeIfDone(entry: Entry): Promise<void> {
    if (!entry.evicted || entry.users > 0) return;
    // One that could not be opened has nothing to close; whoever asked for it got the error.
    const dataset = await entry.dataset.catch(() => null);
    await dataset?.close();
  }
}

/** Size and time of the files, so that a file edited in another program is read again. */
async function fileStamp(folder: string, recipe: DataRecipe): Promise<string> {
  const files = recipe.kind === 'table' ? [recipe.path] : recipe.kind === 'idx' ? [recipe.images, recipe.labels] : [];
  const stamps = await Promise.all(
    files.map(async (file) => {
      const found = await stat(resolve(folder, file)).catch(() => null);
      return found ? `${found.size}@${found.mtimeMs}` : 'missing';
    }),
  );
  return stamps.join(' ');
}
