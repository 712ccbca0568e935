import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type * as Electron from 'electron';
import { errorMessage, LabError, toErrorRecord } from '../../shared/errors';
import type { Language } from '../../shared/text';
import type { EngineLauncher } from '../engine/launcher';
import { createLab, type Lab, type LabOptions } from '../lab';
import { utilityEngine } from './engine';
import { guardAllContents, guardSession } from './guards';
import { forwardEvents, registerIpc } from './ipc';
import { menuTemplate } from './menu';
import { handlePageScheme, registerPageScheme } from './protocol';
import { closeBeforeQuit } from './quit';
import { pageAddress, projectArgument } from './rules';
import { reloadAfterCrash, windowOptions } from './window';

/** The part of Electron the app uses: given in, so that the order of things can be tested without its runtime. */
export type ElectronParts = Pick<
  typeof Electron,
  | 'app'
  | 'BrowserWindow'
  | 'dialog'
  | 'ipcMain'
  | 'Menu'
  | 'nativeTheme'
  | 'protocol'
  | 'session'
  | 'shell'
  | 'utilityProcess'
>;

export interface AppPlaces {
  version: string;
  /** Folder with out/ in it. */
  root: string;
  settingsFolder: string;
  projectsFolder: string;
  examplesFolder: string;
  argv: readonly string[];
  folder: string;
  platform: NodeJS.Platform;
}

export type CreateLab = (options: LabOptions) => Promise<Lab>;

/** Runs the app; resolves when its first window is on its way, or null when another instance has taken over. */
export async function startApp(
  parts: ElectronParts,
  places: AppPlaces,
  create: CreateLab = createLab,
): Promise<Lab | null> {
  const { app } = parts;
  // Chromium's own files, apart from ours; also what tells two instances of one user from two users.
  const chromium = join(places.settingsFolder, 'window');
  mkdirSync(chromium, { recursive: true });
  app.setPath('userData', chromium);
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return null;
  }
  registerPageScheme(parts.protocol);
  app.enableSandbox();
  guardAllContents(app);
  await app.whenReady();

  guardSession(parts.session.defaultSession);
  handlePageScheme(parts.protocol, join(places.root, 'out', 'renderer'));
  const engine: EngineLauncher = utilityEngine(parts.utilityProcess, join(places.root, 'out', 'main', 'engine.js'));
  let lab: Lab;
  try {
    lab = await create({
      version: places.version,
      door: 'electron',
      settingsFolder: places.settingsFolder,
      projectsFolder: places.projectsFolder,
      examplesFolder: places.examplesFolder,
      openProject: projectArgument(places.argv, { packaged: app.isPackaged, folder: places.folder }),
      engine,
    });
  } catch (error) {
    report(parts, error);
    app.exit(1);
    return null;
  }
  closeBeforeQuit(
    app,
    () => lab.close(),
    (error) => report(parts, error),
  );
  registerIpc(parts, lab);
  const language = await menuLanguage(parts, lab);
  parts.Menu.setApplicationMenu(parts.Menu.buildFromTemplate(menuTemplate(language, places.platform)));

  const open = (): void => openWindow(parts, places, lab);
  app.on('second-instance', () => showFirstWindow(parts, open));
  app.on('activate', () => showFirstWindow(parts, open));
  app.on('window-all-closed', () => {
    // On a Mac an app without windows stays in the dock, and its training goes on.
    if (places.platform !== 'darwin') app.quit();
  });
  open();
  return lab;
}

function openWindow(parts: ElectronParts, places: AppPlaces, lab: Lab): void {
  const preload = join(places.root, 'out', 'preload', 'preload.cjs');
  const window = new parts.BrowserWindow(windowOptions(preload, parts.nativeTheme.shouldUseDarkColors));
  window.once('ready-to-show', () => window.show());
  forwardEvents(lab, window.webContents);
  reloadAfterCrash(window, (reason) => {
    report(parts, new LabError('page.crashed', { reason }));
    parts.app.quit();
  });
  void window.loadURL(pageAddress);
}

function showFirstWindow(parts: ElectronParts, open: () => void): void {
  const [window] = parts.BrowserWindow.getAllWindows();
  if (!window) {
    open();
    return;
  }
  if (window.isMinimized()) window.restore();
  window.focus();
}

async function menuLanguage({ app }: ElectronParts, lab: Lab): Promise<Language> {
  const { settings } = await lab.call('app.info', {});
  if (settings.language !== 'auto') return settings.language;
  return app.getLocale().startsWith('ru') ? 'ru' : 'en';
}

function report({ app, dialog }: ElectronParts, error: unknown): void {
  const language = app.getLocale().startsWith('ru') ? 'ru' : 'en';
  dialog.showErrorBox('Deltalab', errorMessage(toErrorRecord(error), language));
}
