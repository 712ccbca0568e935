import { spawn } from 'node:child_process';
import { z } from 'zod';
import { builtHost, root } from './built';

export interface Finished {
  code: number | null;
  out: string;
  err: string;
  /** Standard output as JSON lines. */
  lines(): Line[];
}

const lineSchema = z.looseObject({ event: z.string().optional() });
export type Line = z.infer<typeof lineSchema> & Record<string, unknown>;

export interface CliOptions {
  home: string;
  /** Called with everything on standard output so far, each time there is more. */
  onOutput?: (out: string, kill: (signal: NodeJS.Signals) => void, hangUp: () => void) => void;
  env?: NodeJS.ProcessEnv;
}

/** Runs `deltalab …` as a process of its own, as a script would. */
export async function deltalab(args: string[], options: CliOptions): Promise<Finished> {
  const { cli, engine } = await builtHost();
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: root,
    env: { ...process.env, LANG: 'C.UTF-8', ...options.env, DELTALAB_HOME: options.home, DELTALAB_ENGINE: engine },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8');
    options.onOutput?.(
      out,
      (signal) => child.kill(signal),
      () => child.stdout.destroy(),
    );
  });
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    code,
    out,
    err,
    lines: () =>
      out
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => lineSchema.parse(JSON.parse(line)) as Line),
  };
}
