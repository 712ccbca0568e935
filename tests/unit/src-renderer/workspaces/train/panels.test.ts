import { flushPromises, mount } from '@vue/test-utils';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { computed, nextTick } from 'vue';
import type { ExperimentSummary } from '../../../../../shared/api/experiments';
import { LabError } from '../../../../../shared/errors';
import { i18n } from '../../../../../src-renderer/i18n';
import { useExperimentsStore } from '../../../../../src-renderer/stores/experiments';
import { obstaclesOf } from '../../../../../src-renderer/workspaces/train/readiness';
import ReadinessList from '../../../../../src-renderer/workspaces/train/ReadinessList.vue';
import RunBanner from '../../../../../src-renderer/workspaces/train/RunBanner.vue';
import OverlayChart from '../../../../../src-renderer/workspaces/train/stage/OverlayChart.vue';
import { sequence } from '../../../shared/network/builders';
import { answerCalls } from '../../fake-lab';
import { openNetwork } from '../design/network-page';
import { experimentSummary, laneSummary } from './summaries';

afterEach(() => {
  vi.restoreAllMocks();
  document.body.innerHTML = '';
});

describe('what stands before training', () => {
  it('calls layers what the Design page calls them', async () => {
    const { pinia, project, data } = await openNetwork(sequence('input linear:16 relu linear:5 output'));
    const obstacles = obstaclesOf(project.document!, data.summary!);
    const list = mount(ReadinessList, { props: { obstacles }, global: { plugins: [pinia, i18n] } });
    expect(list.findAll('li').map((item) => item.get('span').text())).toEqual([
      'Output gets 5, but the target has 3 classes and needs one value for each. Give the last linear layer 3 units.',
    ]);
  });
});

describe('the banner of a broken run', () => {
  it('is announced once', async () => {
    const { pinia } = await openNetwork(sequence('input linear:3 output'));
    const experiments = useExperimentsStore();
    const error = new LabError('experiment.not-found', { experiment: '001' });
    experiments.list = [experimentSummary([laneSummary('lane-1')], { state: 'failed', error: error.toRecord() })];
    experiments.currentId = '001';
    experiments.error = error;
    const banner = mount(RunBanner, { global: { plugins: [pinia, i18n] } });
    await nextTick();
    expect(banner.findAll('[role="alert"]')).toHaveLength(2);
    expect(banner.findAll('[role="alert"] [role="alert"]')).toEqual([]);
  });
});

describe('the banner of a run whose card has no memory left', () => {
  const memory = { device: 'cuda:0', free: 3, total: 1024, reason: 'memory-refused', call: 'kernel' };
  const failed = (change: Partial<ExperimentSummary> = {}) =>
    experimentSummary([laneSummary('lane-1')], {
      state: 'failed',
      checkpointEpoch: 40,
      error: new LabError('device.memory', memory).toRecord(),
      ...change,
    });
  const bannerOf = async (summary: ExperimentSummary) => {
    const { pinia } = await openNetwork(sequence('input linear:3 output'));
    const experiments = useExperimentsStore();
    await flushPromises();
    experiments.error = null;
    experiments.list = [summary];
    experiments.currentId = summary.id;
    const banner = mount(RunBanner, { global: { plugins: [pinia, i18n] } });
    await nextTick();
    return banner;
  };
  const buttons = (banner: Awaited<ReturnType<typeof bannerOf>>) => banner.findAll('button').map((each) => each.text());

  it('says how much there is, and goes on there or on the processor', async () => {
    const banner = await bannerOf(failed());
    expect(banner.text()).toContain('The graphics card cuda:0 has 3 MB free of 1024 MB');
    expect(buttons(banner)).toEqual(['Resume from epoch 40', 'Resume on the CPU']);
    const asked: unknown[] = [];
    answerCalls({ 'experiments.resume': (input) => (asked.push(input), null) });
    for (const button of banner.findAll('button')) {
      await button.trigger('click');
      await flushPromises();
    }
    const run = { project: expect.any(String) as string, experiment: '001' };
    expect(asked).toEqual([run, { ...run, device: 'cpu' }]);
  });

  it('starts anew on the processor where that computes in another precision, and says why', async () => {
    const banner = await bannerOf(failed({ precision: 'tf32' }));
    expect(banner.text()).toContain('multiplies in TF32');
    expect(buttons(banner)).toEqual(['Resume from epoch 40', 'Run on the CPU']);
  });

  it('offers the same after a fault of the card, and no resuming without a checkpoint', async () => {
    const died = new LabError('engine.died', { cause: 'card-failed', call: 'kernel', why: 'broken', epoch: 40 });
    expect(buttons(await bannerOf(failed({ state: 'interrupted', error: died.toRecord() })))).toEqual([
      'Resume from epoch 40',
      'Resume on the CPU',
    ]);
    expect(buttons(await bannerOf(failed({ checkpointEpoch: null })))).toEqual(['Run on the CPU']);
    const other = new LabError('engine.died', { cause: 'signal', signal: 'SIGKILL', epoch: 40 });
    expect(buttons(await bannerOf(failed({ error: other.toRecord() })))).toEqual(['Resume from epoch 40']);
  });
});

describe('the options of the curves', () => {
  it('smooth by a slider with a name', async () => {
    const { pinia } = await openNetwork(sequence('input linear:3 output'));
    const race = {
      experiment: computed(() => experimentSummary([laneSummary('lane-1')])),
      lanes: computed(() => []),
      leader: computed(() => null),
      version: computed(() => 0),
    };
    const chart = mount(OverlayChart, {
      props: {
        race,
        selected: null,
        texts: { best: '', diverged: '', rate: '', validation: '' },
        quantity: 'loss',
        hidden: new Set<string>(),
      },
      global: { plugins: [pinia, i18n], stubs: { LineChart: true, ChartMenu: true } },
      attachTo: document.body,
    });
    await chart.get('[aria-label="Smoothing and axes"]').trigger('click');
    await nextTick();
    const slider = document.querySelector<HTMLInputElement>('input[type="range"]')!;
    expect(slider.labels?.[0]?.textContent?.trim()).toBe('Smoothing');
    slider.value = '0.5';
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    await nextTick();
    expect(chart.findComponent({ name: 'LineChart' }).props('smoothing')).toBe(0.5);
    expect(document.querySelector('[role="slider"]')).toBeNull();
  });
});
