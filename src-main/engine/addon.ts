import { createRequire } from 'node:module';
import { join } from 'node:path';
import { LabError } from '../../shared/errors';
import type { NativeEngine } from './native';
import { packageRoot } from './package-root';

/** Loads the native addon. Only ever called in an engine process: a crash of native code must not take the app with it. */
export function loadAddon(): NativeEngine {
  // Inside a packaged app native files lie beside the archive, not in it.
  const path = join(packageRoot.replace(/app\.asar$/, 'app.asar.unpacked'), 'src-native', 'out', 'deltalab.node');
  try {
    return createRequire(import.meta.url)(path) as NativeEngine;
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new LabError('engine.addon-missing', { path, reason });
  }
}
