import type { ChartDataset, Point } from 'chart.js';
import type { ChartLine } from './chart-line';
import { downsample, type PixelAxis } from './downsample';
import { smooth } from './smooth';

export interface ChartView {
  /** Visible part of the horizontal axis and its width in pixels. */
  x: PixelAxis;
  yLog: boolean;
  /** 0..1, strength of the moving average; 0 shows the raw values only. */
  smoothing: number;
}

export type LineDataset = ChartDataset<'line', Point[]>;

const faintAlpha = '40';

/** The few points of every curve that make a difference on the screen, as Chart.js data. With smoothing the raw curve stays, faint. */
export function chartDatasets(lines: readonly ChartLine[], view: ChartView): LineDataset[] {
  const datasets: LineDataset[] = [];
  for (const line of lines) {
    if (view.smoothing > 0 && !line.dots) {
      datasets.push(dataset(line, line.y, view, `${line.colour}${faintAlpha}`, 1));
      datasets.push(dataset(line, smooth(line.y, view.smoothing), view, line.colour, line.width));
    } else {
      datasets.push(dataset(line, line.y, view, line.colour, line.width));
    }
  }
  return datasets;
}

function dataset(line: ChartLine, y: ArrayLike<number>, view: ChartView, colour: string, width: number): LineDataset {
  const kept = downsample(line.x, y, view.x, new Set(line.marks.map((mark) => mark.index)));
  const data: Point[] = kept.map((index) => {
    const value = y[index] as number;
    // A log axis has no place for zero and below: the line breaks there, and the chart says how many values are missing.
    return { x: line.x[index] as number, y: view.yLog && value <= 0 ? Number.NaN : value };
  });
  const alone = data.length < 2;
  return {
    data,
    label: line.label,
    borderColor: colour,
    backgroundColor: colour,
    borderWidth: width,
    borderDash: line.dash,
    pointRadius: alone || line.dots ? 2.5 : 0,
    showLine: !line.dots,
  };
}
