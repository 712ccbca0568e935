/** Cells of a notebook as one Python file, each under its mark. */
const mark = '# %%';

export function parseCells(text: string): string[] {
  const cells: string[][] = [];
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  for (const line of lines) {
    if (line.startsWith(mark)) cells.push([]);
    else if (cells.length === 0) cells.push([line]);
    else cells.at(-1)?.push(line);
  }
  const trimmed = cells.map((lines) => lines.join('\n').replace(/^\n+|\s+$/g, ''));
  // What stands above the first mark is a cell of its own, unless it is empty.
  return lines[0]?.startsWith(mark) || trimmed[0] !== '' ? trimmed : trimmed.slice(1);
}

export function stringifyCells(cells: readonly string[]): string {
  return cells.map((code) => `${mark}\n${code.trimEnd()}\n`).join('\n');
}
