import { mount } from '@vue/test-utils';
import { afterEach, expect, it } from 'vitest';
import { nextTick } from 'vue';
import ZoneLayout from '../../../../src-renderer/components/ZoneLayout.vue';
import { i18n } from '../../../../src-renderer/i18n';

const make = (name: string) =>
  mount(ZoneLayout, {
    props: { name, leftLabel: 'Tools', rightLabel: 'Properties', leftWidth: 260, rightWidth: 300 },
    slots: { left: '<p>tools</p>', default: '<p>stage</p>', right: '<p>properties</p>' },
    global: { plugins: [i18n] },
    attachTo: document.body,
  });

afterEach(() => localStorage.clear());

it('resizes and collapses by keyboard, and remembers it under its name', async () => {
  const zones = make('a');
  const [left, right] = zones.findAll('[role="separator"]');
  expect(left!.attributes('aria-label')).toBe('Width of "Tools"');
  await right!.trigger('keydown', { key: 'Enter' });
  expect(zones.text()).toBe('toolsstage');
  await nextTick();
  const again = make('a');
  expect(again.text()).toBe('toolsstage');
  await again.find('button').trigger('click');
  expect(again.text()).toBe('toolsstageproperties');
  expect(make('b').text()).toBe('toolsstageproperties');
});

it('keeps widths within what can be used', async () => {
  const zones = make('c');
  Object.defineProperty(zones.element, 'clientWidth', { value: 1200 });
  const left = zones.findAll('[role="separator"]')[0]!;
  await left.trigger('keydown', { key: 'ArrowRight' });
  expect(left.attributes('aria-valuenow')).toBe('276');
  await left.trigger('keydown', { key: 'Home' });
  expect(left.attributes('aria-valuenow')).toBe('200');
  await left.trigger('keydown', { key: 'End' });
  // 1200 wide, less 300 on the right and 360 for the stage.
  expect(left.attributes('aria-valuenow')).toBe('540');
});
