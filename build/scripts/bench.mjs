// npm run bench: speed of the engine on this machine, one JSON object per line. Arguments are workloads (W1 W2 W3); none: all.
import { join } from 'node:path';
import { must, root, run } from './tools.mjs';

must(run(process.execPath, [join(root, 'build/scripts/build-native.mjs')]));
const name = process.platform === 'win32' ? 'Release/deltalab_bench.exe' : 'deltalab_bench';
process.exit(run(join(root, 'src-native/out/build', name), process.argv.slice(2)));
