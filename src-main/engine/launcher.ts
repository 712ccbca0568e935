import { fork } from 'node:child_process';
import { systemReason } from '../../shared/errors';

/** How a process ended: an exit code, or the signal that killed it. */
export interface EngineExit {
  code: number | null;
  signal: string | null;
  /** Why it could not even be started. */
  failure?: string;
}

/** A started engine process, however it was started. Messages are structured clones: typed arrays travel as they are. */
export interface EngineHandle {
  readonly pid: number | undefined;
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once, also when the process could not be started. */
  onExit(listener: (exit: EngineExit) => void): void;
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
}

/** Starts an engine process. Electron's door gives one over `utilityProcess`, everything else uses `forkEngine`. */
export type EngineLauncher = () => EngineHandle;

/** Launcher over child_process; `entry` is the built src-main/engine/process.ts. */
export function forkEngine(entry: string): EngineLauncher {
  return () => {
    const child = fork(entry, [], {
      serialization: 'advanced',
      // Its own words go to our standard error; standard output belongs to --json.
      stdio: ['ignore', 2, 2, 'ipc'],
      execArgv: [],
    });
    let ended = false;
    const listeners: ((exit: EngineExit) => void)[] = [];
    const end = (exit: EngineExit): void => {
      if (ended) return;
      ended = true;
      for (const listener of listeners) listener(exit);
    };
    child.on('exit', (code, signal) => end({ code, signal }));
    child.on('error', (error) => {
      if (child.pid === undefined) end({ code: null, signal: null, failure: systemReason(error) });
    });
    return {
      pid: child.pid,
      // A send to a process that is just ending fails; its exit is reported by onExit.
      send: (message) => void (child.connected && child.send(message as object, () => undefined)),
      onMessage: (listener) => void child.on('message', listener),
      onExit: (listener) => void listeners.push(listener),
      kill: (signal) => void child.kill(signal),
    };
  };
}
