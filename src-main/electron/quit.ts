import type { App } from 'electron';

/**
 * Quitting waits until the lab has written its last checkpoint and given its locks back, at most `limit` milliseconds (longer
 * than the lab itself waits for a stuck engine).
 */
export function closeBeforeQuit(
  app: Pick<App, 'on' | 'exit'>,
  close: () => Promise<void>,
  report: (error: unknown) => void,
  limit = 25_000,
): void {
  let closing = false;
  app.on('before-quit', (event) => {
    event.preventDefault();
    if (closing) return;
    closing = true;
    const timer = setTimeout(() => app.exit(1), limit);
    close().then(
      () => {
        clearTimeout(timer);
        app.exit(0);
      },
      (error: unknown) => {
        clearTimeout(timer);
        report(error);
        app.exit(1);
      },
    );
  });
}
