import type { Drawing, DrawingAxes, DrawingSeries } from '../../../../shared/api/scratchpad';

/** A coordinate system as it is before anything is drawn in it. */
export function blankAxes(row: number, column: number): DrawingAxes {
  return {
    row,
    column,
    title: '',
    xLabel: '',
    yLabel: '',
    xScale: 'linear',
    yScale: 'linear',
    xLimits: null,
    yLimits: null,
    legend: false,
    grid: false,
    series: [],
  };
}

/** A figure being drawn. */
export class Figure {
  title = '';
  size: Drawing['size'] = null;
  rows = 1;
  columns = 1;
  readonly axes: DrawingAxes[] = [];
  private current = 0;

  /** The axes that plt.plot and the like draw on. */
  get now(): DrawingAxes {
    return this.axes[this.current] ?? this.at(0, 0);
  }

  /** The axes at a place of the grid, which become the current ones. */
  at(row: number, column: number): DrawingAxes {
    const found = this.axes.findIndex((axes) => axes.row === row && axes.column === column);
    if (found >= 0) {
      this.current = found;
      return this.axes[found] as DrawingAxes;
    }
    const made = blankAxes(row, column);
    this.axes.push(made);
    this.current = this.axes.length - 1;
    return made;
  }

  drawing(): Drawing {
    const { size, title, rows, columns, axes } = this;
    return { kind: 'figure', size, title, rows, columns, axes: axes.map((one) => structuredClone(one)) };
  }
}

type Line = Extract<DrawingSeries, { kind: 'line' }>;

const letters: Record<string, string> = {
  b: 'blue',
  g: 'green',
  r: 'red',
  c: 'cyan',
  m: 'magenta',
  y: 'olive',
  k: 'black',
  w: 'white',
};
const colours: Record<string, string> = {
  'tab:blue': '#1f77b4',
  'tab:orange': '#ff7f0e',
  'tab:green': '#2ca02c',
  'tab:red': '#d62728',
  'tab:purple': '#9467bd',
  'tab:brown': '#8c564b',
  'tab:pink': '#e377c2',
  'tab:gray': '#7f7f7f',
  'tab:olive': '#bcbd22',
  'tab:cyan': '#17becf',
  C0: '#1f77b4',
  C1: '#ff7f0e',
  C2: '#2ca02c',
  C3: '#d62728',
  C4: '#9467bd',
};
/** Nothing but names and #-colours gets through to the page. */
export function toColour(word: string | null): string | null {
  if (word === null) return null;
  if (Object.hasOwn(letters, word)) return letters[word] ?? null;
  if (Object.hasOwn(colours, word)) return colours[word] ?? null;
  return /^(#[0-9a-fA-F]{3,8}|[a-zA-Z]+)$/.test(word) ? word : null;
}

const strokes: Record<string, Line['stroke']> = {
  '-': 'solid',
  '--': 'dashed',
  ':': 'dotted',
  '-.': 'dashed',
  solid: 'solid',
  dashed: 'dashed',
  dotted: 'dotted',
  '': 'none',
  None: 'none',
  none: 'none',
};

export const toStroke = (word: string): Line['stroke'] =>
  Object.hasOwn(strokes, word) ? (strokes[word] ?? 'solid') : 'solid';

/** 'ro--': colour, marker and stroke in one word. A marker alone draws no line. */
export function parseFormat(format: string): Pick<Line, 'color' | 'marker' | 'stroke'> {
  const stroke = /--|-\.|-|:/.exec(format)?.[0];
  const rest = stroke ? format.replace(stroke, '') : format;
  const marker = /[.,ov^<>sp*hH+xXdD|]/.exec(rest.replace(/C\d/, ''))?.[0] ?? null;
  const colour = /C\d|[bgrcmykw]/.exec(rest)?.[0] ?? null;
  return { color: toColour(colour), marker, stroke: stroke ? toStroke(stroke) : marker ? 'none' : 'solid' };
}
