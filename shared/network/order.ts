import type { Edge, NetworkDocument } from './document';

/**
 * Layers so that each comes after those it reads from; ties keep the order of the document, so that the same document always
 * draws its weights in the same order. Layers on a cycle, or after one, are left out.
 */
export function topologicalOrder(network: NetworkDocument): string[] {
  const ids = [...new Set(network.layers.map(({ id }) => id))];
  const position = new Map(ids.map((id, index) => [id, index]));
  const waiting = new Map(ids.map((id) => [id, 0]));
  const following = new Map<string, string[]>();
  for (const { from, to } of network.edges) {
    if (!position.has(from) || !position.has(to)) continue;
    waiting.set(to, (waiting.get(to) ?? 0) + 1);
    following.set(from, [...(following.get(from) ?? []), to]);
  }
  const order: string[] = [];
  const ready = ids.filter((id) => waiting.get(id) === 0);
  while (ready.length > 0) {
    const id = ready.shift() as string;
    order.push(id);
    for (const next of following.get(id) ?? []) {
      const left = (waiting.get(next) ?? 0) - 1;
      waiting.set(next, left);
      if (left !== 0) continue;
      const place = ready.findIndex((other) => (position.get(other) ?? 0) > (position.get(next) ?? 0));
      ready.splice(place === -1 ? ready.length : place, 0, next);
    }
  }
  return order;
}

/** The layers from which `start` is reached along (or, with 'to', against) the edges, itself included. */
export function reachable(edges: readonly Edge[], start: readonly string[], direction: 'from' | 'to'): Set<string> {
  const next = new Map<string, string[]>();
  for (const { from, to } of edges) {
    const [here, there] = direction === 'from' ? [from, to] : [to, from];
    next.set(here, [...(next.get(here) ?? []), there]);
  }
  const seen = new Set(start);
  const queue = [...start];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    for (const other of next.get(id) ?? []) {
      if (seen.has(other)) continue;
      seen.add(other);
      queue.push(other);
    }
  }
  return seen;
}

/** Each cycle once, as the layers along it, from the one that stands first in the document. */
export function cycles(network: NetworkDocument): string[][] {
  const order = new Set(topologicalOrder(network));
  const ids = network.layers.map(({ id }) => id);
  const edges = network.edges.filter(({ from, to }) => !order.has(from) && !order.has(to));
  const found: string[][] = [];
  const taken = new Set<string>();
  for (const id of ids) {
    if (order.has(id) || taken.has(id)) continue;
    const path = pathBack(edges, id, taken);
    if (!path) continue;
    for (const layer of path) taken.add(layer);
    found.push(path);
  }
  return found;
}

/** The shortest way along the edges from a layer to itself. */
function pathBack(edges: readonly Edge[], start: string, avoid: ReadonlySet<string>): string[] | null {
  const before = new Map<string, string>();
  const queue = [start];
  for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
    for (const { from, to } of edges) {
      if (from !== id || avoid.has(to)) continue;
      if (to === start) {
        const path = [id];
        for (let step = before.get(id); step !== undefined; step = before.get(step)) path.unshift(step);
        return path;
      }
      if (before.has(to)) continue;
      before.set(to, id);
      queue.push(to);
    }
  }
  return null;
}
