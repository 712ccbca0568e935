import type { Chart, Plugin } from 'chart.js';
import type { ChartLine, ChartMark } from './chart-line';

/** Draws the marked points and, where there is room, names at the ends of the lines. What to draw is handed over by the component. */
export interface MarksInput {
  lines: readonly ChartLine[];
  /** Text at line ends: one for each group, at its first line. */
  endLabels: boolean;
  background: string;
}

export function marksPlugin(input: () => MarksInput): Plugin<'line'> {
  return {
    id: 'deltalab-marks',
    afterDatasetsDraw(chart) {
      const { lines, endLabels, background } = input();
      for (const line of lines) for (const mark of line.marks) drawMark(chart, line, mark, background);
      if (endLabels) drawEndLabels(chart, lines, background);
    },
  };
}

function place(chart: Chart<'line'>, x: number, y: number): { x: number; y: number } | null {
  const horizontal = chart.scales.x;
  const vertical = chart.scales.y;
  if (!horizontal || !vertical || !Number.isFinite(y)) return null;
  const at = { x: horizontal.getPixelForValue(x), y: vertical.getPixelForValue(y) };
  const { left, right, top, bottom } = chart.chartArea;
  if (!Number.isFinite(at.y) || at.x < left - 1 || at.x > right + 1) return null;
  // A mark above or below the picture is drawn at its edge: a divergence must not vanish because it went off the scale.
  return { x: at.x, y: Math.min(bottom, Math.max(top, at.y)) };
}

function drawMark(chart: Chart<'line'>, line: ChartLine, mark: ChartMark, background: string): void {
  const at = place(chart, line.x[mark.index] as number, lastFinite(line.y, mark.index));
  if (!at) return;
  const context = chart.ctx;
  context.save();
  context.strokeStyle = line.colour;
  context.fillStyle = mark.kind === 'best' ? line.colour : background;
  context.lineWidth = 2;
  context.beginPath();
  if (mark.kind === 'best') {
    context.strokeStyle = background;
    context.lineWidth = 1.5;
    context.moveTo(at.x, at.y - 6);
    context.lineTo(at.x + 6, at.y);
    context.lineTo(at.x, at.y + 6);
    context.lineTo(at.x - 6, at.y);
    context.closePath();
    context.fill();
  } else if (mark.kind === 'rate') {
    context.moveTo(at.x, at.y - 5);
    context.lineTo(at.x + 5, at.y + 4);
    context.lineTo(at.x - 5, at.y + 4);
    context.closePath();
    context.fill();
  } else {
    context.moveTo(at.x - 5, at.y - 5);
    context.lineTo(at.x + 5, at.y + 5);
    context.moveTo(at.x + 5, at.y - 5);
    context.lineTo(at.x - 5, at.y + 5);
  }
  context.stroke();
  context.restore();
}

/** The value at a position or, where there is none (a lane that blew up), the last one before it. */
function lastFinite(values: ArrayLike<number>, index: number): number {
  for (let i = index; i >= 0; i--) if (Number.isFinite(values[i])) return values[i] as number;
  return Number.NaN;
}

const labelHeight = 13;
const labelFont = '600 11px system-ui, sans-serif';
/** A longer name lies over the picture instead of taking it away. */
const widestLabel = 130;

/** Pixels that the names at the line ends need beside the picture. */
export function endLabelWidth(context: CanvasRenderingContext2D, lines: readonly ChartLine[]): number {
  context.save();
  context.font = labelFont;
  const names = new Map(lines.map((line) => [line.group, line.label]));
  for (const line of lines)
    if (line.label.length < (names.get(line.group)?.length ?? 0)) names.set(line.group, line.label);
  const widest = Math.max(0, ...[...names.values()].map((name) => context.measureText(name).width));
  context.restore();
  return Math.min(widestLabel, Math.ceil(widest));
}

function drawEndLabels(chart: Chart<'line'>, lines: readonly ChartLine[], background: string): void {
  const context = chart.ctx;
  const seen = new Set<string>();
  const labels: { text: string; colour: string; x: number; y: number }[] = [];
  for (const line of lines) {
    if (seen.has(line.group) || line.y.length === 0) continue;
    seen.add(line.group);
    const last = line.y.length - 1;
    const at = place(chart, line.x[last] as number, lastFinite(line.y, last));
    if (at) labels.push({ text: line.label, colour: line.colour, ...at });
  }
  labels.sort((a, b) => a.y - b.y);
  context.save();
  context.font = labelFont;
  context.textBaseline = 'middle';
  let free = Number.NEGATIVE_INFINITY;
  for (const label of labels) {
    const y = Math.max(label.y, free);
    // Too far from its line to be read as its name: leave it to the legend.
    if (y - label.y > labelHeight * 1.5 || y > chart.chartArea.bottom + 4) continue;
    free = y + labelHeight;
    const x = Math.min(label.x + 8, chart.width - context.measureText(label.text).width - 2);
    if (x < chart.chartArea.right) {
      // A line that ended early: keep its name readable on top of the others.
      context.fillStyle = background;
      context.fillRect(x - 2, y - 7, context.measureText(label.text).width + 4, 14);
    }
    context.fillStyle = label.colour;
    context.fillText(label.text, x, y);
  }
  context.restore();
}
