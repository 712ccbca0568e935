import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'vite';

export const root = resolve(import.meta.dirname, '../../..');

/**
 * Command line and engine process, bundled from the sources as they are now: a test never runs yesterday's build. Built once
 * for all test files; the name of the folder is a digest of the sources.
 */
export function builtHost(): Promise<{ cli: string; engine: string }> {
  built ??= buildHost();
  return built;
}

let built: ReturnType<typeof buildHost> | null = null;

async function buildHost(): Promise<{ cli: string; engine: string }> {
  const folder = join(root, 'out', `test-host-${digest()}`);
  if (!existsSync(join(folder, 'engine.js'))) await bundle(folder);
  return { cli: join(folder, 'cli.js'), engine: join(folder, 'engine.js') };
}

/** Builds of older sources; those of the last hour may be in use by a run beside this one. */
function prune(): void {
  const out = join(root, 'out');
  for (const name of readdirSync(out)) {
    const path = join(out, name);
    if (name.startsWith('test-host-') && Date.now() - statSync(path).mtimeMs > 3_600_000)
      rmSync(path, { recursive: true, force: true });
  }
}

async function bundle(folder: string): Promise<void> {
  const temporary = `${folder}.${process.pid}`;
  mkdirSync(temporary, { recursive: true });
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    build: {
      ssr: true,
      target: 'node20',
      outDir: temporary,
      emptyOutDir: true,
      rollupOptions: {
        input: {
          cli: join(root, 'src-main/cli/main.ts'),
          engine: join(root, 'src-main/engine/process.ts'),
          kernel: join(root, 'src-main/scratchpad/kernel-worker.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  });
  prune();
  try {
    renameSync(temporary, folder);
  } catch {
    // Another test file was quicker: its build is of the same sources.
    rmSync(temporary, { recursive: true, force: true });
  }
}

function digest(): string {
  const hash = createHash('sha256');
  const add = (path: string): void => {
    if (statSync(path).isDirectory()) for (const name of readdirSync(path).sort()) add(join(path, name));
    else if (path.endsWith('.ts')) hash.update(path).update(readFileSync(path));
  };
  add(join(root, 'src-main'));
  add(join(root, 'shared'));
  return hash.digest('hex').slice(0, 12);
}
