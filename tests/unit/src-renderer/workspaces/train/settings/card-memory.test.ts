import { flushPromises, mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { CardMemory } from '../../../../../../shared/api/experiments';
import { i18n } from '../../../../../../src-renderer/i18n';
import { useAppStore } from '../../../../../../src-renderer/stores/app';
import { useDataStore } from '../../../../../../src-renderer/stores/data';
import { useProjectStore } from '../../../../../../src-renderer/stores/project';
import CardMemoryLine from '../../../../../../src-renderer/workspaces/train/settings/CardMemoryLine.vue';
import { answerCalls, dataSummary, openProject } from '../../../fake-lab';

beforeEach(() => {
  vi.useFakeTimers();
  setActivePinia(createPinia());
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it('says what the lanes take, and warns where it is more than is free; nothing where there is no card', async () => {
  const gigabyte = 2 ** 30;
  const calls = answerCalls({
    'projects.open': () => openProject(),
    'data.summary': () => dataSummary(),
    'experiments.list': () => [],
    'experiments.memory': ({ document }): CardMemory[] => [
      {
        id: 'cuda:0',
        name: 'Card',
        needed: document.training.lanes!.length * gigabyte,
        free: 2 * gigabyte,
        total: 8e9,
      },
    ],
  });
  const project = useProjectStore();
  await project.open('/projects/test');
  useDataStore().summary = dataSummary();
  const lanes = (count: number) => ({
    device: 'cuda:0',
    lanes: Array.from({ length: count }, () => ({ learningRate: 1 })),
  });
  const line = mount(CardMemoryLine, { props: { training: lanes(1) }, global: { plugins: [i18n] } });
  const race = async (count: number) => {
    project.edit('train.undo.setting', (draft) => Object.assign(draft.training, lanes(count)));
    await line.setProps({ training: lanes(count) });
    await vi.advanceTimersByTimeAsync(300);
    await flushPromises();
  };
  await race(1);
  expect(line.text()).toBe('');
  const card = { memoryTotal: 8e9, memoryFree: 2 * gigabyte, capability: '9.0', driver: '13.0', blas: true };
  useAppStore().devices = [{ id: 'cuda:0', name: 'Card', detail: '', card, usable: true, reason: null }];
  await race(2);
  expect(line.text()).toBe('≈ 2 GB of 2 GB free');
  await race(3);
  expect(line.find('.short').text()).toContain('only 2 GB is free. Smaller batches, fewer lanes or the CPU would do.');
  expect(calls.mock.calls.filter(([name]) => name === 'experiments.memory')).toHaveLength(2);
});
