// npm start: builds what is missing, then opens the lab in Electron, or in the default browser where Electron has no runtime.
import { join } from 'node:path';
import { findElectron, must, root, run } from './tools.mjs';

const project = process.argv.slice(2);
must(run(process.execPath, [join(root, 'build/scripts/build.mjs'), '--if-needed']));

const electron = findElectron();
if (electron) {
  process.exit(run(electron, ['.', ...project]));
} else {
  console.log('The Electron runtime is not installed here, so the lab opens in your browser.');
  process.exit(run(process.execPath, [join(root, 'out/main/cli.js'), 'serve', '--open', ...project]));
}
