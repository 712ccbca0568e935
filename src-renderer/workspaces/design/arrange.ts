import { graphlib, layout } from '@dagrejs/dagre';
import type { NetworkDocument } from '../../../shared/network/document';

export interface NodeSize {
  width: number;
  height: number;
}

/** Places of all layers from left to right, as little crossed as dagre manages; the top left corner stays where it is. */
export function arrange(
  network: NetworkDocument,
  sizeOf: (id: string) => NodeSize,
): Map<string, { x: number; y: number }> {
  const graph = new graphlib.Graph<object, NodeSize & { x: number; y: number }, object>();
  graph.setGraph({ rankdir: 'LR', nodesep: 36, ranksep: 32 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of network.layers) graph.setNode(id, { ...sizeOf(id), x: 0, y: 0 });
  const known = new Set(network.layers.map(({ id }) => id));
  for (const { from, to } of network.edges) if (known.has(from) && known.has(to)) graph.setEdge(from, to);
  layout(graph);

  // dagre gives centres.
  const corners = network.layers.map(({ id }) => {
    const { x, y, width, height } = graph.node(id);
    return { id, x: x - width / 2, y: y - height / 2 };
  });
  const least = (values: number[]) => values.reduce((a, b) => Math.min(a, b), Infinity);
  const shift = {
    x: least(network.layers.map(({ position }) => position.x)) - least(corners.map(({ x }) => x)),
    y: least(network.layers.map(({ position }) => position.y)) - least(corners.map(({ y }) => y)),
  };
  return new Map(corners.map(({ id, x, y }) => [id, { x: Math.round(x + shift.x), y: Math.round(y + shift.y) }]));
}
