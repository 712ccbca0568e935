import { MessageChannel, receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import type { HostAnswer, HostCallName, HostInput, HostOutput } from './host-calls';

/** One end of the line for the thread that runs cells. */
export interface HostLineData {
  port: MessagePort;
  /** Int32Array of one element: counts the answers that were sent. */
  answered: SharedArrayBuffer;
}

/** Who answers, on the main thread of the process. Never rejects. */
export type HostEnd = (call: HostCallName, input: unknown) => Promise<HostAnswer>;

/** What a cell may ask of the host; it stands still until the answer is there. */
export interface Host {
  /** `wait` is called while there is no answer, and may throw. Throws HostRefusal. */
  ask<Name extends HostCallName>(call: Name, input: HostInput<Name>, wait: () => void): HostOutput<Name>;
}

/** The host said no: `code` is of shared/errors, `message` in English. */
export class HostRefusal extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'HostRefusal';
  }
}

interface Question {
  id: number;
  call: HostCallName;
  input: unknown;
}

/** The other end, for a new thread. */
export function openHostLine(answer: HostEnd): HostLineData {
  const { port1: near, port2: far } = new MessageChannel();
  const answered = new SharedArrayBuffer(4);
  near.on('message', ({ id, call, input }: Question) => {
    void answer(call, input).then((found) => {
      near.postMessage({ id, ...found });
      Atomics.add(new Int32Array(answered), 0, 1);
      Atomics.notify(new Int32Array(answered), 0);
    });
  });
  // It must not keep the process alive.
  near.unref();
  return { port: far, answered };
}

const waitMilliseconds = 20;

/**
 * The thread's end. A cell is one call from beginning to end, so nothing can be awaited in it: the thread sleeps until the answer was sent and then
 * takes it from the port itself.
 */
export class HostLine implements Host {
  private readonly port: MessagePort;
  private readonly answered: Int32Array;
  private lastId = 0;

  constructor({ port, answered }: HostLineData) {
    this.port = port;
    this.answered = new Int32Array(answered);
  }

  ask<Name extends HostCallName>(call: Name, input: HostInput<Name>, wait: () => void): HostOutput<Name> {
    const id = (this.lastId += 1);
    this.port.postMessage({ id, call, input } satisfies Question);
    for (;;) {
      const before = Atomics.load(this.answered, 0);
      const received = receiveMessageOnPort(this.port) as { message: HostAnswer & { id: number } } | undefined;
      if (!received) {
        Atomics.wait(this.answered, 0, before, waitMilliseconds);
        wait();
        continue;
      }
      const { message } = received;
      // The answer to a question of a cell that was stopped while it waited.
      if (message.id !== id) continue;
      if (message.ok) return message.value as HostOutput<Name>;
      throw new HostRefusal(message.code, message.message);
    }
  }
}
