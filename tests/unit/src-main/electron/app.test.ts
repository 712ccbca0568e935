import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LabOptions } from '../../../../src-main/lab';
import { type AppPlaces, type CreateLab, type ElectronParts, startApp } from '../../../../src-main/electron/app';

/** What the app asked of Electron, in order. */
let log: string[];
let folder: string;
let fake: FakeElectron;

type Listener = (...input: unknown[]) => unknown;

class FakeContents extends EventEmitter {
  readonly sent: unknown[][] = [];
  windowOpen: (() => { action: string }) | null = null;
  destroyed = false;
  setWindowOpenHandler(handler: () => { action: string }): void {
    this.windowOpen = handler;
  }
  send(...message: unknown[]): void {
    this.sent.push(message);
  }
  isDestroyed(): boolean {
    return this.destroyed;
  }
}

class FakeWindow extends EventEmitter {
  readonly webContents = new FakeContents();
  readonly loaded: string[] = [];
  shown = 0;
  focused = 0;
  constructor(readonly options: { webPreferences: Record<string, unknown> }) {
    super();
    log.push('window');
    fake.windows.push(this);
    fake.app.emit('web-contents-created', {}, this.webContents);
  }
  loadURL(address: string): Promise<void> {
    this.loaded.push(address);
    return Promise.resolve();
  }
  show(): void {
    this.shown += 1;
  }
  isMinimized(): boolean {
    return false;
  }
  focus(): void {
    this.focused += 1;
  }
}

class FakeApp extends EventEmitter {
  isPackaged = true;
  first = true;
  readonly exits: number[] = [];
  requestSingleInstanceLock(): boolean {
    log.push('lock');
    return this.first;
  }
  setPath(name: string, path: string): void {
    log.push(`${name}=${path.slice(folder.length)}`);
  }
  enableSandbox(): void {
    log.push('sandbox');
  }
  whenReady(): Promise<void> {
    log.push('ready');
    return Promise.resolve();
  }
  getLocale(): string {
    return 'ru-RU';
  }
  quit(): void {
    log.push('quit');
  }
  exit(code: number): void {
    this.exits.push(code);
  }
}

class FakeElectron {
  readonly app = new FakeApp();
  readonly windows: FakeWindow[] = [];
  readonly handlers = new Map<string, Listener>();
  readonly shown: string[] = [];
  readonly errors: string[] = [];
  readonly session: Record<string, Listener> = {};
  menu: { label?: string }[] = [];

  parts(): ElectronParts {
    const { app, handlers, session, windows } = this;
    const record = (name: string) => (handler: Listener) => {
      log.push(name);
      session[name] = handler;
    };
    const BrowserWindow = Object.assign(FakeWindow, { getAllWindows: () => windows });
    return {
      app,
      BrowserWindow,
      dialog: { showErrorBox: (_title: string, text: string) => this.errors.push(text) },
      ipcMain: { handle: (channel: string, handler: Listener) => handlers.set(channel, handler) },
      Menu: {
        buildFromTemplate: (template: { label?: string }[]) => template,
        setApplicationMenu: (menu: { label?: string }[]) => (this.menu = menu),
      },
      nativeTheme: { shouldUseDarkColors: false },
      protocol: {
        registerSchemesAsPrivileged: () => log.push('scheme'),
        handle: (scheme: string) => log.push(`handle ${scheme}`),
      },
      session: {
        defaultSession: {
          setPermissionRequestHandler: record('permission request'),
          setPermissionCheckHandler: record('permission check'),
          setDevicePermissionHandler: record('devices'),
          webRequest: { onBeforeRequest: record('requests') },
        },
      },
      shell: { showItemInFolder: (path: string) => this.shown.push(path) },
      utilityProcess: { fork: () => undefined },
    } as unknown as ElectronParts;
  }
}

interface FakeLab {
  released: unknown[];
  options: LabOptions | null;
  emit: Listener;
  closed: number;
  finishClosing: () => void;
  create: CreateLab;
}

