/** Pixels. */
export const rowHeight = 26;
const narrowestColumn = 108;
const widestColumn = 190;
export const gutterWidth = 92;
export const headerHeight = 112;
/** Browsers end a scrolled area at about 33 million pixels. */
export const mostRows = 1_000_000;

/** Which of `count` items of `size` pixels are seen in `room` pixels after scrolling by `scrolled`, with some on either side. */
export function visibleRange(
  scrolled: number,
  room: number,
  size: number,
  count: number,
  extra: number,
): { from: number; to: number } {
  const first = Math.floor(Math.max(0, scrolled) / size);
  const last = Math.ceil((Math.max(0, scrolled) + Math.max(0, room)) / size);
  const from = Math.max(0, Math.min(count, first - extra));
  return { from, to: Math.max(from, Math.min(count, last + extra)) };
}

/** Columns share the room they have, within what can be read. */
export function fittingWidth(room: number, columns: number): number {
  return Math.floor(Math.min(widestColumn, Math.max(narrowestColumn, (room - gutterWidth) / Math.max(1, columns))));
}
