import { join } from 'node:path';
import { packageRoot } from './package-root';

// Inside a packaged app native files lie beside the archive, not in it.
const folder = join(packageRoot.replace(/app\.asar$/, 'app.asar.unpacked'), 'src-native', 'out');

export const addonPath = join(folder, 'deltalab.node');

/** The library for NVIDIA cards, which the addon opens where it is asked to; DELTALAB_CUDA names another one. */
export function deviceLibrary(): string {
  return (
    process.env.DELTALAB_CUDA ?? join(folder, process.platform === 'win32' ? 'deltalab_cuda.dll' : 'deltalab_cuda.so')
  );
}
