import { EventEmitter } from 'node:events';
import type { UtilityProcess } from 'electron';
import { expect, test } from 'vitest';
import { utilityEngine } from '../../../../src-main/electron/engine';
import type { EngineExit } from '../../../../src-main/engine/launcher';

class FakeProcess extends EventEmitter {
  pid: number | undefined = 4242;
  readonly sent: unknown[] = [];
  asked = 0;
  postMessage(message: unknown): void {
    this.sent.push(message);
  }
  kill(): boolean {
    this.asked += 1;
    return true;
  }
}

function start(): {
  child: FakeProcess;
  handle: ReturnType<ReturnType<typeof utilityEngine>>;
  killed: [number, string][];
  forked: unknown[][];
} {
  const child = new FakeProcess();
  const killed: [number, string][] = [];
  const forked: unknown[][] = [];
  const fork = (...input: unknown[]): UtilityProcess => {
    forked.push(input);
    return child as unknown as UtilityProcess;
  };
  const launch = utilityEngine({ fork }, '/app/engine.js', (pid, signal) => killed.push([pid, signal]));
  return { child, handle: launch(), killed, forked };
}

test('messages travel both ways', () => {
  const { child, handle, forked } = start();
  expect(forked[0]?.[0]).toBe('/app/engine.js');
  expect(handle.pid).toBe(4242);
  const received: unknown[] = [];
  handle.onMessage((message) => received.push(message));
  child.emit('message', { kind: 'ready' });
  expect(received).toEqual([{ kind: 'ready' }]);
  handle.send({ kind: 'pause' });
  expect(child.sent).toEqual([{ kind: 'pause' }]);
});

test('its end is told once, and nothing is sent to it or killed afterwards', () => {
  const { child, handle, killed } = start();
  const exits: EngineExit[] = [];
  handle.onExit((exit) => exits.push(exit));
  child.emit('exit', 139);
  child.emit('exit', 0);
  expect(exits).toEqual([{ code: 139, signal: null }]);
  handle.send({});
  handle.kill('SIGKILL');
  handle.kill('SIGTERM');
  expect([child.sent, killed, child.asked]).toEqual([[], [], 0]);
});

test('asked first, killed by its id when that must be', () => {
  const { child, handle, killed } = start();
  handle.kill('SIGTERM');
  expect([child.asked, killed]).toEqual([1, []]);
  handle.kill('SIGKILL');
  expect(killed).toEqual([[4242, 'SIGKILL']]);
});

test('a process that ended in the meantime is no error, another refusal is', () => {
  const child = new FakeProcess();
  const refuse = (code: string) => (): never => {
    throw Object.assign(new Error(code), { code });
  };
  const fork = (): UtilityProcess => child as unknown as UtilityProcess;
  expect(() => utilityEngine({ fork }, 'x', refuse('ESRCH'))().kill('SIGKILL')).not.toThrow();
  expect(() => utilityEngine({ fork }, 'x', refuse('EPERM'))().kill('SIGKILL')).toThrow('EPERM');
});
