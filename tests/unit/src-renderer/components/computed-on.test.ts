import { mount } from '@vue/test-utils';
import { createPinia } from 'pinia';
import { expect, it } from 'vitest';
import type { ComputedOn as Told } from '../../../../shared/api/computed-on';
import ComputedOn from '../../../../src-renderer/components/ComputedOn.vue';
import { i18n } from '../../../../src-renderer/i18n';

const card: Told = {
  device: 'cuda:0 (Card), TF32',
  precision: 'tf32',
  trained: 'cuda:0 (Card), TF32',
  reason: null,
};
const text = (on: Told) => mount(ComputedOn, { props: { on }, global: { plugins: [createPinia(), i18n] } }).text();

it('names the card with its precision', () => {
  expect(text(card)).toBe('computed on cuda:0 (Card), TF32');
});

it('is silent about the processor where that is what trained', () => {
  const device = 'cpu (avx2), float32';
  expect(text({ device, precision: 'float32', trained: device, reason: null })).toBe('');
});

it('says that the processor computed in float32, and why, without the advice for a start', () => {
  const details = { device: 'cuda:0', precision: 'tf32', reason: 'card-too-old', capability: '7.5', needed: '8.0' };
  const reason = { code: 'device.precision', message: '', details } as const;
  const told = text({ ...card, device: 'cpu (avx2), float32', precision: 'float32', reason });
  expect(told).toContain('computed on cpu (avx2), float32; trained on cuda:0 (Card), TF32');
  expect(told).toContain('its compute capability is 7.5, and 8.0 is needed');
  expect(told).not.toContain('choose a graphics card');
});
