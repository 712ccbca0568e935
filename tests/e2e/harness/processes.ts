import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Engine processes of a host: its children that run the engine's entry, by their process numbers. */
export function engineProcesses(host: number): number[] {
  return childrenOf(host)
    .filter(({ command }) => command.includes('engine.js'))
    .map(({ pid }) => pid);
}

interface Child {
  pid: number;
  command: string;
}

function childrenOf(parent: number): Child[] {
  if (process.platform === 'linux') return linuxChildren(parent);
  const listed = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,command='], { encoding: 'utf8' });
  return listed
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((found) => Number(found?.[2]) === parent)
    .map((found) => ({ pid: Number(found?.[1]), command: found?.[3] ?? '' }));
}

/** From /proc: a bare Linux has no ps. */
function linuxChildren(parent: number): Child[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = readProcess(name, 'stat');
      // "pid (name) state parent …"; the name may hold spaces and brackets.
      const [state, owner] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(owner) !== parent || state === 'Z') return [];
      return [{ pid: Number(name), command: readProcess(name, 'cmdline').replaceAll('\0', ' ') }];
    });
}

function readProcess(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch (error) {
    // It ended between the two looks.
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}
