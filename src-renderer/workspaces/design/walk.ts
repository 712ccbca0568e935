import type { Layer, NetworkDocument } from '../../../shared/network/document';

export type Direction = 'left' | 'right' | 'up' | 'down';

const axes: Record<Direction, { along: 'x' | 'y'; across: 'x' | 'y'; sign: 1 | -1 }> = {
  left: { along: 'x', across: 'y', sign: -1 },
  right: { along: 'x', across: 'y', sign: 1 },
  up: { along: 'y', across: 'x', sign: -1 },
  down: { along: 'y', across: 'x', sign: 1 },
};

/** The layer an arrow key leads to: the nearest in that direction, connected ones before others. Null: there is none. */
export function neighbour(network: NetworkDocument, from: string, direction: Direction): string | null {
  const start = network.layers.find(({ id }) => id === from);
  if (!start) return null;
  const { along, across, sign } = axes[direction];
  if (along === 'x') {
    const next = acrossRows(network, start, sign);
    if (next !== null) return next;
  }
  const connected = new Set(
    network.edges.flatMap((edge) => (edge.from === from ? [edge.to] : edge.to === from ? [edge.from] : [])),
  );
  let best: { id: string; distance: number } | null = null;
  for (const { id, position } of network.layers) {
    const ahead = sign * (position[along] - start.position[along]);
    if (id === from || ahead <= 0) continue;
    const aside = Math.abs(position[across] - start.position[across]);
    const distance = (ahead + 2 * aside) * (connected.has(id) ? 0.5 : 1);
    if (!best || distance < best.distance) best = { id, distance };
  }
  return best?.id ?? null;
}

/** At the end of a row the connection leads on to the next one, and back. Null inside a row. */
function acrossRows({ layers, edges }: NetworkDocument, start: Layer, sign: 1 | -1): string | null {
  const joined = edges.flatMap(({ from, to }) =>
    sign > 0 ? (from === start.id ? [to] : []) : to === start.id ? [from] : [],
  );
  const places = layers.filter(({ id }) => joined.includes(id));
  const wrapped = places.every(({ position }) => sign * (position.x - start.position.x) <= 0);
  return wrapped ? (places[0]?.id ?? null) : null;
}

/** The first layer of the network as it is read: leftmost, then topmost. */
export function firstLayer(network: NetworkDocument): string | null {
  const ordered = network.layers.toSorted((a, b) => a.position.x - b.position.x || a.position.y - b.position.y);
  return ordered[0]?.id ?? null;
}

/** Where a layer added from the keyboard goes: after the selected one, or after the last before the output. */
export function appendPlace(
  network: NetworkDocument,
  selected: ReadonlySet<string>,
  isOutput: (kind: string) => boolean,
) {
  const chosen = [...selected].at(-1);
  if (chosen !== undefined) {
    const kind = network.layers.find(({ id }) => id === chosen)?.kind ?? '';
    if (!isOutput(kind)) return chosen;
  }
  const output = network.layers.find(({ kind }) => isOutput(kind));
  const before = network.edges.find(({ to }) => to === output?.id)?.from;
  if (before !== undefined) return before;
  const ends = network.layers.filter(
    ({ id, kind }) => !isOutput(kind) && !network.edges.some((edge) => edge.from === id),
  );
  return ends.toSorted((a, b) => b.position.x - a.position.x)[0]?.id ?? null;
}
