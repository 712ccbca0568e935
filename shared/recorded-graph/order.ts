import type { RecordedEdge, RecordedNode } from './recorded-graph';

type Way = Pick<RecordedEdge, 'from' | 'to'>;

/** What of a graph its order follows from. */
export interface Wired {
  nodes: readonly Pick<RecordedNode, 'id' | 'kind'>[];
  edges: readonly Way[];
}

/** A row of operators of which each needs only the one before it, and is needed by no other than the one behind it. */
export interface Branch {
  /** From front to back. */
  nodes: string[];
  /** Levels of the first and the last. */
  from: number;
  to: number;
}

/**
 * How many operators have to run one after the other before a node can: 0 of tensors, else one more than the largest of what it reads. Nodes of one
 * level do not depend on one another, so all of them may run at the same time.
 */
export function levels({ nodes, edges }: Wired): Map<string, number> {
  const kinds = new Map(nodes.map(({ id, kind }) => [id, kind]));
  const readers = edgesBy(edges, ({ from }) => from);
  const waitingFor = new Map(nodes.map(({ id }) => [id, 0]));
  for (const { to } of edges) waitingFor.set(to, (waitingFor.get(to) ?? 0) + 1);
  const found = new Map<string, number>();
  const before = new Map<string, number>();
  const ready = nodes.flatMap(({ id }) => (waitingFor.get(id) === 0 ? [id] : []));
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    const level = kinds.get(id) === 'operator' ? 1 + (before.get(id) ?? 0) : 0;
    found.set(id, level);
    for (const { to } of readers.get(id) ?? []) {
      before.set(to, Math.max(before.get(to) ?? 0, level));
      const left = (waitingFor.get(to) ?? 0) - 1;
      waitingFor.set(to, left);
      if (left === 0) ready.push(to);
    }
  }
  return found;
}

/** The operators of each level, from 1: what may run at the same time. */
export function parallelSets(graph: Wired): string[][] {
  const sets: string[][] = [];
  const level = levels(graph);
  for (const { id, kind } of graph.nodes) if (kind === 'operator') (sets[(level.get(id) ?? 1) - 1] ??= []).push(id);
  return sets;
}

/** All operators as branches, in order of their first nodes. */
export function branches(graph: Wired): Branch[] {
  const operators = new Set(graph.nodes.filter(({ kind }) => kind === 'operator').map(({ id }) => id));
  const inner = distinct(graph.edges.filter(({ from }) => operators.has(from)));
  const readings = edgesBy(inner, ({ to }) => to);
  const readers = edgesBy(inner, ({ from }) => from);
  const level = levels(graph);
  const found: Branch[] = [];
  const branchOf = new Map<string, Branch>();
  const inOrder = graph.nodes
    .filter(({ kind }) => kind === 'operator')
    .sort((a, b) => (level.get(a.id) ?? 0) - (level.get(b.id) ?? 0));
  for (const { id } of inOrder) {
    const [before, ...others] = readings.get(id) ?? [];
    const at = level.get(id) ?? 1;
    let branch =
      before && others.length === 0 && readers.get(before.from)?.length === 1 ? branchOf.get(before.from) : undefined;
    if (branch) {
      branch.nodes.push(id);
      branch.to = at;
    } else {
      found.push((branch = { nodes: [id], from: at, to: at }));
    }
    branchOf.set(id, branch);
  }
  return found;
}

/**
 * The branches that have others beside them: two of them whose levels meet do not depend on one another. (A way from one to another leaves through the
 * last node of the first and enters through the first node of the second, which therefore is of a higher level.)
 */
export function independentBranches(graph: Wired): Branch[] {
  const all = branches(graph);
  return all.filter((one) => all.some((other) => other !== one && one.from <= other.to && other.from <= one.to));
}

function edgesBy<Key>(edges: readonly Way[], key: (edge: Way) => Key): Map<Key, Way[]> {
  const found = new Map<Key, Way[]>();
  for (const edge of edges) {
    const own = found.get(key(edge));
    if (own) own.push(edge);
    else found.set(key(edge), [edge]);
  }
  return found;
}

/** One edge between two nodes: x · x reads x twice. */
function distinct(edges: readonly Way[]): Way[] {
  return [...new Map(edges.map((edge) => [JSON.stringify([edge.from, edge.to]), edge])).values()];
}
