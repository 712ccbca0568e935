// npm run dev: rebuilds the page and the host as files change. With Electron's runtime its window reloads by itself;
// without it, run `npx deltalab serve` beside this and reload the page.
import { join } from 'node:path';
import { bin, findElectron, must, root, run } from './tools.mjs';

must(run(process.execPath, [join(root, 'build/scripts/build-native.mjs')]));
const electron = findElectron();
process.exit(run(bin('electron-vite'), electron ? ['dev', '--watch'] : ['build', '--watch']));
