import type { utilityProcess } from 'electron';
import type { EngineExit, EngineLauncher } from '../engine/launcher';

/** Launcher over Electron's utilityProcess; `entry` is the built src-main/engine/process.ts. */
export function utilityEngine(
  utility: Pick<typeof utilityProcess, 'fork'>,
  entry: string,
  killProcess: (pid: number, signal: NodeJS.Signals) => void = (pid, signal) => process.kill(pid, signal),
): EngineLauncher {
  return () => {
    const child = utility.fork(entry, [], { serviceName: 'Deltalab engine', stdio: 'inherit' });
    let ended = false;
    const listeners: ((exit: EngineExit) => void)[] = [];
    child.on('exit', (code) => {
      if (ended) return;
      ended = true;
      for (const listener of listeners) listener({ code, signal: null });
    });
    return {
      get pid() {
        return child.pid;
      },
      send: (message) => {
        if (!ended) child.postMessage(message);
      },
      onMessage: (listener) => void child.on('message', listener),
      onExit: (listener) => void listeners.push(listener),
      kill: (signal) => {
        if (ended) return;
        // Electron's own kill asks politely; a process stuck in native code does not hear it.
        if (signal === 'SIGKILL' && child.pid !== undefined) killIfThere(killProcess, child.pid);
        else child.kill();
      },
    };
  };
}

function killIfThere(killProcess: (pid: number, signal: NodeJS.Signals) => void, pid: number): void {
  try {
    killProcess(pid, 'SIGKILL');
  } catch (error) {
    // It ended by itself in the meantime; its exit is on the way.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
