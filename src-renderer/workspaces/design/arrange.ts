import { graphlib, layout } from '@dagrejs/dagre';
import type { Edge, NetworkDocument } from '../../../shared/network/document';
import { wrapRows } from './wrap-rows';

export interface NodeSize {
  width: number;
  height: number;
}

/** A layer's card: its top left corner and its size. */
export interface Box extends NodeSize {
  id: string;
  x: number;
  y: number;
}

/**
 * Places of all layers from left to right, as little crossed as dagre manages; the top left corner stays where it is. A network too long
 * to be readable in `room` goes on in the next row, as text does.
 */
export function arrange(
  network: NetworkDocument,
  sizeOf: (id: string) => NodeSize,
  room: NodeSize | null = null,
): Map<string, { x: number; y: number }> {
  const known = new Set(network.layers.map(({ id }) => id));
  const edges = network.edges.filter(({ from, to }) => known.has(from) && known.has(to));
  const line = inOneLine(network, edges, sizeOf);
  const boxes = room ? wrapRows(line, edges, room) : line;
  const least = (values: number[]) => values.reduce((a, b) => Math.min(a, b), Infinity);
  const shift = {
    x: least(network.layers.map(({ position }) => position.x)) - least(boxes.map(({ x }) => x)),
    y: least(network.layers.map(({ position }) => position.y)) - least(boxes.map(({ y }) => y)),
  };
  return new Map(boxes.map(({ id, x, y }) => [id, { x: Math.round(x + shift.x), y: Math.round(y + shift.y) }]));
}

function inOneLine({ layers }: NetworkDocument, edges: readonly Edge[], sizeOf: (id: string) => NodeSize): Box[] {
  const graph = new graphlib.Graph<object, NodeSize & { x: number; y: number }, object>();
  graph.setGraph({ rankdir: 'LR', nodesep: 36, ranksep: 32 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of layers) graph.setNode(id, { ...sizeOf(id), x: 0, y: 0 });
  for (const { from, to } of edges) graph.setEdge(from, to);
  layout(graph);
  // dagre gives centres.
  return layers.map(({ id }) => {
    const { x, y, width, height } = graph.node(id);
    return { id, x: x - width / 2, y: y - height / 2, width, height };
  });
}
