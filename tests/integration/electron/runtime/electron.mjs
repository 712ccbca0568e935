// Stands in for Electron's main-process module where its runtime is absent: the parts the app uses, over plain Node. Windows are
// objects without a page; the engine runs in a real process of its own. `probe` is for the test.
import { fork } from 'node:child_process';
import { EventEmitter } from 'node:events';

export const probe = {
  windows: [],
  handlers: new Map(),
  schemes: new Map(),
  events: new EventEmitter(),
  log: [],
  forked: [],
};

export const app = Object.assign(new EventEmitter(), {
  isPackaged: false,
  setPath: (name, path) => probe.log.push(`${name}=${path}`),
  requestSingleInstanceLock: () => true,
  enableSandbox: () => probe.log.push('sandbox'),
  whenReady: () => Promise.resolve(),
  getLocale: () => 'en-GB',
  quit: () => app.emit('before-quit', { preventDefault: () => undefined }),
  exit: (code) => process.exit(code),
});

class Contents extends EventEmitter {
  setWindowOpenHandler() {}
  isDestroyed() {
    return false;
  }
  send(channel, event, payload) {
    // As structured clone does on the way to a real page.
    probe.events.emit(channel, event, structuredClone(payload));
  }
}

export class BrowserWindow extends EventEmitter {
  static getAllWindows() {
    return probe.windows;
  }
  constructor(options) {
    super();
    this.options = options;
    this.webContents = new Contents();
    app.emit('web-contents-created', {}, this.webContents);
    probe.windows.push(this);
  }
  loadURL(address) {
    this.address = address;
    probe.events.emit('loaded', this);
    return Promise.resolve();
  }
  show() {}
}

export const dialog = { showErrorBox: (title, text) => process.stderr.write(`${title}: ${text}\n`) };
export const ipcMain = { handle: (channel, handler) => probe.handlers.set(channel, handler) };
export const Menu = { buildFromTemplate: (template) => template, setApplicationMenu: () => undefined };
export const nativeTheme = { shouldUseDarkColors: true };
export const protocol = {
  registerSchemesAsPrivileged: () => undefined,
  handle: (scheme, handler) => probe.schemes.set(scheme, handler),
};
export const session = {
  defaultSession: {
    setPermissionRequestHandler: () => undefined,
    setPermissionCheckHandler: () => undefined,
    setDevicePermissionHandler: () => undefined,
    webRequest: { onBeforeRequest: () => undefined },
  },
};
export const shell = { showItemInFolder: () => undefined };

export const utilityProcess = {
  fork(entry) {
    const child = fork(entry, [], { serialization: 'advanced' });
    probe.forked.push(child.pid);
    return Object.assign(new EventEmitter(), {
      pid: child.pid,
      postMessage: (message) => child.send(message),
      kill: () => child.kill(),
      on(event, listener) {
        child.on(event, (...input) => listener(...(event === 'exit' ? [input[0] ?? 1] : input)));
        return this;
      },
    });
  },
};
