import type { Edge as FlowEdge, Node as FlowNode } from '@vue-flow/core';
import type { Edge, NetworkDocument } from '../../../shared/network/document';
import { sameEdge } from '../../../shared/network/edit';

/** Names shared with the handles of LayerNode. */
export const outputHandle = 'out';
export const inputHandle = (port: number) => `in-${port}`;

export function portOf(handle: string | null | undefined): number | null {
  const digits = /^in-(\d+)$/.exec(handle ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}

export function edgeId({ from, to, port }: Edge): string {
  return `${from} ${to} ${port}`;
}

export function edgeOfId(network: NetworkDocument, id: string): Edge | null {
  return network.edges.find((edge) => edgeId(edge) === id) ?? null;
}

/** Null where the ends are not an output and an input. */
export function edgeOfConnection(connection: {
  source: string;
  target: string;
  sourceHandle?: string | null;
  targetHandle?: string | null;
}): Edge | null {
  const port = portOf(connection.targetHandle);
  if (port === null || connection.sourceHandle !== outputHandle) return null;
  return { from: connection.source, to: connection.target, port };
}

export function flowNodes(
  network: NetworkDocument,
  selected: ReadonlySet<string>,
  name: (id: string) => string,
): (FlowNode & { selected: boolean })[] {
  return network.layers.map(({ id, position }) => ({
    id,
    type: 'layer',
    position: { ...position },
    selected: selected.has(id),
    ariaLabel: name(id),
  }));
}

export function flowEdges(network: NetworkDocument, selected: Edge | null, dropTarget: string | null): FlowEdge[] {
  const places = new Map(network.layers.map(({ id, position }) => [id, position]));
  const seen = new Set<string>();
  return network.edges.flatMap((edge) => {
    const id = edgeId(edge);
    const start = places.get(edge.from);
    const end = places.get(edge.to);
    if (!start || !end || seen.has(id)) return [];
    seen.add(id);
    return {
      id,
      // Back to the left, into the next row: a curve would loop around both cards.
      type: end.x <= start.x ? 'smoothstep' : 'default',
      source: edge.from,
      target: edge.to,
      sourceHandle: outputHandle,
      targetHandle: inputHandle(edge.port),
      selected: selected !== null && sameEdge(selected, edge),
      class: dropTarget === id ? 'drop-target' : undefined,
      ariaLabel: `${edge.from} → ${edge.to}`,
      markerEnd: 'arrowclosed',
      interactionWidth: 24,
    };
  });
}

/** How many input ports a layer shows: those it needs, those in use, and one more while it may take more. */
export function shownPorts(range: readonly [minimum: number, maximum: number], used: readonly number[]): number {
  const inUse = used.reduce((count, port) => Math.max(count, port + 1), 0);
  const spare = range[1] > range[0] && inUse >= range[0] ? 1 : 0;
  return Math.min(range[1], Math.max(range[0], inUse + spare));
}
