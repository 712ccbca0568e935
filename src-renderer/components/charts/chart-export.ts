import type { ChartLine } from './chart-line';

/**
 * All values of all curves as a table, one row for each x that any curve has. A point as decimal separator and a comma between cells,
 * quotes doubled, as RFC 4180 wants; a missing value is an empty cell.
 */
export function chartCsv(lines: readonly ChartLine[], xTitle: string, name: (line: ChartLine) => string): string {
  const rows = new Map<number, (number | undefined)[]>();
  lines.forEach((line, column) => {
    for (let i = 0; i < line.x.length; i++) {
      const x = line.x[i] as number;
      let row = rows.get(x);
      if (!row) rows.set(x, (row = []));
      row[column] = line.y[i];
    }
  });
  const header = [xTitle, ...lines.map(name)].map(csvCell).join(',');
  const body = [...rows.entries()]
    .sort(([a], [b]) => a - b)
    .map(([x, values]) =>
      [x, ...lines.map((_, column) => values[column])]
        .map((value) => (value === undefined || !Number.isFinite(value) ? '' : String(value)))
        .join(','),
    );
  return [header, ...body].join('\r\n') + '\r\n';
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** What an SVG needs of a drawn chart: everything in pixels already. */
export interface DrawnChart {
  width: number;
  height: number;
  area: { left: number; right: number; top: number; bottom: number };
  x: DrawnAxis;
  y: DrawnAxis;
  lines: {
    label: string;
    colour: string;
    dash: number[];
    width: number;
    points: ({ x: number; y: number } | null)[];
  }[];
  text: string;
  grid: string;
  background: string;
}

export interface DrawnAxis {
  title: string;
  ticks: { at: number; label: string }[];
}

export function chartSvg(chart: DrawnChart): string {
  const { area } = chart;
  const parts: string[] = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${chart.width}" height="${chart.height}" viewBox="0 0 ${chart.width} ${chart.height}" font-family="system-ui, sans-serif" font-size="11">`,
    `<rect width="100%" height="100%" fill="${chart.background}"/>`,
    `<clipPath id="area"><rect x="${area.left}" y="${area.top}" width="${area.right - area.left}" height="${area.bottom - area.top}"/></clipPath>`,
  ];
  for (const tick of chart.x.ticks) {
    parts.push(
      `<line x1="${round(tick.at)}" x2="${round(tick.at)}" y1="${area.top}" y2="${area.bottom}" stroke="${chart.grid}"/>`,
      `<text x="${round(tick.at)}" y="${area.bottom + 14}" text-anchor="middle" fill="${chart.text}">${escape(tick.label)}</text>`,
    );
  }
  for (const tick of chart.y.ticks) {
    parts.push(
      `<line x1="${area.left}" x2="${area.right}" y1="${round(tick.at)}" y2="${round(tick.at)}" stroke="${chart.grid}"/>`,
      `<text x="${area.left - 6}" y="${round(tick.at) + 4}" text-anchor="end" fill="${chart.text}">${escape(tick.label)}</text>`,
    );
  }
  for (const line of chart.lines) {
    const dash = line.dash.length > 0 ? ` stroke-dasharray="${line.dash.join(' ')}"` : '';
    parts.push(
      `<path d="${path(line.points)}" fill="none" stroke="${line.colour}" stroke-width="${line.width}"${dash} clip-path="url(#area)"><title>${escape(line.label)}</title></path>`,
    );
  }
  const middle = (area.top + area.bottom) / 2;
  parts.push(
    `<text x="${(area.left + area.right) / 2}" y="${chart.height - 4}" text-anchor="middle" fill="${chart.text}">${escape(chart.x.title)}</text>`,
    `<text transform="translate(12 ${middle}) rotate(-90)" text-anchor="middle" fill="${chart.text}">${escape(chart.y.title)}</text>`,
    '</svg>',
  );
  return parts.join('\n');
}

function path(points: DrawnChart['lines'][number]['points']): string {
  let pen = 'M';
  const commands: string[] = [];
  for (const point of points) {
    if (!point || !Number.isFinite(point.y) || !Number.isFinite(point.x)) {
      pen = 'M';
      continue;
    }
    commands.push(`${pen}${round(point.x)} ${round(point.y)}`);
    pen = 'L';
  }
  return commands.join('');
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
