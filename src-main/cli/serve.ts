import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { packageRoot } from '../engine/package-root';
import { startServer } from '../serve/server';
import { openLab } from './host';

interface ServeCommand {
  port: number;
  host: string;
  allowRemote?: boolean;
  open?: boolean;
}

/** Runs until Ctrl+C. */
export async function serve(project: string | undefined, options: ServeCommand): Promise<void> {
  const lab = await openLab({ door: 'browser', openProject: project === undefined ? null : resolve(project) });
  try {
    const server = await startServer(lab, {
      port: options.port,
      host: options.host,
      allowRemote: options.allowRemote ?? false,
      rendererFolder: join(packageRoot, 'out', 'renderer'),
      onSignIn: (next) => console.log(`A browser has signed in. For another one: ${next}`),
    });
    console.log(`Deltalab is open at ${server.url}`);
    console.log('The address signs one browser in, once; keep it to yourself. Ctrl+C ends the lab.');
    if (options.open) openBrowser(server.url);
    await new Promise<void>((end) => {
      process.once('SIGINT', () => end());
      process.once('SIGTERM', () => end());
    });
    // A second Ctrl+C does not wait for the checkpoint.
    process.once('SIGINT', () => process.exit(1));
    await server.close();
  } finally {
    await lab.close();
  }
}

function openBrowser(url: string): void {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '', url.replaceAll('&', '^&')]
        : ['xdg-open', url];
  const child = spawn(command ?? 'xdg-open', args, { stdio: 'ignore', detached: true });
  // Without a desktop there is nothing to open it with; the address stands above.
  child.on('error', () => undefined);
  child.unref();
}
