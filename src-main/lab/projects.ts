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

/** The projects that are open in this process, by handle. */
export class ProjectRegistry {
  private readonly sessions = new Map<string, ProjectSession>();
  private opening: Promise<unknown> = Promise.resolve();

  get(id: string): ProjectSession {
    const session = this.sessions.get(id);
    if (!session) throw new LabError('project.not-open');
    return session;
  }

  list(): ProjectSession[] {
    return [...this.sessions.values()];
  }

  /** One at a time, so that two pages opening the same folder share one session instead of locking each other out. */
  open(path: string): Promise<ProjectSession> {
    const opened = this.opening.then(() => this.openOne(path));
    this.opening = opened.catch(() => undefined);
    return opened;
  }

  private async openOne(path: string): Promise<ProjectSession> {
    const folder = await projectFolder(path);
    const known = this.list().find((session) => session.path === folder);
    if (known) {
      known.references++;
      return known;
    }
    const session = await ProjectSession.open(folder);
    this.sessions.set(session.id, session);
    return session;
  }

  /** Returns the session when nobody holds it any more: then it is out of the registry and must be closed. */
  release(id: string): ProjectSession | null {
    const session = this.get(id);
    if (--session.references > 0) return null;
    this.sessions.delete(id);
    return session;
  }
}

export function projectHandlers(context: LabContext): Handlers<ProjectCalls> {
  const { projects, user, examples } = context;

  async function open(path: string) {
    const session = await projects.open(path);
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
    'projects.open': ({ path }) => open(path),
    'projects.create': async ({ name, folder, example }) => {
      const target = folder === null ? await freeFolder(context.options.projectsFolder, name) : resolve(folder);
      await makeEmptyFolder(target);
      const document = example === null ? emptyProject(name) : await examples.copyInto(example, target);
      await writeNewProject(target, { ...document, name });
      return open(target);
    },
    'projects.close': async ({ project }) => {
      const session = projects.release(project);
      if (session) await context.closeSession(session);
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
async function freeFolder(parent: string, name: string): Promise<string> {
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
