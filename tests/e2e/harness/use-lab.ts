import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { openLab, type OpenOptions, type RunningLab } from './lab';

/** True behind `deltalab serve`; the other door is the Electron window. */
export const inBrowser = process.env.DELTALAB_E2E_DOOR !== 'electron';

export interface UsedLab {
  readonly lab: RunningLab;
  readonly page: Page;
}

/** One lab for all tests of a file; a test that fails leaves a picture of the page. */
export function useLab(options: OpenOptions = {}): UsedLab {
  let lab: RunningLab | undefined;
  const current = (): RunningLab => {
    if (!lab) throw new Error('The lab is not open yet.');
    return lab;
  };
  beforeAll(async () => {
    lab = await openLab(options);
    lab.page.setDefaultTimeout(20_000);
  });
  beforeEach(({ onTestFailed, task }) => {
    onTestFailed(() => current().screenshot(`failed-${task.name.replace(/\W+/g, '-').slice(0, 60)}`));
  });
  afterAll(async () => lab?.close());
  return {
    get lab() {
      return current();
    },
    get page() {
      return current().page;
    },
  };
}

/** Asserts on something that is about to become true, asking again until then. */
export function eventually<T>(read: () => T | Promise<T>, milliseconds = 20_000) {
  return expect.poll(read, { timeout: milliseconds, interval: 50 });
}
