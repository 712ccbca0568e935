import { mount } from '@vue/test-utils';
import { describe, expect, it } from 'vitest';
import { trainingSchema } from '../../../../../../shared/training/settings';
import { i18n } from '../../../../../../src-renderer/i18n';
import { LaneSeries } from '../../../../../../src-renderer/series/lane-series';
import LaneRate from '../../../../../../src-renderer/workspaces/train/inspector/LaneRate.vue';
import { sequence } from '../../../../shared/network/builders';
import { openNetwork } from '../../design/network-page';
import { epochPoint, experimentSummary, laneSummary } from '../summaries';

/** A lane of base rate 0.1 whose epochs ended with these rates. */
async function laneRate(schedule: object, rates: number[]) {
  const { pinia } = await openNetwork(sequence('input linear:3 output'));
  const series = new LaneSeries();
  const points = rates.map((learningRate, epoch) => ({ ...epochPoint(epoch, 1), learningRate }));
  series.append(points);
  const summary = laneSummary('lane-1', { last: points.at(-1) ?? null });
  const experiment = experimentSummary([summary], { settings: trainingSchema.parse({ schedule }) });
  const style = { colour: '#000000', dash: [] };
  const verdict = { kind: 'waiting' as const };
  const lane = { index: 0, summary, name: 'η 0.1', style, verdict, series };
  return mount(LaneRate, {
    props: { experiment, lane: lane as never, version: 1, editable: false },
    global: { plugins: [pinia, i18n], stubs: { LineChart: true } },
  });
}

describe('the rate of a lane', () => {
  it('is one number without a schedule', async () => {
    const shown = await laneRate({}, [0.1, 0.1]);
    expect(shown.text()).toBe('Learning rate0.1');
    expect(shown.findComponent({ name: 'LineChart' }).exists()).toBe(false);
  });

  it('is its base, what the schedule made of it, and the curve of that', async () => {
    const shown = await laneRate({ kind: 'exponential', gamma: 0.5 }, [0.1, 0.1, 0.05, 0.025]);
    expect(shown.findAll('label').map((label) => label.text())).toEqual(['Learning rate, base', 'At the last step']);
    expect(shown.findAll('span.number').map((number) => number.text())).toEqual(['0.1', '0.025']);
    const [line] = shown.findComponent({ name: 'LineChart' }).props('lines') as { x: Float64Array; y: Float64Array }[];
    expect([...line!.x]).toEqual([0, 1, 2, 3]);
    expect([...line!.y]).toEqual([0.1, 0.1, 0.05, 0.025]);
  });

  it('has its curve after a change by hand too', async () => {
    const shown = await laneRate({}, [0.2, 0.2, 0.1]);
    expect(shown.findAll('label').map((label) => label.text())).toEqual(['Learning rate']);
    expect(shown.findComponent({ name: 'LineChart' }).exists()).toBe(true);
  });
});
