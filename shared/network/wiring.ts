import { layerDefinition } from '../layers';
import type { Edge, Layer, NetworkDocument } from './document';
import type { NetworkIssue } from './issue';

/** The network's connections by layer and port, as far as they make sense. */
export interface Wiring {
  /** By id; of two layers with one id, the first. */
  layers: Map<string, Layer>;
  /** Layer → port → the layer it reads from. Ports start at 0. */
  sources: Map<string, Map<number, string>>;
  /** Connections between layers that exist. */
  edges: Edge[];
  issues: NetworkIssue[];
}

export function readWiring(network: NetworkDocument): Wiring {
  const layers = new Map<string, Layer>();
  const issues: NetworkIssue[] = [];
  for (const layer of network.layers) {
    if (layers.has(layer.id)) {
      const details = { layer: layer.id };
      issues.push({ layer: layer.id, severity: 'error', code: 'network.duplicate-layer', details });
    } else layers.set(layer.id, layer);
  }
  const sources = new Map<string, Map<number, string>>();
  const edges: Edge[] = [];
  network.edges.forEach((edge, index) => {
    const issue = edgeIssue(edge, layers, sources.get(edge.to));
    if (issue) {
      issues.push({ severity: 'error', fix: { kind: 'remove-edge', index }, ...issue });
      if (issue.code !== 'network.port-taken') return;
    } else {
      const ports = sources.get(edge.to) ?? new Map<number, string>();
      sources.set(edge.to, ports.set(edge.port, edge.from));
    }
    edges.push(edge);
  });
  return { layers, sources, edges, issues };
}

function edgeIssue(
  edge: Edge,
  layers: ReadonlyMap<string, Layer>,
  taken: ReadonlyMap<number, string> | undefined,
): Pick<NetworkIssue, 'layer' | 'code' | 'details'> | null {
  const from = layers.get(edge.from);
  const to = layers.get(edge.to);
  if (!from || !to) {
    const details = { from: edge.from, to: edge.to };
    return { layer: (from ?? to)?.id ?? null, code: 'network.edge-unknown-layer', details };
  }
  const nameOf = (id: string) => layers.get(id)?.name ?? id;
  const details = { layer: nameOf(to.id), from: nameOf(from.id), port: edge.port + 1 };
  if (layerDefinition(from.kind)?.hasOutput === false) {
    return { layer: to.id, code: 'network.edge-from-output', details };
  }
  const maximum = layerDefinition(to.kind)?.inputs[1] ?? Infinity;
  if (edge.port >= maximum) return { layer: to.id, code: 'network.port-unknown', details: { ...details, maximum } };
  const first = taken?.get(edge.port);
  if (first === undefined) return null;
  return { layer: to.id, code: 'network.port-taken', details: { ...details, first: nameOf(first) } };
}
