import type { DrawnBox } from '../../../shared/recorded-graph/drawing';

const centre = ({ x, y, width, height }: DrawnBox): { x: number; y: number } => ({
  x: x + width / 2,
  y: y + height / 2,
});

/** What arrow keys mean. */
export const ways: Record<string, { x: number; y: number }> = {
  ArrowRight: { x: 1, y: 0 },
  ArrowLeft: { x: -1, y: 0 },
  ArrowDown: { x: 0, y: 1 },
  ArrowUp: { x: 0, y: -1 },
};

/** The nearest box in the direction of an arrow key; what lies aside counts as farther away. The first one from nowhere. */
export function nextBox(boxes: readonly DrawnBox[], from: DrawnBox | null, key: string): DrawnBox | null {
  const way = ways[key];
  if (!from || !way) return boxes[0] ?? null;
  const start = centre(from);
  let [best, least]: [DrawnBox | null, number] = [null, Infinity];
  for (const box of boxes) {
    const { x, y } = centre(box);
    const along = (x - start.x) * way.x + (y - start.y) * way.y;
    const aside = Math.abs((x - start.x) * way.y) + Math.abs((y - start.y) * way.x);
    if (along <= 1 || along + 2 * aside >= least) continue;
    [best, least] = [box, along + 2 * aside];
  }
  return best;
}
