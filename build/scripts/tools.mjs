import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's root folder. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Path of a program a package of ours installs. */
export const bin = (name) => join(root, 'node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name);

/** Runs a program in the root with its output shown; returns its exit code (127 when it can't be started). */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    ...options,
  });
  if (result.error) {
    console.error(`${command} could not be started: ${result.error.message}`);
    return 127;
  }
  return result.status ?? 1;
}

/** The same beside others: what it says is given back, to be shown in one piece. */
export function runQuietly(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, shell: process.platform === 'win32' });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
    child.on('error', (error) => resolve({ code: 127, output: `${command} could not be started: ${error.message}\n` }));
    child.on('close', (code, signal) => {
      resolve({ code: code ?? 1, output: signal ? `${output}${command} was ended by ${signal}\n` : output });
    });
  });
}

/** Ends this script with the step's exit code unless it is 0. */
export function must(code) {
  if (code !== 0) process.exit(code);
}

export function onPath(...names) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  for (const name of names)
    for (const folder of folders)
      for (const ending of endings) {
        const path = join(folder, name + ending);
        if (folder && existsSync(path) && statSync(path).isFile()) return path;
      }
  return null;
}

/** Newest change, in milliseconds since 1970, among files and folders (recursively). */
export function newest(...paths) {
  let latest = 0;
  for (const path of paths) {
    if (!existsSync(path)) continue;
    const stat = statSync(path);
    if (stat.isDirectory()) {
      for (const entry of readdirSync(path)) {
        if (entry === 'node_modules' || entry === 'out') continue;
        latest = Math.max(latest, newest(join(path, entry)));
      }
    } else latest = Math.max(latest, stat.mtimeMs);
  }
  return latest;
}

/** Debian's, Google's or the user's Chromium, for the end-to-end suite. */
export function findChromium() {
  const named = process.env.DELTALAB_CHROMIUM;
  if (named) return existsSync(named) ? named : null;
  return onPath('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable');
}

/**
 * The Electron executable, or null. Looked for on disk: importing `electron` would try to download it.
 */
export function findElectron() {
  const name =
    process.platform === 'win32'
      ? 'electron.exe'
      : process.platform === 'darwin'
        ? 'Electron.app/Contents/MacOS/Electron'
        : 'electron';
  for (const folder of [process.env.ELECTRON_OVERRIDE_DIST_PATH, join(root, 'node_modules', 'electron', 'dist')]) {
    if (folder && existsSync(join(folder, name))) return join(folder, name);
  }
  return null;
}
