import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AppInfo, RecentProject } from '../../../shared/api/contract';
import { LabError } from '../../../shared/errors';
import { remember, startLab } from '../../../src-renderer/start';
import { useAppStore } from '../../../src-renderer/stores/app';
import { useProjectStore } from '../../../src-renderer/stores/project';
import { answerCalls, openProject, type Answers } from './fake-lab';

const info: AppInfo = {
  version: '0',
  door: 'browser',
  openProject: null,
  projectsFolder: '/projects',
  settings: { language: 'ru', theme: 'light' },
};
const recent: RecentProject = { path: '/projects/a', name: 'a', openedAt: '', exists: true };
const example = {
  name: 'two-spirals',
  title: { en: 'Two spirals', ru: 'Две спирали' },
  description: { en: '', ru: '' },
};

function host(answers: Answers = {}) {
  const asked: string[] = [];
  answerCalls({
    'app.info': () => info,
    'devices.list': () => [],
    'projects.recent': () => [],
    'examples.list': () => [example],
    'projects.create': ({ name, example: from }) => {
      asked.push(`create ${name} from ${from ?? ''}`);
      return openProject();
    },
    'projects.open': ({ path }) => {
      asked.push(`open ${path}`);
      return openProject({ path });
    },
    ...answers,
  });
  return asked;
}

beforeEach(() => {
  sessionStorage.clear();
  setActivePinia(createPinia());
});
afterEach(() => vi.restoreAllMocks());

describe('the start of the page', () => {
  it('takes language and theme from the settings', async () => {
    host();
    await startLab();
    expect(useAppStore().language).toBe('ru');
    expect(document.documentElement.lang).toBe('ru');
    expect(document.documentElement.dataset['theme']).toBe('light');
    expect(document.documentElement.style.getPropertyValue('--lane-1')).not.toBe('');
  });

  it('opens an example ready to race on the very first start', async () => {
    const asked = host();
    expect(await startLab()).toBeNull();
    expect([asked, useAppStore().workspace]).toEqual([['create Две спирали from two-spirals'], 'train']);
  });

  it('shows the welcome page to who has projects', async () => {
    const asked = host({ 'projects.recent': () => [recent] });
    await startLab();
    expect([asked, useProjectStore().project]).toEqual([[], null]);
  });

  it('opens what the command line named, before anything remembered', async () => {
    remember('/projects/old', 'design');
    const asked = host({ 'app.info': () => ({ ...info, openProject: '/projects/named' }) });
    await startLab();
    expect(asked).toEqual(['open /projects/named']);
  });

  it('brings back project and page after a reload, and the welcome page where that was chosen', async () => {
    remember('/projects/a', 'design');
    const asked = host();
    await startLab();
    expect([asked, useAppStore().workspace]).toEqual([['open /projects/a'], 'design']);
    remember('', 'data');
    setActivePinia(createPinia());
    await startLab();
    expect(asked).toEqual(['open /projects/a']);
  });

  it('shows the welcome page, with the reason, when a project cannot be opened', async () => {
    remember('/gone', 'data');
    host({
      'projects.open': () => {
        throw new LabError('project.not-found', { path: '/gone' });
      },
    });
    expect(await startLab()).toBeNull();
    expect(useProjectStore().project).toBeNull();
    expect(useAppStore().messages[0]).toMatchObject({ kind: 'error', error: { code: 'project.not-found' } });
  });

  it('says so when the lab cannot be reached, and does not wait for the devices', async () => {
    host({
      'app.info': () => {
        throw new LabError('app.connection-lost', { call: 'app.info' });
      },
    });
    expect(await startLab()).toMatchObject({ code: 'app.connection-lost' });
    vi.restoreAllMocks();
    host({ 'devices.list': () => new Promise(() => undefined), 'projects.recent': () => [recent] });
    expect(await startLab()).toBeNull();
  });
});
