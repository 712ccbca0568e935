import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where settings and new projects live. DELTALAB_HOME puts both into one folder (tests, portable use). */
export function userFolders(environment: NodeJS.ProcessEnv = process.env): {
  settingsFolder: string;
  projectsFolder: string;
} {
  const home = environment.DELTALAB_HOME;
  if (home) return { settingsFolder: join(home, 'settings'), projectsFolder: join(home, 'projects') };
  return { settingsFolder: configFolder(environment), projectsFolder: join(homedir(), 'Deltalab') };
}

function configFolder(environment: NodeJS.ProcessEnv): string {
  if (process.platform === 'win32')
    return join(environment.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'Deltalab');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Deltalab');
  return join(environment.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'deltalab');
}
