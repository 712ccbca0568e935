import type { BrowserWindow, BrowserWindowConstructorOptions } from 'electron';
import { pageAddress } from './rules';

/** Large enough for every page; smaller screens get the whole screen. */
export function windowOptions(preload: string, dark: boolean): BrowserWindowConstructorOptions {
  return {
    width: 1440,
    height: 900,
    minWidth: 960,
    minHeight: 640,
    show: false,
    title: 'Deltalab',
    // What is seen before the page has drawn itself.
    backgroundColor: dark ? '#16181d' : '#ffffff',
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      allowRunningInsecureContent: false,
      spellcheck: false,
      // Curves go on being drawn while the window is covered by another.
      backgroundThrottling: false,
    },
  };
}

/** A page that crashed is loaded again (the host kept the work); one that crashes at once again is not. */
export function reloadAfterCrash(window: BrowserWindow, giveUp: (reason: string) => void, now = Date.now): void {
  let last = -Infinity;
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    const since = now() - last;
    last = now();
    if (since < 10_000) giveUp(reason);
    else void window.loadURL(pageAddress);
  });
}
