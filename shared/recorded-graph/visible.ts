import { independentBranches } from './order';
import type { RecordedEdge, RecordedGraph, RecordedGroup, RecordedNode } from './recorded-graph';

/** Which way is looked at: what was computed, what came back, or both. */
export const directions = ['forward', 'backward', 'both'] as const;
export type Direction = (typeof directions)[number];

/** A node, or a layer that is closed and stands for all of its nodes. */
export interface VisibleBox {
  id: string;
  node: RecordedNode | null;
  layer: { group: RecordedGroup; nodes: RecordedNode[] } | null;
  /** The open layer it lies in. */
  inside: string | null;
  /** Number of the branch, from 1, where others could run beside it. */
  branch: number | null;
}

/** A way between two boxes. */
export interface VisibleLink {
  from: string;
  to: string;
  /** All that go this way; several only between closed layers. */
  edges: RecordedEdge[];
  /** Whether a gradient comes back. */
  requiresGrad: boolean;
}

export interface VisibleGraph {
  boxes: VisibleBox[];
  links: VisibleLink[];
  /** Layers that are open, in order. */
  open: RecordedGroup[];
}

/**
 * What is to be drawn. Layers that are not `open` are one box each; a layer of one operator without a tensor of its own is always that operator.
 * Backward only what a gradient reaches is there, as PyTorch draws it: the branch of a leaf that requires none is absent.
 */
export function visibleGraph(
  graph: RecordedGraph,
  { open, direction }: { open: ReadonlySet<string>; direction: Direction },
): VisibleGraph {
  const nodes = direction === 'backward' ? graph.nodes.filter(({ requiresGrad }) => requiresGrad) : graph.nodes;
  const members = new Map<string, RecordedNode[]>();
  for (const node of nodes)
    if (node.group !== null) members.set(node.group, [...(members.get(node.group) ?? []), node]);
  const groups = new Map(graph.groups.map((group) => [group.id, group]));
  const closed = (group: string | null): group is string =>
    group !== null && groups.has(group) && !open.has(group) && (members.get(group)?.length ?? 0) > 1;

  const boxOf = new Map(nodes.map(({ id, group }) => [id, closed(group) ? `layer ${group}` : id]));
  const boxes = new Map<string, VisibleBox>();
  for (const node of nodes) {
    const id = boxOf.get(node.id) ?? node.id;
    const group = node.group === null ? undefined : groups.get(node.group);
    if (closed(node.group) && group)
      boxes.set(id, {
        id,
        node: null,
        layer: { group, nodes: members.get(group.id) ?? [] },
        inside: null,
        branch: null,
      });
    else boxes.set(id, { id, node, layer: null, inside: group && open.has(group.id) ? group.id : null, branch: null });
  }
  const links = linksBetween(graph.edges, boxOf, direction === 'backward');
  const marked = markBranches([...boxes.values()], links);
  return { boxes: marked, links, open: graph.groups.filter(({ id }) => open.has(id) && members.has(id)) };
}

function linksBetween(
  edges: readonly RecordedEdge[],
  boxOf: ReadonlyMap<string, string>,
  onlyGradients: boolean,
): VisibleLink[] {
  const links = new Map<string, VisibleLink>();
  for (const edge of edges) {
    const [from, to] = [boxOf.get(edge.from), boxOf.get(edge.to)];
    if (from === undefined || to === undefined || from === to || (onlyGradients && !edge.requiresGrad)) continue;
    // Between nodes x · x is two ways; what goes on between two layers is one.
    const alone = from === edge.from && to === edge.to;
    const key = JSON.stringify(alone ? [from, to, edge.input] : [from, to]);
    const link = links.get(key) ?? { from, to, edges: [], requiresGrad: false };
    link.edges.push(edge);
    link.requiresGrad ||= edge.requiresGrad;
    links.set(key, link);
  }
  return [...links.values()];
}

function markBranches(boxes: readonly VisibleBox[], links: readonly VisibleLink[]): VisibleBox[] {
  const nodes = boxes.map(({ id, node }) => ({ id, kind: node?.kind ?? ('operator' as const) }));
  const edges = links.map(({ from, to }) => ({ from, to }));
  const numbers = new Map<string, number>();
  independentBranches({ nodes, edges }).forEach((branch, index) => {
    for (const id of branch.nodes) numbers.set(id, index + 1);
  });
  return boxes.map((box) => ({ ...box, branch: numbers.get(box.id) ?? null }));
}
