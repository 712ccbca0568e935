import { mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it } from 'vitest';
import type { DeviceInfo } from '../../../../../../shared/api/contract';
import type { TrainingSettings } from '../../../../../../shared/training/settings';
import { i18n } from '../../../../../../src-renderer/i18n';
import { useAppStore } from '../../../../../../src-renderer/stores/app';
import PrecisionSetting from '../../../../../../src-renderer/workspaces/train/settings/PrecisionSetting.vue';

let pinia: ReturnType<typeof createPinia>;
beforeEach(() => setActivePinia((pinia = createPinia())));

function card(id: string, capability: string, usable = true): DeviceInfo {
  const facts = { memoryTotal: 8e9, memoryFree: 8e9, capability, driver: '13.0', blas: true };
  return { id, name: 'Card', detail: '', card: facts, usable, reason: null };
}

function chooser(cards: DeviceInfo[], training: Pick<TrainingSettings, 'device' | 'precision'>) {
  useAppStore().devices = cards;
  return mount(PrecisionSetting, { props: { training, disabled: false }, global: { plugins: [pinia, i18n] } });
}

const disabled = (panel: ReturnType<typeof chooser>) =>
  panel.findAll<HTMLInputElement>('input').map(({ element }) => element.disabled);

describe('the precision', () => {
  it('is offered with what each means, and told when another is chosen', async () => {
    const panel = chooser([card('cuda:0', '8.0')], { device: 'auto', precision: 'float32' });
    expect(panel.findAll('.n-radio').map((each) => each.text().split(' ')[0])).toEqual(['float32', 'TF32', 'bfloat16']);
    expect(panel.text()).toContain('about 3 digits');
    expect(panel.text()).not.toMatch(/train\.(numbers|field)\./);
    expect(disabled(panel)).toEqual([false, false, false]);
    await panel.findAll('input')[1]!.trigger('change');
    expect(panel.emitted('change')).toEqual([['tf32']]);
  });

  it('says why a card has only float32', () => {
    const cards = [card('cuda:0', '7.5'), card('cuda:1', '9.0')];
    const old = chooser(cards, { device: 'cuda', precision: 'float32' });
    expect(disabled(old)).toEqual([false, true, true]);
    expect(old.text()).toContain('compute capability is 7.5, and 8.0 is needed');
    expect(disabled(chooser(cards, { device: 'cuda:1', precision: 'float32' }))).toEqual([false, false, false]);
    // Automatic takes the one that can.
    expect(disabled(chooser(cards, { device: 'auto', precision: 'float32' }))).toEqual([false, false, false]);
  });

  it('is out of sight where no card computes, unless it is no float32', () => {
    const unusable = [card('cuda:0', '9.0', false)];
    expect(chooser(unusable, { device: 'auto', precision: 'float32' }).find('.precision').exists()).toBe(false);
    expect(
      chooser([card('cuda:0', '9.0')], { device: 'cpu', precision: 'float32' })
        .find('input')
        .exists(),
    ).toBe(false);
    const left = chooser(unusable, { device: 'cpu', precision: 'bf16' });
    expect(disabled(left)).toEqual([false, true, true]);
    expect(left.text()).toContain('On graphics cards only');
  });
});
