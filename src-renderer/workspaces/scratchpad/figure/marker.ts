/** The outline of a marker of matplotlib around 0, 0; `open`: stroked, not filled. */
export interface Marker {
  path: string;
  open: boolean;
}

const circle = (radius: number): string =>
  `M${radius} 0A${radius} ${radius} 0 1 1 ${-radius} 0A${radius} ${radius} 0 1 1 ${radius} 0Z`;

const markers: Record<string, Marker> = {
  '.': { path: circle(2), open: false },
  ',': { path: circle(1), open: false },
  o: { path: circle(3.2), open: false },
  s: { path: 'M-3 -3H3V3H-3Z', open: false },
  D: { path: 'M0 -4L4 0L0 4L-4 0Z', open: false },
  d: { path: 'M0 -4L2.6 0L0 4L-2.6 0Z', open: false },
  '^': { path: 'M0 -3.6L3.6 3H-3.6Z', open: false },
  v: { path: 'M0 3.6L3.6 -3H-3.6Z', open: false },
  '<': { path: 'M-3.6 0L3 -3.6V3.6Z', open: false },
  '>': { path: 'M3.6 0L-3 -3.6V3.6Z', open: false },
  x: { path: 'M-3 -3L3 3M-3 3L3 -3', open: true },
  X: { path: 'M-3 -3L3 3M-3 3L3 -3', open: true },
  '+': { path: 'M-4 0H4M0 -4V4', open: true },
  P: { path: 'M-4 0H4M0 -4V4', open: true },
  '*': { path: 'M0 -4.4L1.2 -1.4L4.2 -1.4L1.8 0.6L2.7 3.6L0 1.8L-2.7 3.6L-1.8 0.6L-4.2 -1.4L-1.2 -1.4Z', open: false },
};

/** One that is not known is drawn as a dot, like '.'. */
export function markerOf(name: string): Marker {
  return markers[name] ?? { path: circle(2.6), open: false };
}
