import type { Ref } from 'vue';
import type { CallInput, CallName, CallOutput, EventName, LabEvents } from '../../shared/api/contract';
import type { ExportReport } from '../../shared/api/experiments';

/** connecting: for the first time; lost: it was there, and is being restored. */
export type Connection = 'connecting' | 'connected' | 'lost';

/** The host as the page sees it, the same behind Electron and in a browser. */
export interface Lab {
  readonly door: 'electron' | 'browser';
  readonly connection: Readonly<Ref<Connection>>;
  /** Rejects with a LabError. */
  call<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<CallOutput<Name>>;
  on<Name extends EventName>(event: Name, listener: (payload: LabEvents[Name]) => void): () => void;
  /** A path that the host can read for a file the user dropped or picked; a browser uploads it (progress 0..1). */
  reference(file: File, onProgress?: (fraction: number) => void): Promise<string>;
  /** Shows the exported file in its folder, or downloads it. */
  download(report: Pick<ExportReport, 'path' | 'downloadId'>): Promise<void>;
}
