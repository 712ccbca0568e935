import { describe, expect, it } from 'vitest';
import { chartDatasets } from '../../../../../src-renderer/components/charts/chart-datasets';
import { chartCsv, chartSvg } from '../../../../../src-renderer/components/charts/chart-export';
import { nearestIndex, readingsAt } from '../../../../../src-renderer/components/charts/chart-line';
import { chartTable } from '../../../../../src-renderer/components/charts/chart-table';
import { smooth } from '../../../../../src-renderer/components/charts/smooth';
import { chartLine } from './charts';

const view = { x: { width: 100, minimum: 0, maximum: 10, log: false }, yLog: false, smoothing: 0 };

describe('chartDatasets', () => {
  it('breaks the line where a log axis has no place for a value', () => {
    const [dataset] = chartDatasets([chartLine([1, 0, 2])], { ...view, yLog: true });
    expect(dataset?.data.map((point) => point.y)).toEqual([1, NaN, 2]);
  });

  it('keeps the raw curve faint under the smoothed one', () => {
    const datasets = chartDatasets([chartLine([0, 1, 0, 1])], { ...view, smoothing: 0.5 });
    expect(datasets).toHaveLength(2);
    expect(datasets[0]?.data.map((point) => point.y)).toEqual([0, 1, 0, 1]);
    expect(datasets[0]?.borderColor).toBe('#0059a840');
    expect(datasets[1]?.data[1]?.y).toBeCloseTo(2 / 3, 12);
  });
});

describe('smooth', () => {
  it('is unbiased from the first value on and leaves gaps', () => {
    expect([...smooth([4, 4, NaN, 4], 0.9)].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([4, 4, NaN, 4]);
    expect([...smooth([1, 5, 2], 0)]).toEqual([1, 5, 2]);
  });
});

describe('chartCsv', () => {
  it('has one row for each epoch of any curve, empty cells for gaps, quoted names', () => {
    const lines = [chartLine([1, NaN]), chartLine([3, 4, 5], { label: 'η "1", valid' })];
    expect(chartCsv(lines, 'epoch', (line) => line.label)).toBe(
      'epoch,η 0.1,"η ""1"", valid"\r\n0,1,3\r\n1,,4\r\n2,,5\r\n',
    );
  });
});

describe('chartSvg', () => {
  it('draws a broken path for a gap and escapes text', () => {
    const svg = chartSvg({
      width: 100,
      height: 50,
      area: { left: 10, right: 90, top: 5, bottom: 40 },
      x: { title: 'a & b', ticks: [{ at: 10, label: '0' }] },
      y: { title: '<loss>', ticks: [] },
      lines: [{ label: 'l', colour: '#000', dash: [3, 3], width: 2, points: [{ x: 1, y: 2 }, null, { x: 3, y: 4 }] }],
      text: '#111',
      grid: '#222',
      background: '#fff',
    });
    expect(svg).toContain('d="M1 2M3 4"');
    expect(svg).toContain('stroke-dasharray="3 3"');
    expect(svg).toContain('a &amp; b');
    expect(svg).toContain('&lt;loss&gt;');
    expect(new DOMParser().parseFromString(svg, 'image/svg+xml').querySelector('path')).not.toBeNull();
  });
});

describe('chartTable', () => {
  it('is short, and has the first, the last and every marked epoch', () => {
    const y = Array.from({ length: 5000 }, (_, i) => 1 / (i + 1));
    const line = chartLine(y, { marks: [{ index: 4321, kind: 'best', label: 'best' }] });
    const rows = chartTable([line, chartLine([7])], 20);
    expect(rows).toHaveLength(21);
    expect(rows[0]).toEqual({ x: 0, values: [1, 7] });
    expect(rows.at(-1)?.x).toBe(4999);
    expect(rows.find((row) => row.x === 4321)?.values[0]).toBe(1 / 4322);
    expect(rows.at(-1)?.values[1]).toBeNaN();
  });
});

describe('nearestIndex', () => {
  it('finds the closest value of an ascending list', () => {
    expect([-5, 0, 4, 6, 99].map((value) => nearestIndex([0, 5, 10], value))).toEqual([0, 0, 1, 1, 2]);
    expect(nearestIndex([], 1)).toBe(-1);
  });
});

describe('readingsAt', () => {
  it('puts the curves of a lane together and leaves out what has no value there', () => {
    const lines = [
      chartLine([1, 2]),
      chartLine([3, NaN], { label: 'η 0.1 · valid', dash: [3, 3] }),
      chartLine([9], { group: 'b', label: 'η 1' }),
    ];
    expect(readingsAt(lines, 0).map(({ label, values }) => [label, values])).toEqual([
      ['η 0.1', [1, 3]],
      ['η 1', [9]],
    ]);
    expect(readingsAt(lines, 1).map(({ values }) => values)).toEqual([[2]]);
    expect(readingsAt(lines, 0.5)).toEqual([]);
  });
});
