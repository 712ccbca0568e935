import { execFile } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { contentSecurityPolicy } from '../../../src-main/security/csp';

const root = resolve(import.meta.dirname, '../../..');
let folder: string;

/** The built app in a folder of its own, with all its modules except Electron, which runtime/electron.mjs stands in for. */
beforeAll(() => {
  for (const path of ['out/main/main.js', 'src-native/out/deltalab.node'])
    if (!existsSync(join(root, path))) throw new Error(`${path} is not built: run "npm run build" first`);
  folder = mkdtempSync(join(tmpdir(), 'deltalab-electron-'));
  for (const name of ['main', 'preload', 'renderer'])
    cpSync(join(root, 'out', name), join(folder, 'out', name), { recursive: true });
  cpSync(join(root, 'examples'), join(folder, 'examples'), { recursive: true });
  mkdirSync(join(folder, 'src-native', 'out'), { recursive: true });
  copyFileSync(join(root, 'src-native/out/deltalab.node'), join(folder, 'src-native/out/deltalab.node'));
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
  copyFileSync(join(import.meta.dirname, 'runtime', 'drive.mjs'), join(folder, 'drive.mjs'));

  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'electron'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules')))
    if (name !== 'electron' && !name.startsWith('.'))
      symlinkSync(join(root, 'node_modules', name), join(modules, name), 'junction');
  copyFileSync(join(import.meta.dirname, 'runtime', 'electron.mjs'), join(modules, 'electron', 'index.mjs'));
  writeFileSync(
    join(modules, 'electron', 'package.json'),
    JSON.stringify({ name: 'electron', exports: './index.mjs' }),
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the built main process opens its window, trains an example in its engine process and quits clean', async () => {
  const home = join(folder, 'home');
  const { stdout } = await promisify(execFile)(process.execPath, ['drive.mjs', 'some-project'], {
    cwd: folder,
    env: { PATH: process.env.PATH, DELTALAB_HOME: home },
    timeout: 50_000,
  });
  const seen = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
  expect(seen).toMatchObject({
    address: 'app://deltalab/',
    preload: join(folder, 'out', 'preload', 'preload.cjs'),
    page: { status: 200, policy: contentSecurityPolicy() },
    door: 'electron',
    openProject: join(folder, 'some-project'),
    state: 'finished',
    epoch: 1000,
    foreign: 'refused',
    left: [],
    code: 0,
  });
  // Row L8 of the lecture: 0.0007 on the training split.
  expect(Number(seen.loss).toFixed(4)).toBe('0.0007');
  expect(seen.progress).toBeGreaterThan(0);
  expect(seen.engines).toBeGreaterThan(0);
  expect(existsSync(join(home, 'projects', 'Driven', 'project.json'))).toBe(true);
});