function fakeLab(): FakeLab {
  const listeners = new Set<Listener>();
  const lab: FakeLab = {
    released: [],
    options: null,
    emit: (...input) => listeners.forEach((listener) => listener(...input)),
    closed: 0,
    finishClosing: () => undefined,
    create: (options) => {
      log.push('lab');
      lab.options = options;
      return Promise.resolve({
        call: () => Promise.resolve({ settings: { language: 'auto', theme: 'auto' } }),
        handle: (name: string, input: unknown) => Promise.resolve({ ok: true, value: { name, input } }),
        release: (holder: object) => lab.released.push(holder),
        on: (listener: Listener) => {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
        close: () => {
          lab.closed += 1;
          return new Promise<void>((resolve) => (lab.finishClosing = resolve));
        },
      } as unknown as Awaited<ReturnType<CreateLab>>);
    },
  };
  return lab;
}

function places(): AppPlaces {
  return {
    version: '1.2.3',
    root: '/app',
    settingsFolder: join(folder, 'settings'),
    projectsFolder: join(folder, 'projects'),
    examplesFolder: '/examples',
    argv: ['deltalab', 'iris'],
    folder: '/home/me',
    platform: 'linux',
  };
}

beforeEach(() => {
  log = [];
  folder = mkdtempSync(join(tmpdir(), 'deltalab-app-'));
  fake = new FakeElectron();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('everything that guards the page is in place before the page exists', async () => {
  const lab = fakeLab();
  await startApp(fake.parts(), places(), lab.create);
  expect(log).toEqual([
    'userData=/settings/window',
    'lock',
    'scheme',
    'sandbox',
    'ready',
    'permission request',
    'permission check',
    'devices',
    'requests',
    'handle app',
    'lab',
    'window',
  ]);
  expect(lab.options).toMatchObject({ door: 'electron', openProject: '/home/me/iris', examplesFolder: '/examples' });
  const [window] = fake.windows;
  expect(window!.options.webPreferences).toMatchObject({
    preload: join('/app', 'out', 'preload', 'preload.cjs'),
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    webSecurity: true,
    webviewTag: false,
  });
  expect(window!.loaded).toEqual(['app://deltalab/']);
  expect(window!.shown).toBe(0);
  window!.emit('ready-to-show');
  expect(window!.shown).toBe(1);
  expect(fake.menu.map(({ label }) => label)).toEqual(['Файл', 'Правка', 'Вид']);
});

test('a second instance leaves at once, and the first comes to the front', async () => {
  fake.app.first = false;
  const lab = fakeLab();
  expect(await startApp(fake.parts(), places(), lab.create)).toBeNull();
  expect(log).toEqual(['userData=/settings/window', 'lock', 'quit']);
  expect(lab.options).toBeNull();

  fake = new FakeElectron();
  await startApp(fake.parts(), places(), lab.create);
  fake.app.emit('second-instance');
  expect(fake.windows).toHaveLength(1);
  expect(fake.windows[0]!.focused).toBe(1);
});

test('the page stays where it is and opens nothing', async () => {
  await startApp(fake.parts(), places(), fakeLab().create);
  const contents = fake.windows[0]!.webContents;
  const tryTo = (event: string, url: string): boolean => {
    let prevented = false;
    contents.emit(event, { url, preventDefault: () => (prevented = true) });
    return !prevented;
  };
  for (const event of ['will-navigate', 'will-redirect', 'will-frame-navigate']) {
    expect(tryTo(event, 'https://evil.example/')).toBe(false);
    expect(tryTo(event, 'app://deltalab/#data')).toBe(true);
  }
  expect(tryTo('will-attach-webview', 'app://deltalab/')).toBe(false);
  expect(contents.windowOpen?.()).toEqual({ action: 'deny' });
});

test('permissions, devices and other origins are refused', async () => {
  await startApp(fake.parts(), places(), fakeLab().create);
  const page = { requestingUrl: 'app://deltalab/' };
  const request = (permission: string): unknown => {
    let given: unknown;
    fake.session['permission request']!({}, permission, (answer: unknown) => (given = answer), page);
    return given;
  };
  expect([request('media'), request('clipboard-sanitized-write')]).toEqual([false, true]);
  expect(fake.session['permission check']!({}, 'geolocation', '', page)).toBe(false);
  expect(fake.session.devices!({})).toBe(false);
  const cancelled = (url: string): unknown => {
    let answer: unknown;
    fake.session.requests!({ url }, (given: unknown) => (answer = given));
    return answer;
  };
  expect(cancelled('https://evil.example/')).toEqual({ cancel: true });
  expect(cancelled('app://deltalab/assets/a.js')).toEqual({ cancel: false });
});

test('calls are answered for the page alone', async () => {
  await startApp(fake.parts(), places(), fakeLab().create);
  const invoke = async (channel: string, senderFrame: unknown, ...input: unknown[]): Promise<unknown> =>
    fake.handlers.get(channel)!({ senderFrame }, ...input);
  const page = { url: 'app://deltalab/', parent: null };
  expect(await invoke('lab:call', page, 'app.info', {})).toEqual({ ok: true, value: { name: 'app.info', input: {} } });
  expect(await invoke('lab:call', page, 5, {})).toMatchObject({ ok: false, error: { code: 'app.invalid-call' } });
  for (const stranger of [null, { url: 'https://evil.example/', parent: null }, { url: page.url, parent: {} }])
    for (const channel of ['lab:call', 'lab:show-in-folder'])
      await expect(invoke(channel, stranger, 'app.info', {})).rejects.toThrow('refused');
  await invoke('lab:show-in-folder', page, import.meta.filename);
  await invoke('lab:show-in-folder', page, '/no/such/file');
  expect(fake.shown).toEqual([import.meta.filename]);
});

test('events reach the page until it is gone', async () => {
  const lab = fakeLab();
  await startApp(fake.parts(), places(), lab.create);
  const contents = fake.windows[0]!.webContents;
  lab.emit('project.saved', { revision: 1 });
  contents.destroyed = true;
  lab.emit('project.saved', { revision: 2 });
  contents.emit('destroyed');
  contents.destroyed = false;
  lab.emit('project.saved', { revision: 3 });
  expect(contents.sent).toEqual([['lab:event', 'project.saved', { revision: 1 }]]);
});

test('a page that is loaded anew or gone holds nothing any more', async () => {
  const lab = fakeLab();
  await startApp(fake.parts(), places(), lab.create);
  const contents = fake.windows[0]!.webContents;
  contents.emit('did-navigate');
  contents.emit('destroyed');
  expect(lab.released).toEqual([contents, contents]);
});

test('quitting waits until the lab is closed', async () => {
  const lab = fakeLab();
  await startApp(fake.parts(), places(), lab.create);
  let prevented = 0;
  const quit = (): void => void fake.app.emit('before-quit', { preventDefault: () => (prevented += 1) });
  quit();
  quit();
  await Promise.resolve();
  expect([prevented, lab.closed, fake.app.exits]).toEqual([2, 1, []]);
  lab.finishClosing();
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(fake.app.exits).toEqual([0]);
});

test('a lab that cannot start is told in the user’s language', async () => {
  const create: CreateLab = () => Promise.reject(new Error('disk'));
  expect(await startApp(fake.parts(), places(), create)).toBeNull();
  expect(fake.errors[0]).toContain('Произошла непредвиденная ошибка: disk');
  expect(fake.app.exits).toEqual([1]);
  expect(fake.windows).toEqual([]);
});

test('a page that crashed is loaded again, one that crashes again at once is not', async () => {
  await startApp(fake.parts(), places(), fakeLab().create);
  const [window] = fake.windows;
  window!.webContents.emit('render-process-gone', {}, { reason: 'clean-exit' });
  expect(window!.loaded).toHaveLength(1);
  window!.webContents.emit('render-process-gone', {}, { reason: 'crashed' });
  expect(window!.loaded).toHaveLength(2);
  window!.webContents.emit('render-process-gone', {}, { reason: 'crashed' });
  expect(window!.loaded).toHaveLength(2);
  expect(log.at(-1)).toBe('quit');
});

test('on a Mac the app outlives its windows', async () => {
  await startApp(fake.parts(), { ...places(), platform: 'darwin' }, fakeLab().create);
  fake.app.emit('window-all-closed');
  expect(log).not.toContain('quit');
  fake.windows.length = 0;
  fake.app.emit('activate');
  expect(fake.windows).toHaveLength(1);

  log = [];
  fake = new FakeElectron();
  await startApp(fake.parts(), places(), fakeLab().create);
  fake.app.emit('window-all-closed');
  expect(log).toContain('quit');
});
