import { enableAutoUnmount, mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { defineComponent, h } from 'vue';
import { isTyping } from '../../../../../src-renderer/components/frame/is-typing';
import { useFrameCommands } from '../../../../../src-renderer/components/frame/use-frame-commands';
import { i18n } from '../../../../../src-renderer/i18n';
import { useAppStore } from '../../../../../src-renderer/stores/app';
import { useCommandsStore } from '../../../../../src-renderer/stores/commands';
import { useProjectStore } from '../../../../../src-renderer/stores/project';
import { answerCalls, openProject } from '../../fake-lab';

let frame: ReturnType<typeof useFrameCommands>;
const Frame = defineComponent({
  setup() {
    frame = useFrameCommands();
    return () => h('input');
  },
});
const press = (key: string, keys: KeyboardEventInit = {}, target: EventTarget = window) =>
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...keys }));

enableAutoUnmount(afterEach);
beforeEach(async () => {
  setActivePinia(createPinia());
  answerCalls({
    'projects.open': () => openProject(),
    'projects.update': ({ revision }) => ({ revision: revision + 1 }),
    'app.setSettings': (settings) => ({ language: 'auto', theme: 'auto', ...settings }),
    'data.summary': () => null,
    'experiments.list': () => [],
  });
  await useProjectStore().open('/projects/test');
});
afterEach(() => vi.restoreAllMocks());

it('undoes and redoes, also on a Russian layout, but never while text is typed', () => {
  const wrapper = mount(Frame, { global: { plugins: [i18n] }, attachTo: document.body });
  const project = useProjectStore();
  const rename = (name: string) => project.edit('a', (draft) => (draft.name = name));
  rename('one');
  press('z', { ctrlKey: true }, wrapper.element);
  expect(project.document?.name).toBe('one');
  press('я', { ctrlKey: true, code: 'KeyZ' });
  expect(project.document?.name).toBe('test');
  press('Z', { ctrlKey: true, shiftKey: true });
  expect(project.document?.name).toBe('one');
});

it('opens search and the list of shortcuts, and changes the page', () => {
  const wrapper = mount(Frame, { global: { plugins: [i18n] }, attachTo: document.body });
  press('?', {}, wrapper.element);
  expect(frame.shortcutsOpen.value).toBe(false);
  press('?');
  press('k', { metaKey: true });
  expect([frame.shortcutsOpen.value, frame.searchOpen.value]).toEqual([true, true]);
  press('2', { ctrlKey: true });
  expect(useAppStore().workspace).toBe('design');
  press('9', { ctrlKey: true });
  expect(useAppStore().workspace).toBe('design');
});

it('offers what can be done, and takes its commands along when it goes', async () => {
  const wrapper = mount(Frame, { global: { plugins: [i18n] } });
  const commands = useCommandsStore();
  const command = (id: string) => commands.all.find((found) => found.id === id);
  expect(command('undo')?.enabled?.()).toBe(false);
  await command('theme.light')?.run();
  expect(useAppStore().settings.theme).toBe('light');
  await command('go.train')?.run();
  expect(useAppStore().workspace).toBe('train');
  wrapper.unmount();
  expect(commands.all).toEqual([]);
});

it('knows where keys write text', () => {
  const input = document.createElement('input');
  expect(isTyping(input)).toBe(true);
  input.type = 'checkbox';
  expect(isTyping(input)).toBe(false);
  expect(isTyping(document.createElement('textarea'))).toBe(true);
  expect(isTyping(document.body)).toBe(false);
  expect(isTyping(null)).toBe(false);
});
