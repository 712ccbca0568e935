import type { ChartLine } from '../../../../../src-renderer/components/charts/chart-line';

/** A curve over 0, 1, 2 … for the tests of this folder. */
export function chartLine(y: number[], change: Partial<ChartLine> = {}): ChartLine {
  return {
    id: 'a',
    group: 'a',
    label: 'η 0.1',
    colour: '#0059a8',
    dash: [],
    width: 2,
    x: Float64Array.from(y, (_, i) => i),
    y: Float64Array.from(y),
    marks: [],
    outlier: false,
    ...change,
  };
}
