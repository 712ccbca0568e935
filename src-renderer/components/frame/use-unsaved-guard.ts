import { useEventListener } from '@vueuse/core';
import { lab } from '../../client';
import { useProjectStore } from '../../stores/project';

/** Nothing that was just changed goes down with the page: it is saved when the page is hidden, and asked about when it closes. */
export function useUnsavedGuard(): void {
  const project = useProjectStore();
  /** Saving was tried and failed: who closes the window again means it. */
  let warned = false;

  useEventListener(document, 'visibilitychange', () => {
    // A failure stands in the top bar.
    if (document.visibilityState === 'hidden') project.flush().catch(() => undefined);
  });

  useEventListener(window, 'beforeunload', (event: BeforeUnloadEvent) => {
    if (!project.project || project.saveState === 'saved' || warned) return;
    // A browser asks the person. Electron just keeps the window open, so it is closed here once all is saved.
    event.preventDefault();
    project.flush().then(
      () => lab.door === 'electron' && window.close(),
      () => (warned = lab.door === 'electron'),
    );
  });
}
