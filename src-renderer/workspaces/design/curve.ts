export interface CurveFrame {
  width: number;
  height: number;
  margin: number;
  /** Of x. */
  range: readonly [number, number];
}

export interface CurveDrawing {
  /** SVG path data. */
  line: string;
  /** Of y; includes 0. */
  range: [number, number];
  x(value: number): number;
  y(value: number): number;
}

const samples = 96;

/** The graph of a function of one number as an SVG path that fills its frame. Jumps are drawn as steep lines. */
export function curvePath(curve: (x: number) => number, frame: CurveFrame): CurveDrawing {
  const [from, to] = frame.range;
  const points = Array.from({ length: samples + 1 }, (_, index) => {
    const x = from + ((to - from) * index) / samples;
    return [x, curve(x)] as const;
  });
  const values = points.map(([, y]) => y);
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const span = high - low || 1;
  const x = (value: number) => frame.margin + ((value - from) / (to - from)) * (frame.width - 2 * frame.margin);
  const y = (value: number) => frame.height - frame.margin - ((value - low) / span) * (frame.height - 2 * frame.margin);
  const line = points.map(([px, py], index) => `${index === 0 ? 'M' : 'L'}${round(x(px))} ${round(y(py))}`).join('');
  return { line, range: [low, high], x, y };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
