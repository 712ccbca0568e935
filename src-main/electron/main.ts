import { join } from 'node:path';
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  nativeTheme,
  protocol,
  session,
  shell,
  utilityProcess,
} from 'electron';
import { packageRoot, packageVersion } from '../engine/package-root';
import { userFolders } from '../lab/home';
import { startApp } from './app';

const parts = { app, BrowserWindow, dialog, ipcMain, Menu, nativeTheme, protocol, session, shell, utilityProcess };

void startApp(parts, {
  version: packageVersion,
  root: packageRoot,
  ...userFolders(),
  // Examples are copied file by file and read by native code, which can't look into the archive.
  examplesFolder: join(app.isPackaged ? process.resourcesPath : packageRoot, 'examples'),
  argv: process.argv,
  folder: process.cwd(),
  platform: process.platform,
});
