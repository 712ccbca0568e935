import { z } from 'zod';
import type { ErrorRecord } from '../errors';

/**
 * Messages between page and host. The browser sends them as MessagePack over one WebSocket (`/lab`); Electron sends the same
 * call through `ipcRenderer.invoke('lab:call', name, input)` and receives events on 'lab:event'.
 */
export const wireCallSchema = z.strictObject({
  id: z.number().int().nonnegative(),
  call: z.string().max(100),
  input: z.unknown(),
});

export type WireCall = z.infer<typeof wireCallSchema>;
export type WireResult = { ok: true; value: unknown } | { ok: false; error: ErrorRecord };
export type WireAnswer = { id: number } & WireResult;
export interface WireEvent {
  event: string;
  payload: unknown;
}

/** What a door (Electron, serve) needs of the host: src-main/lab implements it. */
export interface LabHost {
  /**
   * Parses the input with the call's schema; never rejects, errors come back as records. `holder` stands for the page (its
   * connection, its window): what a page opens is held for it.
   */
  handle(name: string, input: unknown, holder?: object): Promise<WireResult>;
  /** The page is gone or loaded anew: what was held for it is let go. */
  release?(holder: object): void;
  on(listener: (event: string, payload: unknown) => void): () => void;
  /** Path of a file that `ExportReport.downloadId` names, null when there is none. */
  download?(id: string): string | null;
}

/** Longest message of a page: a project of 2,000 layers with 20,000 columns is below 8 MB. */
export const maximumCallBytes = 32 * 1024 * 1024;

/** What Electron's preload script puts on `window.deltalab`; absent in a browser. `DroppedFile` is the page's File. */
export interface ElectronBridge<DroppedFile = unknown> {
  call(name: string, input: unknown): Promise<WireResult>;
  on(listener: (event: string, payload: unknown) => void): () => void;
  /** Path of a file the user dropped or picked. */
  pathForFile(file: DroppedFile): string;
  showInFolder(path: string): Promise<void>;
}

/**
 * Answer of `POST /upload?name=<file name>` (browser only; the body is the file): where the host keeps it.
 * The file is gone when the server ends, so it is imported with `copy: true`.
 */
export const uploadAnswerSchema = z.strictObject({ path: z.string() });
