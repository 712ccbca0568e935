import { decode, encode } from '@msgpack/msgpack';
import { readonly, shallowRef } from 'vue';
import { z } from 'zod';
import type { CallInput, CallName, CallOutput } from '../../shared/api/contract';
import type { WireCall } from '../../shared/api/wire';
import { LabError } from '../../shared/errors';
import { errorRecordSchema } from './error-record';
import type { Connection, Lab } from './lab';
import { Listeners } from './listeners';
import { upload } from './upload';

const messageSchema = z.union([
  z.object({ id: z.number(), ok: z.literal(true), value: z.unknown() }),
  z.object({ id: z.number(), ok: z.literal(false), error: errorRecordSchema }),
  z.object({ event: z.string(), payload: z.unknown() }),
]);

interface Pending {
  call: string;
  resolve(value: unknown): void;
  reject(error: LabError): void;
}

const firstDelay = 250;
const longestDelay = 5000;

/** The lab over one WebSocket. A lost connection rejects what was pending and is restored with growing pauses. */
export function browserLab(address: { origin: string }): Lab {
  const listeners = new Listeners();
  const connection = shallowRef<Connection>('connecting');
  const pending = new Map<number, Pending>();
  const socketAddress = `${address.origin.replace(/^http/, 'ws')}/lab`;
  let lastId = 0;
  let delay = firstDelay;
  let socket: WebSocket | null = null;
  let opening: Promise<WebSocket> | null = null;

  function connect(): Promise<WebSocket> {
    if (socket?.readyState === WebSocket.OPEN) return Promise.resolve(socket);
    opening ??= new Promise<WebSocket>((resolve, reject) => {
      const next = new WebSocket(socketAddress);
      next.binaryType = 'arraybuffer';
      next.onopen = () => {
        socket = next;
        opening = null;
        delay = firstDelay;
        connection.value = 'connected';
        resolve(next);
      };
      next.onmessage = (message: MessageEvent<ArrayBuffer>) => receive(message.data);
      next.onclose = () => {
        const first = opening !== null && connection.value === 'connecting';
        socket = null;
        opening = null;
        connection.value = first ? 'connecting' : 'lost';
        reject(new Error('closed'));
        failPending();
        setTimeout(() => connect().catch(() => undefined), delay);
        delay = Math.min(delay * 2, longestDelay);
      };
    });
    return opening;
  }

  function failPending(): void {
    const lost = [...pending.values()];
    pending.clear();
    for (const { call, reject } of lost) reject(new LabError('app.connection-lost', { call }));
  }

  function receive(data: ArrayBuffer): void {
    const message = messageSchema.parse(decode(data));
    if ('event' in message) {
      listeners.emit(message.event, message.payload);
      return;
    }
    const waiting = pending.get(message.id);
    pending.delete(message.id);
    if (message.ok) waiting?.resolve(message.value);
    else waiting?.reject(LabError.fromRecord(message.error));
  }

  async function call<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<CallOutput<Name>> {
    const open = await connect().catch(() => {
      throw new LabError('app.connection-lost', { call: name });
    });
    const request: WireCall = { id: (lastId += 1), call: name, input };
    const bytes = encode(request, { ignoreUndefined: true });
    return new Promise((resolve, reject) => {
      pending.set(request.id, { call: name, resolve: (value) => resolve(value as CallOutput<Name>), reject });
      open.send(bytes);
    });
  }

  return {
    door: 'browser',
    connection: readonly(connection),
    call,
    on: (event, listener) => listeners.on(event, listener),
    reference: (file, onProgress) => upload(address.origin, file, onProgress),
    download(report) {
      const link = document.createElement('a');
      link.href = `${address.origin}/download/${encodeURIComponent(report.downloadId)}`;
      link.download = report.path.split(/[\\/]/).at(-1) ?? 'model.onnx';
      link.click();
      return Promise.resolve();
    },
  };
}
