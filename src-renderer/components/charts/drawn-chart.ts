import type { Chart, Point, Scale } from 'chart.js';
import type { DrawnAxis, DrawnChart } from './chart-export';
import type { ChartTheme } from './chart-theme';

/** A drawn Chart.js chart in pixels, for the SVG. */
export function drawnChart(chart: Chart<'line', Point[]>, theme: ChartTheme): DrawnChart {
  const { x, y } = chart.scales;
  if (!x || !y) throw new Error('A chart has two axes.');
  const { left, right, top, bottom } = chart.chartArea;
  return {
    width: chart.width,
    height: chart.height,
    area: { left, right, top, bottom },
    x: drawnAxis(x),
    y: drawnAxis(y),
    lines: chart.data.datasets.map((dataset) => ({
      label: dataset.label ?? '',
      colour: String(dataset.borderColor),
      dash: Array.isArray(dataset.borderDash) ? dataset.borderDash.map(Number) : [],
      width: Number(dataset.borderWidth),
      points: dataset.data.map((point) =>
        point.x !== null && point.y !== null && Number.isFinite(point.y)
          ? { x: x.getPixelForValue(point.x), y: y.getPixelForValue(point.y) }
          : null,
      ),
    })),
    text: theme.text,
    grid: theme.grid,
    background: theme.background,
  };
}

function drawnAxis(scale: Scale): DrawnAxis {
  const title = (scale.options as { title?: { text?: string | string[] } }).title?.text ?? '';
  return {
    title: Array.isArray(title) ? title.join(' ') : title,
    ticks: scale.ticks
      .map((tick, index) => ({ at: scale.getPixelForTick(index), label: labelOf(tick.label) }))
      .filter((tick) => tick.label !== ''),
  };
}

function labelOf(label: string | string[] | undefined): string {
  return Array.isArray(label) ? label.join(' ') : (label ?? '');
}
