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
