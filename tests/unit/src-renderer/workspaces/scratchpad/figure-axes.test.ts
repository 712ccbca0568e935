import { mount } from '@vue/test-utils';
import { createPinia } from 'pinia';
import { expect, test } from 'vitest';
import { nextTick } from 'vue';
import type { Drawing } from '../../../../../shared/api/scratchpad';
import { useAppStore } from '../../../../../src-renderer/stores/app';
import FigureAxes from '../../../../../src-renderer/workspaces/scratchpad/figure/FigureAxes.vue';
import { placeFigure } from '../../../../../src-renderer/workspaces/scratchpad/figure/layout';

const drawing: Drawing = {
  kind: 'figure',
  size: null,
  title: '',
  rows: 1,
  columns: 1,
  axes: [
    {
      row: 0,
      column: 0,
      title: '',
      xLabel: '',
      yLabel: '',
      xScale: 'linear',
      yScale: 'log',
      xLimits: [-1, 1],
      yLimits: [1e-4, 1],
      legend: false,
      grid: false,
      series: [],
    },
  ],
};

test('numbers at the axes follow the language', async () => {
  const [placed] = placeFigure(drawing, 500).axes;
  const shown = mount(FigureAxes, { props: { placed: placed as never }, global: { plugins: [createPinia()] } });
  const numbers = (): string[] => shown.findAll('text').map((text) => text.text());
  expect(numbers()).toEqual(['−1', '−0.5', '0', '0.5', '1', '1e−4', '0.001', '0.01', '0.1', '1']);
  useAppStore().settings = { language: 'ru', theme: 'auto' };
  await nextTick();
  expect(numbers()).toEqual(['−1', '−0,5', '0', '0,5', '1', '1e−4', '0,001', '0,01', '0,1', '1']);
});
