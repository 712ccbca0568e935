import { mount } from '@vue/test-utils';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { computed, nextTick } from 'vue';
import { LabError } from '../../../../../shared/errors';
import { i18n } from '../../../../../src-renderer/i18n';
import { useExperimentsStore } from '../../../../../src-renderer/stores/experiments';
import { obstaclesOf } from '../../../../../src-renderer/workspaces/train/readiness';
import ReadinessList from '../../../../../src-renderer/workspaces/train/ReadinessList.vue';
import RunBanner from '../../../../../src-renderer/workspaces/train/RunBanner.vue';
import OverlayChart from '../../../../../src-renderer/workspaces/train/stage/OverlayChart.vue';
import { sequence } from '../../../shared/network/builders';
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
