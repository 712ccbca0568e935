import { layerDefinition } from '../layers';
import { parameterValues } from '../layers/parameters';
import type { Edge, Layer, NetworkDocument, ParameterValue } from './document';

/** Pure edits: each returns a new network and leaves the one it was given as it is. */

/** Distance between branches on the canvas, from top to bottom. */
export const branchStep = 110;

/** Letters of a name that fit onto a narrow card. */
const narrowName = 10;

/**
 * From the left edge of a layer to that of the next: those that show a parameter, how many weights they have, or a long name (in
 * whichever language) are wider.
 */
export function layerStep(kind: string): number {
  const definition = layerDefinition(kind);
  if (definition?.role !== undefined || !definition) return definition?.role === 'input' ? 126 : 120;
  const long = Object.values(definition.label).some((label) => label.length > narrowName);
  const shows = definition.parameters.some(({ advanced, type }) => !advanced && type !== 'boolean');
  return definition.weights || long || shows ? 184 : 120;
}

/** `linear`, then `linear-2`, `linear-3`, … */
export function freeId(network: NetworkDocument, kind: string): string {
  const taken = new Set(network.layers.map(({ id }) => id));
  if (!taken.has(kind)) return kind;
  let number = 2;
  while (taken.has(`${kind}-${number}`)) number++;
  return `${kind}-${number}`;
}

export function addLayer(
  network: NetworkDocument,
  kind: string,
  options: { position: { x: number; y: number }; parameters?: Layer['parameters'] },
): { network: NetworkDocument; id: string } {
  const id = freeId(network, kind);
  const layer: Layer = { id, kind, parameters: { ...options.parameters }, position: { ...options.position } };
  return { network: { ...network, layers: [...network.layers, layer] }, id };
}

/**
 * Adds a layer to the right of another, between it and what follows: the way a chain is built from the keyboard. A layer with
 * more inputs to fill only branches off below, so that appending breaks nothing.
 */
export function appendAfter(
  network: NetworkDocument,
  after: string,
  kind: string,
): { network: NetworkDocument; id: string } {
  const source = network.layers.find(({ id }) => id === after);
  const definition = layerDefinition(kind);
  const { x, y } = source?.position ?? { x: 0, y: 0 };
  const right = { x: source ? x + layerStep(source.kind) : 0, y };
  if (!source || !definition || layerDefinition(source.kind)?.hasOutput === false || definition.inputs[1] === 0) {
    return addLayer(network, kind, { position: right });
  }
  const outgoing = network.edges.filter(({ from }) => from === after);
  const between = definition.hasOutput && definition.inputs[0] === 1;
  const branches = !between && outgoing.length > 0;
  const added = addLayer(between ? makeRoom(network, after, kind) : network, kind, {
    position: branches ? { x: right.x, y: y + branchStep } : right,
  });
  const edges = added.network.edges.map((edge) =>
    between && outgoing.includes(edge) ? { ...edge, from: added.id } : edge,
  );
  return { id: added.id, network: connect({ ...added.network, edges }, { from: after, to: added.id, port: 0 }) };
}

/** Puts a layer into a connection. */
export function insertOnEdge(
  network: NetworkDocument,
  edge: Edge,
  kind: string,
  { position, parameters }: { position?: { x: number; y: number }; parameters?: Layer['parameters'] } = {},
): { network: NetworkDocument; id: string } {
  const source = network.layers.find(({ id }) => id === edge.from);
  const room = position || !source ? network : makeRoom(network, edge.from, kind);
  const place = position ?? {
    x: (source?.position.x ?? 0) + layerStep(source?.kind ?? ''),
    y: source?.position.y ?? 0,
  };
  const added = addLayer(room, kind, { position: place, parameters });
  const edges = added.network.edges.filter((other) => !sameEdge(other, edge));
  const before = { from: edge.from, to: added.id, port: 0 };
  return { id: added.id, network: { ...added.network, edges: [...edges, before, { ...edge, from: added.id }] } };
}

export function removeLayers(network: NetworkDocument, ids: Iterable<string>): NetworkDocument {
  const removed = new Set(ids);
  return {
    ...network,
    layers: network.layers.filter(({ id }) => !removed.has(id)),
    edges: network.edges.filter(({ from, to }) => !removed.has(from) && !removed.has(to)),
  };
}

/** Removes a layer and joins what came before its first input to everything after it. */
export function bypassLayer(network: NetworkDocument, id: string): NetworkDocument {
  const source = network.edges.find(({ to, port }) => to === id && port === 0)?.from;
  const after = network.edges.filter(({ from, to }) => from === id && to !== id);
  const rest = removeLayers(network, [id]);
  if (source === undefined || source === id) return rest;
  return after.reduce((result, edge) => connect(result, { ...edge, from: source }), rest);
}

/** Replaces what led into the same port. */
export function connect(network: NetworkDocument, edge: Edge): NetworkDocument {
  const others = network.edges.filter(({ to, port }) => to !== edge.to || port !== edge.port);
  return { ...network, edges: [...others, { ...edge }] };
}

export function disconnect(network: NetworkDocument, edge: Edge): NetworkDocument {
  return { ...network, edges: network.edges.filter((other) => !sameEdge(other, edge)) };
}

/** null returns to the default, which is not stored. */
export function setParameter(
  network: NetworkDocument,
  id: string,
  parameter: string,
  value: ParameterValue | null,
): NetworkDocument {
  return changeLayer(network, id, (layer) => {
    const rest = Object.entries(layer.parameters).filter(([name]) => name !== parameter);
    return { ...layer, parameters: Object.fromEntries(value === null ? rest : [...rest, [parameter, value]]) };
  });
}

