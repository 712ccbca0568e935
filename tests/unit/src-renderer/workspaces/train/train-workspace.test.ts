import { shallowMount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { afterEach, expect, it, vi } from 'vitest';
import { i18n } from '../../../../../src-renderer/i18n';
import { useProjectStore } from '../../../../../src-renderer/stores/project';
import LanePanel from '../../../../../src-renderer/workspaces/train/inspector/LanePanel.vue';
import TrainWorkspace from '../../../../../src-renderer/workspaces/train/TrainWorkspace.vue';
import { answerCalls, openProject } from '../../fake-lab';
import { epochPoint, experimentSummary, laneSummary } from './summaries';

afterEach(() => vi.restoreAllMocks());

it('shows the winner of a finished race when its project is opened again', async () => {
  const pinia = createPinia();
  setActivePinia(pinia);
  const lanes = [laneSummary('lane-1', { best: epochPoint(5, 2) }), laneSummary('lane-2', { best: epochPoint(5, 1) })];
  answerCalls({
    'projects.open': () => openProject(),
    'projects.close': () => null,
    'experiments.list': () => [experimentSummary(lanes, { state: 'finished' })],
    'experiments.series': () => [],
    'data.summary': () => null,
  });
  const project = useProjectStore();
  const page = shallowMount(TrainWorkspace, {
    global: {
      plugins: [pinia, i18n],
      stubs: { ZoneLayout: { template: '<div><slot /><slot name="right" /></div>' } },
    },
  });
  const shown = () => page.findComponent(LanePanel).props('lane').summary.id;
  for (let time = 0; time < 2; time++) {
    await project.open('/projects/test');
    await vi.waitFor(() => expect(shown()).toBe('lane-2'));
    await project.close();
    await vi.waitFor(() => expect(page.findComponent(LanePanel).exists()).toBe(false));
  }
});
