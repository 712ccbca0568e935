import { mount } from '@vue/test-utils';
import { NSelect } from 'naive-ui';
import { expect, it } from 'vitest';
import { i18n } from '../../../../../../src-renderer/i18n';
import { useAppStore } from '../../../../../../src-renderer/stores/app';
import SharedSettings from '../../../../../../src-renderer/workspaces/train/settings/SharedSettings.vue';
import { sequence } from '../../../../shared/network/builders';
import { openNetwork } from '../../design/network-page';

it('writes the chosen precision into the project, and float32 with the processor', async () => {
  const { pinia, project } = await openNetwork(sequence('input linear:3 output'));
  const facts = { memoryTotal: 8e9, memoryFree: 8e9, capability: '8.0', driver: '13.0', blas: true };
  useAppStore().devices = [{ id: 'cuda:0', name: 'Card', detail: '', card: facts, usable: true, reason: null }];
  const panel = mount(SharedSettings, { global: { plugins: [pinia, i18n] } });
  const toggle = panel.findAll('button').find((button) => button.text() === i18n.global.t('train.more'));
  await toggle?.trigger('click');
  await panel.findAll('.precision input')[1]!.trigger('change');
  expect(project.document?.training.precision).toBe('tf32');
  const device = panel
    .findAllComponents(NSelect)
    .find((select) => select.attributes('aria-label') === i18n.global.t('train.field.device'));
  device?.vm.$emit('update:value', 'cuda:0');
  expect(project.document?.training).toMatchObject({ device: 'cuda:0', precision: 'tf32' });
  device?.vm.$emit('update:value', 'cpu');
  expect(project.document?.training).toMatchObject({ device: 'cpu', precision: 'float32' });
});