/** An empty name returns to the catalogue's label. */
export function renameLayer(network: NetworkDocument, id: string, name: string): NetworkDocument {
  const trimmed = name.trim().slice(0, 60);
  return changeLayer(network, id, (layer) => {
    const renamed = { ...layer, name: trimmed };
    if (trimmed === '') Reflect.deleteProperty(renamed, 'name');
    return renamed;
  });
}

/** A frozen layer keeps its weights while the others are trained. */
export function freezeLayers(network: NetworkDocument, ids: readonly string[], frozen: boolean): NetworkDocument {
  return ids.reduce(
    (result, id) =>
      changeLayer(result, id, (layer) => {
        const changed = { ...layer, frozen };
        if (!frozen) Reflect.deleteProperty(changed, 'frozen');
        return changed;
      }),
    network,
  );
}

/** Has a layer use a weight of another, written as in a project; null gives it its own again. */
export function tieWeight(network: NetworkDocument, id: string, weight: string, place: string | null): NetworkDocument {
  return changeLayer(network, id, ({ tied = {}, ...layer }) => {
    const others = Object.entries(tied).filter(([name]) => name !== weight);
    const ties = place === null ? others : [...others, [weight, place] as const];
    return ties.length === 0 ? layer : { ...layer, tied: Object.fromEntries(ties) };
  });
}

export function moveLayers(
  network: NetworkDocument,
  positions: ReadonlyMap<string, { x: number; y: number }>,
): NetworkDocument {
  const layers = network.layers.map((layer) => {
    const position = positions.get(layer.id);
    return position ? { ...layer, position: { ...position } } : layer;
  });
  return { ...network, layers };
}

/** Keeps id, place and connections; parameters the new kind shares stay. */
export function replaceKind(network: NetworkDocument, id: string, kind: string): NetworkDocument {
  return changeLayer(network, id, (layer) => {
    const names = layerDefinition(kind)?.parameters.map(({ name }) => name) ?? [];
    const parameters = Object.fromEntries(Object.entries(layer.parameters).filter(([name]) => names.includes(name)));
    const replaced = { ...layer, kind, parameters };
    if (!layerDefinition(kind)?.weights) Reflect.deleteProperty(replaced, 'frozen');
    Reflect.deleteProperty(replaced, 'tied');
    return replaced;
  });
}

/** A copy of some layers and the connections among them, with new ids. */
export function insertCopy(
  network: NetworkDocument,
  part: NetworkDocument,
  offset: { x: number; y: number } = { x: 24, y: 96 },
): { network: NetworkDocument; ids: string[] } {
  const renamed = new Map<string, string>();
  let result = network;
  for (const layer of part.layers) {
    const id = freeId(result, layer.kind);
    renamed.set(layer.id, id);
    const position = { x: layer.position.x + offset.x, y: layer.position.y + offset.y };
    result = { ...result, layers: [...result.layers, { ...layer, parameters: { ...layer.parameters }, id, position }] };
  }
  const edges = part.edges.flatMap(({ from, to, port }) => {
    const [newFrom, newTo] = [renamed.get(from), renamed.get(to)];
    return newFrom === undefined || newTo === undefined ? [] : [{ from: newFrom, to: newTo, port }];
  });
  return { network: { ...result, edges: [...result.edges, ...edges] }, ids: [...renamed.values()] };
}

/** Some layers and the connections among them, for the clipboard. */
export function extract(network: NetworkDocument, ids: Iterable<string>): NetworkDocument {
  const wanted = new Set(ids);
  return {
    layers: network.layers.filter(({ id }) => wanted.has(id)),
    edges: network.edges.filter(({ from, to }) => wanted.has(from) && wanted.has(to)),
  };
}

export function duplicate(
  network: NetworkDocument,
  ids: Iterable<string>,
): { network: NetworkDocument; ids: string[] } {
  return insertCopy(network, extract(network, ids));
}

/** Lowest port nothing leads into, or null where all are taken. */
export function freePort(network: NetworkDocument, id: string): number | null {
  const layer = network.layers.find((other) => other.id === id);
  const maximum = (layer && layerDefinition(layer.kind)?.inputs[1]) ?? 0;
  const taken = new Set(network.edges.filter(({ to }) => to === id).map(({ port }) => port));
  for (let port = 0; port < maximum; port++) if (!taken.has(port)) return port;
  return null;
}

/** Parameters with defaults filled in, or null where the kind is unknown. */
export function layerParameters(layer: Layer): Record<string, ParameterValue> | null {
  const definition = layerDefinition(layer.kind);
  return definition ? parameterValues(definition, layer.parameters) : null;
}

export function sameEdge(a: Edge, b: Edge): boolean {
  return a.from === b.from && a.to === b.to && a.port === b.port;
}

function changeLayer(network: NetworkDocument, id: string, change: (layer: Layer) => Layer): NetworkDocument {
  return { ...network, layers: network.layers.map((layer) => (layer.id === id ? change(layer) : layer)) };
}

/** Shifts what lies to the right of a layer by what a new one takes, where the next one stands too near. */
function makeRoom(network: NetworkDocument, after: string, kind: string): NetworkDocument {
  const source = network.layers.find(({ id }) => id === after);
  if (!source) return network;
  const { x } = source.position;
  const needed = layerStep(source.kind) + layerStep(kind);
  const followers = network.edges.filter(({ from }) => from === after).map(({ to }) => to);
  const near = network.layers.some((layer) => followers.includes(layer.id) && layer.position.x < x + needed);
  if (!near) return network;
  const positions = new Map(
    network.layers
      .filter(({ id, position }) => id !== after && position.x > x)
      .map(({ id, position }) => [id, { x: position.x + layerStep(kind), y: position.y }]),
  );
  return moveLayers(network, positions);
}
