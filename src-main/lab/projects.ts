import { existsSync } from 'node:fs';
import { mkdir, readdir, realpath } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { LabError } from '../../shared/errors';
import { projectSchema, type ProjectDocument } from '../../shared/project/document';
import type { Handlers, LabContext } from './context';
import { errorCode, writeError } from './files';
import { ProjectSession, writeNewProject } from './session';

type ProjectCalls =
  | 'examples.list'
  | 'projects.recent'
  | 'projects.forget'
  | 'projects.create'
  | 'projects.open'
  | 'projects.close'
  | 'projects.update';

interface SessionCare {
  /** Whether something is trained in it: that goes on without a page. */
  isBusy(session: ProjectSession): boolean;
  close(session: ProjectSession): Promise<void>;
  vanishedAfter: number;
}

/** The projects that are open in this process, by handle, for as long as somebody holds them. */
export class ProjectRegistry {
  private readonly sessions = new Map<string, ProjectSession>();
  /** Closes what the last page left behind. */
  private readonly timers = new Map<ProjectSession, NodeJS.Timeout>();
  private changing: Promise<unknown> = Promise.resolve();

  constructor(private readonly care: SessionCare) {}

  get(id: string): ProjectSession {
    const session = this.sessions.get(id);
    if (!session) throw new LabError('project.not-open');
    return session;
  }

  list(): ProjectSession[] {
    return [...this.sessions.values()];
  }

  open(path: string, holder: object): Promise<ProjectSession> {
    return this.change(async () => {
      const folder = await projectFolder(path);
      let session = this.list().find((known) => known.path === folder);
      // Left by a page that vanished: nobody relies on what it has in memory, so what is on disk counts.
      if (session && !session.isHeld && !this.care.isBusy(session) && !(await session.isCurrent())) {
        await this.closeNow(session);
        session = undefined;
      }
      session ??= await ProjectSession.open(folder);
      this.sessions.set(session.id, session);
      this.keep(session);
      session.hold(holder);
      return session;
    });
  }

  /** One hold of this page less; the last one closes the project, and stops what runs in it. */
  close(id: string, holder: object): Promise<void> {
    return this.change(async () => {
      const session = this.get(id);
      session.letGo(holder, false);
      if (!session.isHeld) await this.closeNow(session);
    });
  }

  /** The page is gone without a word: it holds nothing any more. */
  release(holder: object): void {
    void this.change(() => {
      for (const session of this.list()) {
        session.letGo(holder, true);
        if (!session.isHeld && !this.timers.has(session)) this.closeLater(session);
      }
    });
  }

  async closeAll(): Promise<void> {
    await this.change(() => Promise.all(this.list().map((session) => this.closeNow(session))));
  }

  private closeLater(session: ProjectSession): void {
    const timer = setTimeout(() => {
      this.timers.delete(session);
      // A race goes on without a page; afterwards nobody needs the project open.
      if (this.care.isBusy(session)) this.closeLater(session);
      // Its files are in order either way; a lock that could not be removed is found stale once this process is gone.
      else this.change(async () => !session.isHeld && (await this.closeNow(session))).catch(() => undefined);
    }, this.care.vanishedAfter);
    timer.unref();
    this.timers.set(session, timer);
  }

  private keep(session: ProjectSession): void {
    clearTimeout(this.timers.get(session));
    this.timers.delete(session);
  }

  private async closeNow(session: ProjectSession): Promise<void> {
    this.keep(session);
    if (!this.sessions.delete(session.id)) return;
    await this.care.close(session);
  }

  /** One at a time, so that pages opening and closing the same folder share one session instead of locking each other out. */
  private change<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    const changed = this.changing.then(work);
    this.changing = changed.catch(() => undefined);
    return changed;
  }
}

export function projectHandlers(context: LabContext): Handlers<ProjectCalls> {
  const { projects, user, examples } = context;

  async function open(path: string, holder: object) {
    const session = await projects.open(path, holder);
    await user.remember(session.path, session.document.name);
    return session.describe();
  }

  return {
    'examples.list': () => examples.list(),
    'projects.recent': async () => user.recent(),
    'projects.forget': async ({ path }) => {
      await user.forget(path);
      return null;
    },
    'projects.open': ({ path }, holder) => open(path, holder),
    'projects.create': async ({ name, folder, example }, holder) => {
      const target = folder === null ? await freeFolder(context.options.projectsFolder, name) : resolve(folder);
      await makeEmptyFolder(target);
      const document = example === null ? emptyProject(name) : await examples.copyInto(example, target);
      await writeNewProject(target, { ...document, name });
      return open(target, holder);
    },
    'projects.close': async ({ project }, holder) => {
      await projects.close(project, holder);
      return null;
    },
    'projects.update': async ({ project, revision, document }) => {
      const session = projects.get(project);
      const renamed = document.name !== session.document.name;
      const saved = await session.save(document, revision);
      if (renamed) await user.remember(session.path, document.name);
      context.saved(session);
      return { revision: saved };
    },
  };
}

function emptyProject(name: string): ProjectDocument {
  return projectSchema.parse({
    format: 1,
    name,
    data: { kind: 'none' },
    network: { layers: [], edges: [] },
    training: {},
  });
}

/** The folder of a project, named by itself or by its project.json. */
async function projectFolder(path: string): Promise<string> {
  const named = basename(path) === 'project.json' ? resolve(path, '..') : resolve(path);
  try {
    return await realpath(named);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') throw new LabError('project.not-found', { path: named });
    throw error;
  }
}

async function makeEmptyFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw writeError(folder, error);
  }
  if ((await readdir(folder)).length > 0) throw new LabError('project.folder-not-empty', { path: folder });
}

/** `My nets: v2` becomes `<projects>/My nets v2`, or `… 2`, `… 3` where that is taken. */
export async function freeFolder(parent: string, name: string): Promise<string> {
  const plain = name
    // Characters Windows forbids in names, and leading dots, which hide a folder.
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u001f<>:"/\\|?*]/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[.\s]+|[.\s]+$/g, '');
  const base = plain === '' ? 'project' : plain.slice(0, 80);
  for (let count = 1; ; count++) {
    const path = join(parent, count === 1 ? base : `${base} ${count}`);
    if (!existsSync(path)) return path;
  }
}
