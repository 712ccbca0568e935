// npm run build [-- --if-needed]: the engine, then the app. With --if-needed, what is newer than its sources is left alone.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bin, must, newest, root, run } from './tools.mjs';

const ifNeeded = process.argv.includes('--if-needed');
const outputs = [
  'out/main/cli.js',
  'out/main/engine.js',
  'out/main/kernel.js',
  'out/preload/preload.cjs',
  'out/renderer/index.html',
].map((path) => join(root, path));
const sources = ['src-main', 'src-renderer', 'shared', 'electron.vite.config.ts', 'package-lock.json'].map((path) =>
  join(root, path),
);

// CMake finds out by itself what has to be compiled again.
must(run(process.execPath, [join(root, 'build/scripts/build-native.mjs')]));

const built = outputs.every(existsSync) ? Math.min(...outputs.map((path) => newest(path))) : 0;
if (!ifNeeded || built < newest(...sources)) must(run(bin('electron-vite'), ['build', '--logLevel', 'warn']));
