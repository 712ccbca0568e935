// npm run package [-- <options of electron-builder>]: builds what is missing, then packs the app for this system into release/.
import { join } from 'node:path';
import { bin, must, root, run } from './tools.mjs';

must(run(process.execPath, [join(root, 'build/scripts/build.mjs'), '--if-needed']));
must(run(process.execPath, [join(root, 'build/scripts/build-native.mjs'), '--cuda']));
const options = ['--config', 'build/electron-builder.yml', '--publish', 'never', ...process.argv.slice(2)];
process.exit(run(bin('electron-builder'), options));
