/** Something drawn under a cell: what matplotlib.pyplot made, as data. The page draws it. */
export interface Drawing {
  kind: 'figure';
  /** Inches, as figsize has them; null: as wide as the cell. */
  size: { width: number; height: number } | null;
  title: string;
  /** In rows, as subplots(rows, columns) places them. */
  rows: number;
  columns: number;
  axes: DrawingAxes[];
}

export interface DrawingAxes {
  /** Place in the grid, from 0. */
  row: number;
  column: number;
  title: string;
  xLabel: string;
  yLabel: string;
  xScale: 'linear' | 'log';
  yScale: 'linear' | 'log';
  xLimits: [number, number] | null;
  yLimits: [number, number] | null;
  legend: boolean;
  grid: boolean;
  series: DrawingSeries[];
}

export type DrawingSeries =
  | {
      kind: 'line';
      x: number[];
      y: number[];
      label: string | null;
      /** A CSS colour, or null for the next one of the palette. */
      color: string | null;
      stroke: 'solid' | 'dashed' | 'dotted' | 'none';
      marker: string | null;
      opacity: number;
    }
  | {
      kind: 'bars';
      /** Where each bar begins. */
      left: number[];
      width: number[];
      height: number[];
      /** Names under the bars, where the positions are categories. */
      names: string[] | null;
      label: string | null;
      color: string | null;
      opacity: number;
    }
  | {
      kind: 'image';
      rows: number;
      columns: number;
      /** Row by row; 1 value a pixel, or 3 (red, green, blue from 0 to 1). */
      channels: 1 | 3;
      values: number[];
      colormap: string;
      minimum: number;
      maximum: number;
    };

/** How the value of a variable is drawn. */
export const valueViews = ['plot', 'map'] as const;
export type ValueView = (typeof valueViews)[number];

/** What a cell wrote and drew while it ran, in order. */
export type CellOutput = { kind: 'text'; text: string } | { kind: 'drawing'; drawing: Drawing };

/** Where an error of a program lies: lines from 1, columns from 1, the end behind the last character. */
export interface CodeRange {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

/** An error of the program in a cell. */
export interface CellError {
  /** Python's name: 'TypeError', 'SyntaxError', …, or what ended the cell: 'Stopped', 'TimeLimit', 'StepLimit', 'OutputLimit'. */
  kind: string;
  message: string;
  /** What to do about it, where that is known. */
  hint: string | null;
  range: CodeRange;
  /** The calls of functions that were running, outermost first. */
  traceback: { name: string; line: number }[];
}

/** How a cell ended. */
export type CellOutcome =
  | {
      status: 'done';
      /** The value of the last line as it would be written; null: it gave none. */
      value: string | null;
      seconds: number;
    }
  | { status: 'failed'; error: CellError; seconds: number }
  /** The program did not end when it was asked to, or took too much memory: the notebook's variables are gone. */
  | { status: 'lost'; reason: 'stopped' | 'memory' | 'crashed'; detail: string };

export interface VariableInfo {
  name: string;
  /** Python's name of its type. */
  type: string;
  /** Of a tensor. */
  shape: number[] | null;
  /** Of a tensor that is not on the CPU: cuda:0. */
  device: string | null;
  /** Its value, shortened. */
  text: string;
  /** It can be opened as a network, as far as can be told at a glance. */
  network: boolean;
}

/** What has to be asked before a variable is opened as a network. */
export type NetworkSource =
  | {
      kind: 'module';
      /** Of one sample, for each input of its last call; null: it was never called. */
      inputs: number[][] | null;
      /** What the shape of its input seems to be. */
      guess: number[] | null;
    }
  /** Tensors without gradient that it was computed from, with a row for each of its own. */
  | { kind: 'tensor'; leaves: { name: string; shape: number[] }[] };

export interface Suggestion {
  name: string;
  /** 'text': what stands between quotes. */
  kind: 'keyword' | 'variable' | 'function' | 'class' | 'module' | 'text';
  /** Parameters of a function. */
  signature: string | null;
  help: string;
}

export interface OpenScratchpad {
  /** Handle for further calls. */
  scratchpad: string;
  /** The cell that is running: of a notebook that is taken up again. */
  running: string | null;
  /** Empty while a cell runs. */
  variables: VariableInfo[];
}
