import { readonly, shallowRef } from 'vue';
import type { CallInput, CallName, CallOutput } from '../../shared/api/contract';
import type { ElectronBridge } from '../../shared/api/wire';
import { LabError } from '../../shared/errors';
import type { Connection, Lab } from './lab';
import { Listeners } from './listeners';

/** The lab over Electron's IPC. */
export function electronLab(bridge: ElectronBridge<File>): Lab {
  const listeners = new Listeners();
  bridge.on((event, payload) => listeners.emit(event, payload));
  return {
    door: 'electron',
    connection: readonly(shallowRef<Connection>('connected')),
    on: (event, listener) => listeners.on(event, listener),
    async call<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<CallOutput<Name>> {
      const result = await bridge.call(name, plain(input));
      if (!result.ok) throw LabError.fromRecord(result.error);
      return result.value as CallOutput<Name>;
    },
    reference: (file) => Promise.resolve(bridge.pathForFile(file)),
    download: (report) => bridge.showInFolder(report.path),
  };
}

/** IPC clones its arguments and refuses Vue's proxies. Inputs are JSON by contract. */
function plain(input: unknown): unknown {
  return JSON.parse(JSON.stringify(input)) as unknown;
}
