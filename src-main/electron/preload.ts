import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { ElectronBridge, WireResult } from '../../shared/api/wire';

/** All that the page gets of Electron: four functions, no channel names, no modules. */
const bridge: ElectronBridge<File> = {
  call: (name, input) => ipcRenderer.invoke('lab:call', name, input) as Promise<WireResult>,
  on: (listener) => {
    const receive = (_event: unknown, event: string, payload: unknown): void => listener(event, payload);
    ipcRenderer.on('lab:event', receive);
    return () => ipcRenderer.removeListener('lab:event', receive);
  },
  pathForFile: (file) => webUtils.getPathForFile(file),
  showInFolder: (path) => ipcRenderer.invoke('lab:show-in-folder', path) as Promise<void>,
};

contextBridge.exposeInMainWorld('deltalab', bridge);
