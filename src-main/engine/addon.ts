import { createRequire } from 'node:module';
import { LabError } from '../../shared/errors';
import type { NativeEngine } from './native';
import { addonPath } from './native-files';

/** Loads the native addon. Only ever called in an engine process: a crash of native code must not take the app with it. */
export function loadAddon(): NativeEngine {
  try {
    return createRequire(import.meta.url)(addonPath) as NativeEngine;
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new LabError('engine.addon-missing', { path: addonPath, reason });
  }
}
