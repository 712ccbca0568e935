import { mount } from '@vue/test-utils';
import { afterEach, expect, test, vi } from 'vitest';
import { defineComponent, h, KeepAlive, ref, type ShallowRef } from 'vue';
import { useChartTheme, type ChartTheme } from '../../../../../src-renderer/components/charts/chart-theme';

const root = document.documentElement;

function paint(theme: string, grid: string): void {
  root.style.setProperty('--grid', grid);
  root.dataset['theme'] = theme;
}

afterEach(() => {
  root.removeAttribute('style');
  delete root.dataset['theme'];
});

test('a chart on a page that is not shown follows the theme', async () => {
  paint('light', '#e3e6eb');
  let theme: ShallowRef<ChartTheme> | undefined;
  const Page = defineComponent({
    setup: () => {
      theme = useChartTheme();
      return () => h('canvas');
    },
  });
  const shown = ref(true);
  const wrapper = mount(() => h(KeepAlive, null, [shown.value ? h(Page) : h('p')]), { attachTo: document.body });
  expect(theme?.value.grid).toBe('#e3e6eb');
  shown.value = false;
  await vi.waitUntil(() => wrapper.find('p').exists());
  paint('dark', '#2a2f37');
  await vi.waitUntil(() => theme?.value.grid === '#2a2f37');
  wrapper.unmount();
});
