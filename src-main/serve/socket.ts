import type { WebSocket } from 'ws';
import type { ExperimentProgress } from '../../shared/api/experiments';
import type { LabHost, WireAnswer, WireEvent } from '../../shared/api/wire';
import { LabError, toErrorRecord } from '../../shared/errors';
import { decodeCall, encodeMessage } from './codec';
import { HeldProgress } from './progress';

export interface SocketLimits {
  /** Milliseconds between pings; a socket that has not answered by the next one is closed. */
  pingInterval: number;
  /** Calls of one page that may wait for an answer. */
  pendingCalls: number;
  /** With more bytes than this unsent, progress is held back and merged. */
  slowBytes: number;
  /** With more than this the page is given up; it connects again when it can. */
  stuckBytes: number;
}

export const defaultSocketLimits: SocketLimits = {
  pingInterval: 15_000,
  pendingCalls: 256,
  slowBytes: 1024 * 1024,
  stuckBytes: 256 * 1024 * 1024,
};

const closeCodes = { goingAway: 1001, unsupported: 1003, policy: 1008 };

/** Serves one connected page until it leaves. */
export function attachSocket(socket: WebSocket, lab: LabHost, limits: SocketLimits): void {
  const held = new HeldProgress();
  let pending = 0;
  let alive = true;

  const send = (message: WireAnswer | WireEvent): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > limits.stuckBytes) {
      socket.terminate();
      return;
    }
    socket.send(encodeMessage(message), { binary: true }, () => {
      if (!held.isEmpty && socket.bufferedAmount <= limits.slowBytes) flush();
    });
  };
  const flush = (): void => {
    for (const payload of held.take()) send({ event: 'experiment.progress', payload });
  };

  const unsubscribe = lab.on((event, payload) => {
    if (event === 'experiment.progress' && socket.bufferedAmount > limits.slowBytes) {
      held.add(payload as ExperimentProgress);
      return;
    }
    // What was held back is older than this event.
    flush();
    send({ event, payload });
  });

  const answer = async (data: Uint8Array): Promise<void> => {
    const message = decodeCall(data);
    if (!message) {
      socket.close(closeCodes.policy, 'not a call');
      return;
    }
    if (pending >= limits.pendingCalls) {
      const error = new LabError('serve.busy', { limit: limits.pendingCalls, call: message.call }).toRecord();
      send({ id: message.id, ok: false, error });
      return;
    }
    pending += 1;
    try {
      send({ id: message.id, ...(await lab.handle(message.call, message.input, socket)) });
    } catch (error) {
      send({ id: message.id, ok: false, error: toErrorRecord(error) });
    } finally {
      pending -= 1;
      // What was opened for a page that has left meanwhile.
      if (socket.readyState === socket.CLOSED) lab.release?.(socket);
    }
  };

  const pings = setInterval(() => {
    if (!alive) {
      socket.terminate();
      return;
    }
    alive = false;
    socket.ping();
  }, limits.pingInterval);

  socket.on('message', (data, isBinary) => {
    if (!isBinary || !Buffer.isBuffer(data)) {
      socket.close(closeCodes.unsupported, 'MessagePack only');
      return;
    }
    void answer(data);
  });
  socket.on('pong', () => {
    alive = true;
  });
  // ws reports oversize and malformed frames here and closes the socket itself (1009, 1002).
  socket.on('error', () => undefined);
  socket.on('close', () => {
    clearInterval(pings);
    unsubscribe();
    lab.release?.(socket);
  });
}
