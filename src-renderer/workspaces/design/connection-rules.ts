import { layerDefinition } from '../../../shared/layers';
import type { Edge, NetworkDocument } from '../../../shared/network/document';
import { reachable } from '../../../shared/network/order';

/** Whether a connection may be drawn: it has two ends, a port that exists, and closes no cycle. Taken ports are taken over. */
export function mayConnect(network: NetworkDocument, edge: Edge): boolean {
  const from = network.layers.find(({ id }) => id === edge.from);
  const to = network.layers.find(({ id }) => id === edge.to);
  if (!from || !to || from === to) return false;
  if (layerDefinition(from.kind)?.hasOutput === false) return false;
  const ports = layerDefinition(to.kind)?.inputs[1] ?? Infinity;
  if (edge.port < 0 || edge.port >= ports) return false;
  const kept = network.edges.filter((other) => other.to !== edge.to || other.port !== edge.port);
  return !reachable(kept, [edge.to], 'from').has(edge.from);
}
