import {
  Chart,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  type ChartOptions,
} from 'chart.js';
import zoomPlugin from 'chartjs-plugin-zoom';
import type { ChartAxis } from './chart-line';
import type { ChartTheme } from './chart-theme';
import type { Range } from './range';

Chart.register(LineController, LineElement, PointElement, LinearScale, LogarithmicScale, zoomPlugin);

interface AxisInput {
  axis: ChartAxis;
  range: Range;
  theme: ChartTheme;
  compact: boolean;
  format: (value: number) => string;
}

/** Width kept for the numbers of the vertical axis, so that the picture does not jump when they get longer. */
const verticalAxisWidth = { full: 64, compact: 46 };

export function axisOptions(input: AxisInput, direction: 'x' | 'y'): object {
  const { axis, range, theme, compact } = input;
  return {
    type: axis.log ? 'logarithmic' : 'linear',
    min: range.minimum,
    max: range.maximum,
    title: { display: !compact, text: axis.title, color: theme.text, font: { size: 11 }, padding: 2 },
    grid: { color: theme.grid, tickColor: theme.grid, lineWidth: 1 },
    border: { color: theme.grid },
    ticks: {
      color: theme.text,
      font: { size: compact ? 10 : 11 },
      maxRotation: 0,
      autoSkipPadding: 12,
      maxTicksLimit: compact ? 4 : direction === 'x' ? 12 : 8,
      includeBounds: false,
      callback: (value: number | string) => tickLabel(Number(value), axis.log, input.format, range),
    },
    ...(direction === 'y'
      ? {
          afterFit: (scale: { width: number }) => {
            scale.width = compact ? verticalAxisWidth.compact : verticalAxisWidth.full;
          },
        }
      : {}),
  };
}

/** On a log axis only 1, 2 and 5 of each decade are named, and only the decades when many are in sight. */
function tickLabel(value: number, log: boolean, format: (value: number) => string, range: Range): string | null {
  if (!log) return format(value);
  const mantissa = Number(value.toExponential(6).split('e')[0]);
  const decades = Math.log10(range.maximum / range.minimum);
  if (mantissa === 1 || (decades < 2 && (mantissa === 2 || mantissa === 5))) return format(value);
  return decades < 0.7 && Number.isInteger(mantissa * 2) ? format(value) : null;
}

export interface ZoomHandlers {
  mode: () => 'x' | 'xy';
  changed: (chart: Chart) => void;
  accent: string;
  wheel: boolean;
}

/** Room on the right for names at line ends, so wide that the longest fits. */
export function chartLayout(labelWidth: number): {
  padding: { top: number; right: number; bottom: number; left: number };
} {
  return { padding: { top: 8, right: 10 + labelWidth, bottom: 0, left: 0 } };
}

export function baseOptions(compact: boolean, zoom: ZoomHandlers): ChartOptions<'line'> {
  return {
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    parsing: false,
    normalized: true,
    events: [],
    layout: chartLayout(0),
    plugins: {
      zoom: {
        zoom: {
          mode: zoom.mode,
          wheel: { enabled: zoom.wheel, speed: 0.15 },
          drag: {
            enabled: true,
            threshold: 6,
            backgroundColor: `${zoom.accent}33`,
            borderColor: zoom.accent,
            borderWidth: 1,
          },
          onZoom: ({ chart }) => zoom.changed(chart),
        },
        pan: { enabled: !compact, mode: 'x', modifierKey: 'shift', onPan: ({ chart }) => zoom.changed(chart) },
      },
    },
  };
}
