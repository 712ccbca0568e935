import { createRequire } from 'node:module';
import { join } from 'node:path';
import { LabError } from '../../shared/errors';
import type { NativeEngine } from './native';
import { packageRoot } from './package-root';

// Inside a packaged app native files lie beside the archive, not in it.
const folder = join(packageRoot.replace(/app\.asar$/, 'app.asar.unpacked'), 'src-native', 'out');

/** The library for NVIDIA cards, which the addon opens where it is asked to; DELTALAB_CUDA names another one. */
export function deviceLibrary(): string {
  return (
    process.env.DELTALAB_CUDA ?? join(folder, process.platform === 'win32' ? 'deltalab_cuda.dll' : 'deltalab_cuda.so')
  );
}

/** Loads the native addon. Only ever called in an engine process: a crash of native code must not take the app with it. */
export function loadAddon(): NativeEngine {
  const path = join(folder, 'deltalab.node');
  try {
    return createRequire(import.meta.url)(path) as NativeEngine;
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new LabError('engine.addon-missing', { path, reason });
  }
}
