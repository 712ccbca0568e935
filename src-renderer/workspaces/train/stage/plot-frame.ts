/** A small plot on a canvas: the mapping from values to pixels, and the axes. */
export interface PlotFrame {
  left: number;
  top: number;
  width: number;
  height: number;
  x: [number, number];
  y: [number, number];
}

export interface PlotColours {
  text: string;
  grid: string;
}

export function plotX(frame: PlotFrame, value: number): number {
  return frame.left + ((value - frame.x[0]) / (frame.x[1] - frame.x[0] || 1)) * frame.width;
}

export function plotY(frame: PlotFrame, value: number): number {
  return frame.top + frame.height - ((value - frame.y[0]) / (frame.y[1] - frame.y[0] || 1)) * frame.height;
}

/** Smallest and largest of some values with a margin (a share of the span); null without any finite one. */
export function paddedRange(values: Iterable<number>, margin: number): [number, number] | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return null;
  const space = (high - low || Math.abs(high) || 1) * margin;
  return [low - space, high + space];
}

/** At most `most` round values inside a range: multiples of 1, 2 or 5 times a power of ten. */
export function roundTicks([low, high]: [number, number], most: number): number[] {
  const span = high - low;
  if (!(span > 0)) return [];
  const power = 10 ** Math.floor(Math.log10(span / most));
  const step =
    [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => span / candidate <= most) ?? power * 10;
  const ticks: number[] = [];
  for (let k = Math.ceil(low / step); k * step <= high + step * 1e-9; k++)
    ticks.push(Number((k * step).toPrecision(12)));
  return ticks;
}

export function drawAxes(
  context: CanvasRenderingContext2D,
  frame: PlotFrame,
  colours: PlotColours,
  format: (value: number) => string,
  grid: boolean,
): void {
  context.save();
  context.font = '10px system-ui, sans-serif';
  context.lineWidth = 1;
  context.strokeStyle = colours.grid;
  context.fillStyle = colours.text;
  context.textBaseline = 'top';
  context.textAlign = 'center';
  const bottom = frame.top + frame.height;
  for (const tick of roundTicks(frame.x, Math.max(2, Math.floor(frame.width / 55)))) {
    const x = Math.round(plotX(frame, tick)) + 0.5;
    if (grid) line(context, x, frame.top, x, bottom);
    context.fillText(format(tick), x, bottom + 3);
  }
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  for (const tick of roundTicks(frame.y, Math.max(2, Math.floor(frame.height / 28)))) {
    const y = Math.round(plotY(frame, tick)) + 0.5;
    if (grid) line(context, frame.left, y, frame.left + frame.width, y);
    context.fillText(format(tick), frame.left - 4, y);
  }
  context.strokeRect(frame.left + 0.5, frame.top + 0.5, frame.width - 1, frame.height - 1);
  context.restore();
}

function line(context: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}
