import type { Edge } from '../../../shared/network/document';
import type { Box, NodeSize } from './arrange';

/** Between two rows: room for the connection that leads back to the left. */
const rowGap = 48;
/** More rows than this would have to be scrolled all the same. */
const mostRows = 40;
/** One more row must show the network so much larger to be worth the broken line. */
const worthARow = 1.05;

/** Columns that stay together: between two blocks exactly one connection passes, or none. */
interface Block {
  boxes: Box[];
  left: number;
  right: number;
}

/** Breaks a layout that runs from left to right into the rows in which it is seen largest in `room`. One that fits stays as it is. */
export function wrapRows(boxes: Box[], edges: readonly Edge[], room: NodeSize): Box[] {
  const blocks = blocksOf(boxes, edges);
  let best = { rows: [blocks], zoom: zoomOf([blocks], room) };
  const whole = widthOf(blocks);
  for (let count = 2; count <= Math.min(blocks.length, mostRows) && best.zoom < 1; count++) {
    const rows = rowsOf(blocks, whole / count);
    const zoom = zoomOf(rows, room);
    if (zoom > best.zoom * worthARow) best = { rows, zoom };
  }
  let top = 0;
  return best.rows.flatMap((row) => {
    const { left, above, height } = extentOf(row);
    const placed = row.flatMap(({ boxes: own }) =>
      own.map((box) => ({ ...box, x: box.x - left, y: box.y - above + top })),
    );
    top += height + rowGap;
    return placed;
  });
}

function blocksOf(boxes: Box[], edges: readonly Edge[]): Block[] {
  const centres = [...new Set(boxes.map(centreOf))].sort((a, b) => a - b);
  const columnOf = new Map(boxes.map((box) => [box.id, centres.indexOf(centreOf(box))]));
  const passing = centres.map(
    (_, gap) =>
      edges.filter(({ from, to }) => (columnOf.get(from) ?? 0) <= gap && gap < (columnOf.get(to) ?? 0)).length,
  );
  const blocks: Block[] = [];
  let open: Block | null = null;
  for (const [column] of centres.entries()) {
    const own = boxes.filter(({ id }) => columnOf.get(id) === column);
    open ??= { boxes: [], left: Infinity, right: -Infinity };
    open.boxes.push(...own);
    open.left = Math.min(open.left, ...own.map(({ x }) => x));
    open.right = Math.max(open.right, ...own.map(({ x, width }) => x + width));
    if ((passing[column] ?? 0) > 1) continue;
    blocks.push(open);
    open = null;
  }
  return blocks;
}

/** Filled one after another, none wider than `width` unless a single block is. */
function rowsOf(blocks: readonly Block[], width: number): Block[][] {
  const rows: Block[][] = [];
  for (const block of blocks) {
    const row = rows.at(-1);
    if (row && widthOf([...row, block]) <= width) row.push(block);
    else rows.push([block]);
  }
  return rows;
}

/** dagre centres the cards of a column, up to rounding. */
function centreOf({ x, width }: Box): number {
  return Math.round(x + width / 2);
}

function widthOf(row: readonly Block[]): number {
  return (row.at(-1)?.right ?? 0) - (row[0]?.left ?? 0);
}

function extentOf(row: readonly Block[]): { left: number; above: number; height: number } {
  const boxes = row.flatMap((block) => block.boxes);
  const above = boxes.reduce((least, { y }) => Math.min(least, y), Infinity);
  const below = boxes.reduce((most, { y, height }) => Math.max(most, y + height), -Infinity);
  return { left: row[0]?.left ?? 0, above, height: below - above };
}

function zoomOf(rows: readonly Block[][], room: NodeSize): number {
  const width = rows.reduce((most, row) => Math.max(most, widthOf(row)), 1);
  const height = rows.reduce((sum, row) => sum + extentOf(row).height + rowGap, -rowGap);
  return Math.min(1, room.width / width, room.height / Math.max(1, height));
}
