import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { LabError } from '../../shared/errors';
import { packageRoot } from '../engine/package-root';

/** What a line of the bench says; other figures may follow. */
const lineSchema = z.object({
  workload: z.string(),
  kind: z.string().optional(),
  at: z.string().optional(),
  threads: z.number(),
  unit: z.string(),
  median: z.number(),
  fractionOfCeiling: z.number().optional(),
  peer: z.string().optional(),
  peerMedian: z.number().optional(),
  ratio: z.number().optional(),
});
type Line = z.infer<typeof lineSchema>;

/** Speed of the engine on this machine, with `peers` beside other libraries. The programs that measure it are part of a checkout only. */
export async function bench(workload: string | undefined, options: { json?: boolean; peers?: boolean }): Promise<void> {
  const program = join(
    packageRoot,
    'src-native/out/build',
    process.platform === 'win32' ? 'Release/deltalab_bench.exe' : 'deltalab_bench',
  );
  const script = join(packageRoot, 'build/scripts/bench.mjs');
  const needed = options.peers ? script : program;
  if (!existsSync(needed)) throw new LabError('engine.bench-missing', { path: needed });
  const names = workload === undefined ? [] : [workload];
  const [command, args] = options.peers ? [process.execPath, [script, '--peers', ...names]] : [program, names];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  for await (const text of createInterface({ input: child.stdout })) {
    if (!text.startsWith('{')) continue;
    console.log(options.json ? text : humanLine(lineSchema.parse(JSON.parse(text))));
  }
  const outcome = await ended;
  if (outcome !== 0) throw new LabError('engine.bench-failed', { outcome: String(outcome) });
}

export function humanLine(line: Line): string {
  const name = line.kind ? `${line.workload}, ${line.kind}` : line.workload;
  const parts = [name, `${line.threads} thread${line.threads === 1 ? '' : 's'}`, `${line.median} ${line.unit}`];
  if (line.fractionOfCeiling !== undefined) parts.push(`${(100 * line.fractionOfCeiling).toFixed(1)} % of the ceiling`);
  if (line.at !== undefined) parts.push(`at ${line.at}`);
  if (line.peer !== undefined) parts.push(`${line.ratio} times ${line.peer} (${line.peerMedian})`);
  return parts.join('\t');
}
