import { decode, encode } from '@msgpack/msgpack';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LabError } from '../../../../shared/errors';
import { wireCallSchema, type WireCall } from '../../../../shared/api/wire';
import { browserLab } from '../../../../src-renderer/client/browser';

/** The other end of the line, in the hands of the test. */
class FakeSocket {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  readyState = 0;
  binaryType = '';
  onopen?: () => void;
  onclose?: () => void;
  onmessage?: (message: { data: ArrayBuffer }) => void;
  readonly sent: WireCall[] = [];

  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }

  send(bytes: Uint8Array): void {
    this.sent.push(wireCallSchema.parse(decode(bytes)));
  }

  open(): void {
    this.readyState = FakeSocket.OPEN;
    this.onopen?.();
  }

  drop(): void {
    this.readyState = 3;
    this.onclose?.();
  }

  answer(message: unknown): void {
    const bytes = encode(message);
    this.onmessage?.({ data: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) });
  }
}

beforeEach(() => {
  FakeSocket.all = [];
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', FakeSocket);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const socket = (index = FakeSocket.all.length - 1) => FakeSocket.all[index]!;
const settle = () => vi.advanceTimersByTimeAsync(0);

describe('the lab in a browser', () => {
  it('connects with the first call and answers calls by their number, in any order', async () => {
    const lab = browserLab({ origin: 'http://127.0.0.1:4000' });
    const info = lab.call('app.info', {});
    const recent = lab.call('projects.recent', {});
    expect(FakeSocket.all).toHaveLength(1);
    expect(socket().url).toBe('ws://127.0.0.1:4000/lab');
    expect(lab.connection.value).toBe('connecting');
    socket().open();
    await settle();
    const [first, second] = socket().sent;
    expect([first?.call, second?.call]).toEqual(['app.info', 'projects.recent']);
    socket().answer({ id: second!.id, ok: true, value: ['b'] });
    socket().answer({ id: first!.id, ok: true, value: 'a' });
    expect([await info, await recent]).toEqual(['a', ['b']]);
    expect(lab.connection.value).toBe('connected');
  });

  it('turns an error record into a LabError', async () => {
    const lab = browserLab({ origin: 'http://127.0.0.1:4000' });
    const call = lab.call('projects.open', { path: '/x' });
    socket().open();
    await settle();
    const error = new LabError('project.not-found', { path: '/x' }).toRecord();
    socket().answer({ id: socket().sent[0]!.id, ok: false, error });
    await expect(call).rejects.toMatchObject({ name: 'LabError', code: 'project.not-found', details: { path: '/x' } });
  });

  it('fails pending calls when the line drops, and restores it with growing pauses', async () => {
    const lab = browserLab({ origin: 'http://127.0.0.1:4000' });
    const call = lab.call('app.info', {});
    socket().open();
    await settle();
    socket().drop();
    await expect(call).rejects.toMatchObject({ code: 'app.connection-lost', details: { call: 'app.info' } });
    expect(lab.connection.value).toBe('lost');
    const counts: number[] = [];
    for (const pause of [250, 500, 1000]) {
      await vi.advanceTimersByTimeAsync(pause - 1);
      counts.push(FakeSocket.all.length);
      await vi.advanceTimersByTimeAsync(1);
      counts.push(FakeSocket.all.length);
      socket().drop();
      await settle();
    }
    expect(counts).toEqual([1, 2, 2, 3, 3, 4]);
    await vi.advanceTimersByTimeAsync(2000);
    socket().open();
    expect(lab.connection.value).toBe('connected');
  });

  it('refuses a call at once when there is no line, naming it', async () => {
    const lab = browserLab({ origin: 'http://127.0.0.1:4000' });
    const call = lab.call('app.info', {});
    socket().drop();
    await expect(call).rejects.toMatchObject({ code: 'app.connection-lost' });
    expect(lab.connection.value).toBe('connecting');
  });

  it('hands events to who listens, also after a reconnect, until they stop', async () => {
    const lab = browserLab({ origin: 'http://127.0.0.1:4000' });
    const heard: number[] = [];
    const stop = lab.on('project.saved', ({ revision }) => heard.push(revision));
    void lab.call('app.info', {}).catch(() => undefined);
    socket().open();
    const event = (revision: number) => ({ event: 'project.saved', payload: { project: 'p', revision, savedAt: '' } });
    socket().answer(event(1));
    socket().answer({ event: 'from.the.future', payload: null });
    socket().drop();
    await vi.advanceTimersByTimeAsync(250);
    socket().open();
    socket().answer(event(2));
    stop();
    socket().answer(event(3));
    expect(heard).toEqual([1, 2]);
  });
});
