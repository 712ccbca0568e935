import { mount } from '@vue/test-utils';
import { describe, expect, it } from 'vitest';
import { scheduleKinds, scheduleParameters } from '../../../../../../shared/training/schedule';
import { optimizerNames, optimizers } from '../../../../../../shared/training/optimizers';
import { trainingSchema } from '../../../../../../shared/training/settings';
import { i18n } from '../../../../../../src-renderer/i18n';
import OptimizerSettings from '../../../../../../src-renderer/workspaces/train/settings/OptimizerSettings.vue';
import ScheduleSettings from '../../../../../../src-renderer/workspaces/train/settings/ScheduleSettings.vue';

const global = { plugins: [i18n] };

describe('the schedule', () => {
  it.each(scheduleKinds)('%s shows its parameters and, where the rate moves, its curve', (kind) => {
    const panel = mount(ScheduleSettings, {
      props: { schedule: { kind, unit: 'epoch' as const }, total: 100, disabled: false },
      global,
    });
    // The warm-up is there for every kind.
    expect(panel.findAll('.row')).toHaveLength(scheduleParameters[kind].length + 1);
    expect(panel.find('svg.curve').exists()).toBe(kind !== 'constant');
    const path = panel.find('svg.curve path').exists() ? panel.find('svg.curve path').attributes('d') : 'M0 0';
    expect(path).not.toContain('NaN');
  });
});

describe('the optimizer', () => {
  it.each(optimizerNames)('%s shows what it reads', (name) => {
    const training = trainingSchema.parse({ optimizer: { name } });
    const panel = mount(OptimizerSettings, {
      props: { training, perLane: new Set<string>(), more: true, disabled: false },
      global,
    });
    const { shared, own } = optimizers[name];
    expect(panel.findAll('.row')).toHaveLength(shared.length + Object.keys(own).length + 4);
    expect(panel.text()).not.toMatch(/(rules|train)\.(field|help)\./);
  });
});
