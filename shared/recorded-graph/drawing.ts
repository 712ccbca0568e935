import type { BoxLine } from './labels';

/** A recorded graph with places, in pixels: what the page shows and a file in SVG holds. */
export interface GraphDrawing {
  width: number;
  height: number;
  boxes: DrawnBox[];
  links: DrawnLink[];
  frames: DrawnFrame[];
}

export interface Place {
  x: number;
  y: number;
}

export interface DrawnBox extends Place {
  id: string;
  /** x and y are those of the top left corner. */
  width: number;
  height: number;
  look: 'leaf' | 'constant' | 'operator' | 'layer';
  /** The graph was asked for because of it. */
  result: boolean;
  /** No gradient reaches it, while gradients are looked at. */
  pale: boolean;
  /** Of an independent branch. */
  branch: number | null;
  lines: BoxLine[];
}

export interface DrawnLink {
  key: string;
  from: string;
  to: string;
  way: 'forward' | 'backward';
  /** In the direction it points. */
  points: Place[];
  pale: boolean;
  label: (Place & { text: string }) | null;
}

/** Around the boxes of an open layer. */
export interface DrawnFrame extends Place {
  id: string;
  width: number;
  height: number;
  title: string;
}

/** Sizes of what is written, in pixels. */
export const textSize = { title: 13, detail: 11, value: 12, gradient: 12, label: 11 } as const;
export const lineHeight = 16;
export const boxPadding = { x: 10, y: 7 } as const;

/** Baseline of a line of a box, from its top. */
export const baseline = (line: number): number => boxPadding.y + lineHeight * line + 12;

/** A smooth line through the points, as the attribute d of a path. */
export function pathOf(points: readonly Place[]): string {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return '';
  const at = ({ x, y }: Place): string => `${round(x)} ${round(y)}`;
  // Those between are handles of curves, which join half-way between two of them.
  const handles = points.slice(1, -1);
  const curves = handles.map((handle, i) => {
    const next = handles[i + 1];
    return `Q ${at(handle)} ${at(next ? { x: (handle.x + next.x) / 2, y: (handle.y + next.y) / 2 } : last)}`;
  });
  return [`M ${at(first)}`, ...(curves.length > 0 ? curves : [`L ${at(last)}`])].join(' ');
}

/** The head of the arrow: three corners, as the attribute points of a polygon. */
export function arrowHead(points: readonly Place[], size = 6): string {
  const [tip, before] = [points.at(-1), points.at(-2)];
  if (!tip || !before) return '';
  const length = Math.hypot(tip.x - before.x, tip.y - before.y) || 1;
  const [dx, dy] = [(tip.x - before.x) / length, (tip.y - before.y) / length];
  const corner = (along: number, across: number): string =>
    `${round(tip.x - along * dx - across * dy)},${round(tip.y - along * dy + across * dx)}`;
  return [corner(0, 0), corner(size, size / 2), corner(size, -size / 2)].join(' ');
}

const round = (value: number): number => Math.round(value * 10) / 10;
