import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { FolderListing } from '../../shared/api/contract';
import { LabError, systemReason } from '../../shared/errors';
import type { Handlers, LabContext } from './context';

type AppCalls = 'app.info' | 'app.setSettings' | 'app.listFolder' | 'devices.list';

export function appHandlers(context: LabContext): Handlers<AppCalls> {
  const { options, user } = context;
  return {
    'app.info': async () => ({
      version: options.version,
      door: options.door === 'electron' ? 'electron' : 'browser',
      openProject: options.openProject ?? null,
      projectsFolder: options.projectsFolder,
      settings: user.settings,
    }),
    'app.setSettings': (settings) => user.setSettings(settings),
    'app.listFolder': ({ path }) => listFolder(path === null ? homedir() : resolve(path)),
    'devices.list': () => context.devices.list(),
  };
}

/** Hidden entries and those that cannot be looked at are left out. */
async function listFolder(path: string): Promise<FolderListing> {
  let names: string[];
  try {
    names = await readdir(path);
  } catch (error) {
    throw new LabError('app.folder-unreadable', { path, reason: systemReason(error) });
  }
  const listing: FolderListing = {
    path,
    parent: dirname(path) === path ? null : dirname(path),
    folders: [],
    files: [],
  };
  const shown = names.filter((name) => !name.startsWith('.')).sort((a, b) => a.localeCompare(b));
  for (const name of shown) {
    const entry = join(path, name);
    const found = await stat(entry).catch(() => null);
    if (found?.isDirectory()) listing.folders.push({ name, isProject: existsSync(join(entry, 'project.json')) });
    else if (found?.isFile()) listing.files.push({ name, bytes: found.size });
  }
  return listing;
}
