import type { IpcMain, IpcMainInvokeEvent, Shell, WebContents } from 'electron';
import { z } from 'zod';
import type { LabHost, WireResult } from '../../shared/api/wire';
import { LabError } from '../../shared/errors';
import { canShowInFolder, isTrustedSender } from './rules';

const callSchema = z.tuple([z.string().max(100), z.unknown()]);

type Handler = (event: IpcMainInvokeEvent, ...input: unknown[]) => Promise<unknown>;

/** Carries calls of the page to the lab. Every message is checked for who sent it; strangers get a rejection and nothing else. */
export function registerIpc(
  parts: { ipcMain: Pick<IpcMain, 'handle'>; shell: Pick<Shell, 'showItemInFolder'> },
  lab: LabHost,
): void {
  const handle = (channel: string, handler: Handler): void => {
    parts.ipcMain.handle(channel, (event, ...input: unknown[]) => {
      if (!isTrustedSender(event.senderFrame)) throw new Error('refused');
      return handler(event, ...input);
    });
  };
  handle('lab:call', async ({ sender }, ...input): Promise<WireResult> => {
    const parsed = callSchema.safeParse(input);
    if (!parsed.success) {
      const error = new LabError('app.invalid-call', { call: String(input[0]).slice(0, 100), reason: 'not-a-call' });
      return { ok: false, error: error.toRecord() };
    }
    return lab.handle(...parsed.data, sender);
  });
  handle('lab:show-in-folder', (_event, path) => {
    if (canShowInFolder(path)) parts.shell.showItemInFolder(path);
    return Promise.resolve();
  });
}

/** Sends the lab's events to a page for as long as it lives; a page that goes or is loaded anew holds no project any more. */
export function forwardEvents(
  lab: Pick<LabHost, 'on' | 'release'>,
  page: Pick<WebContents, 'send' | 'isDestroyed' | 'once' | 'on'>,
): void {
  const stop = lab.on((event, payload) => {
    if (!page.isDestroyed()) page.send('lab:event', event, payload);
  });
  page.once('destroyed', () => {
    stop();
    lab.release?.(page);
  });
  page.on('did-navigate', () => lab.release?.(page));
}
