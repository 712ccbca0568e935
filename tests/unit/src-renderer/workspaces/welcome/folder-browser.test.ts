import { flushPromises, mount } from '@vue/test-utils';
import { createPinia } from 'pinia';
import { afterEach, expect, it, vi } from 'vitest';
import type { FolderListing } from '../../../../../shared/api/contract';
import { LabError } from '../../../../../shared/errors';
import { i18n } from '../../../../../src-renderer/i18n';
import FolderBrowser from '../../../../../src-renderer/workspaces/welcome/FolderBrowser.vue';
import { answerCalls } from '../../fake-lab';

afterEach(() => vi.restoreAllMocks());

/** Calls to the host in the order they came; each is answered when the test says. */
function browser(start: string) {
  const asked: { path: string | null; answer(): Promise<unknown>; refuse(): Promise<unknown> }[] = [];
  answerCalls({
    'app.listFolder': ({ path }) =>
      new Promise<FolderListing>((resolve, reject) => {
        asked.push({
          path,
          answer: () => {
            resolve({ path: path ?? '/home/ada', parent: '/', folders: [], files: [] });
            return flushPromises();
          },
          refuse: () => {
            reject(new LabError('app.folder-unreadable', { path: path ?? '', reason: 'no such folder' }));
            return flushPromises();
          },
        });
      }),
  });
  const page = mount(FolderBrowser, {
    props: { start, wanted: 'project' },
    global: { plugins: [createPinia(), i18n] },
  });
  const input = page.find('input');
  return { asked, page, input, field: () => (input.element as HTMLInputElement).value };
}

it('falls back to the home folder when the remembered one is gone', async () => {
  const { asked, page, field } = browser('/gone');
  await flushPromises();
  await asked[0]!.refuse();
  await asked[1]!.answer();
  expect(asked.map(({ path }) => path)).toEqual(['/gone', null]);
  expect(field()).toBe('/home/ada');
  expect(page.find('ul').attributes('aria-label')).toBe('/home/ada');
});

it('keeps a path typed before the remembered folder turned out to be gone', async () => {
  const { asked, page, input, field } = browser('/gone');
  await flushPromises();
  await input.setValue('/data/mine');
  await asked[0]!.refuse();
  await asked[1]!.answer();
  expect(field()).toBe('/data/mine');
  await page.find('form').trigger('submit');
  await flushPromises();
  await asked[2]!.answer();
  expect(page.find('ul').attributes('aria-label')).toBe('/data/mine');
});

it('has the place of the list from the first moment, so that the buttons stay where they are', async () => {
  const { asked, page } = browser('/home/ada');
  expect(page.find('ul').attributes('aria-busy')).toBe('true');
  await flushPromises();
  await asked[0]!.answer();
  expect(page.find('ul').attributes('aria-busy')).toBe('false');
});
