import type { ElectronBridge } from '../../shared/api/wire';
import { browserLab } from './browser';
import { electronLab } from './electron';
import type { Lab } from './lab';

export type { Connection, Lab } from './lab';

declare global {
  interface Window {
    /** Put there by Electron's preload script; absent in a browser. */
    deltalab?: ElectronBridge<File>;
  }
}

/** The page's only way to the outside. */
export const lab: Lab = window.deltalab ? electronLab(window.deltalab) : browserLab(window.location);
