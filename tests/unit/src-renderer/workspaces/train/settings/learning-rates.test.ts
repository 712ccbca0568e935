import { mount, type VueWrapper } from '@vue/test-utils';
import { beforeEach, describe, expect, it } from 'vitest';
import { nextTick } from 'vue';
import { i18n } from '../../../../../../src-renderer/i18n';
import type { useProjectStore } from '../../../../../../src-renderer/stores/project';
import LearningRates from '../../../../../../src-renderer/workspaces/train/settings/LearningRates.vue';
import NumberField from '../../../../../../src-renderer/workspaces/train/settings/NumberField.vue';
import { sequence } from '../../../../shared/network/builders';
import { openNetwork } from '../../design/network-page';

describe('the learning rates of a race', () => {
  let project: ReturnType<typeof useProjectStore>;
  let page: VueWrapper;

  const rates = (): number[] => project.document!.training.lanes.map((lane) => lane.learningRate);
  async function type(text: string): Promise<void> {
    const input = page.get<HTMLInputElement>('#new-rate');
    input.element.value = text;
    await input.trigger('input');
    await input.trigger('keydown', { key: 'Enter' });
    await nextTick();
  }

  beforeEach(async () => {
    const opened = await openNetwork(sequence('input linear:3 output'));
    project = opened.project;
    project.edit('train.undo.setting', (draft) => {
      draft.training.lanes = [{ learningRate: 0.1 }];
    });
    page = mount(LearningRates, { global: { plugins: [opened.pinia, i18n] } });
  });

  it('takes a typed list, and says what it refused and why', async () => {
    await type('0.01; 0.1 fast');
    expect(rates()).toEqual([0.1, 0.01]);
    expect(page.get('[role="alert"]').text()).toBe(
      'Not a learning rate (a number above 0): fast. Already in the race: 0.1.',
    );
    expect(page.get<HTMLInputElement>('#new-rate').element.value).toBe('fast');
  });

  it('removes by mouse and by key, reorders by key, and never loses the last one', async () => {
    await type('0.01 1');
    await page.findAll('.chip')[0]!.trigger('keydown', { key: 'ArrowRight', altKey: true });
    expect(rates()).toEqual([0.01, 0.1, 1]);
    await page.findAll('.chip button')[1]!.trigger('click');
    await page.findAll('.chip')[0]!.trigger('keydown', { key: 'Delete' });
    expect(rates()).toEqual([1]);
    await page.findAll('.chip')[0]!.trigger('keydown', { key: 'Delete' });
    expect(rates()).toEqual([1]);
    expect(page.find('.chip button').exists()).toBe(false);
  });
});

describe('a number field', () => {
  const field = (props: Record<string, unknown>): VueWrapper =>
    mount(NumberField, { props: { value: 5, label: 'Size', ...props }, global: { plugins: [i18n] } });
  async function commit(wrapper: VueWrapper, text: string): Promise<void> {
    // setValue also sends the change event that a browser sends when the field is left.
    await wrapper.get('input').setValue(text);
  }

  it('reads a decimal comma and keeps what it can not take, with the reason', async () => {
    const wrapper = field({ minimum: 0, maximum: 1, value: 0.5 });
    await commit(wrapper, '0,25');
    expect(wrapper.emitted('change')).toEqual([[0.25]]);
    await commit(wrapper, '2');
    expect(wrapper.get('[role="alert"]').text()).toBe('At most 1.');
    expect(wrapper.get('input').attributes('aria-invalid')).toBe('true');
    expect(wrapper.emitted('change')).toHaveLength(1);
  });

  it('steps with the arrows, through 1, 2, 5 on a log scale, and stops at its limits', async () => {
    const log = field({ value: 0.1, step: 'log', minimum: 0, exclusive: true });
    await log.get('input').trigger('keydown', { key: 'ArrowUp' });
    await log.get('input').trigger('keydown', { key: 'ArrowDown' });
    expect(log.emitted('change')).toEqual([[0.2], [0.05]]);
    const whole = field({ value: 1, minimum: 1, integer: true });
    await whole.get('input').trigger('keydown', { key: 'ArrowDown' });
    expect(whole.emitted('change')).toBeUndefined();
  });

  it('takes an empty text as none only where that means something', async () => {
    const optional = field({ nullable: true });
    await commit(optional, '');
    expect(optional.emitted('change')).toEqual([[null]]);
    const needed = field({});
    await commit(needed, '');
    expect(needed.get('[role="alert"]').text()).toBe('This is not a number.');
  });
});
