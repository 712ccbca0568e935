import * as fc from 'fast-check';
import type { RecordedEdge, RecordedGraph, RecordedNode } from '../../../../shared/recorded-graph/recorded-graph';

export function node(id: string, given: Partial<RecordedNode> & { name?: string; value?: number } = {}): RecordedNode {
  const { name, value = 1, ...rest } = given;
  const names = name === undefined ? [] : [name];
  return {
    id,
    kind: 'operator',
    operator: rest.kind && rest.kind !== 'operator' ? null : 'Add',
    gradFunction: null,
    group: null,
    device: 'cpu',
    requiresGrad: false,
    result: false,
    outputs: [{ names, shape: [], dtype: 'float32', value: { kind: 'numbers', numbers: [value] }, gradient: null }],
    ...rest,
  };
}

export const edge = (from: string, to: string, input = 0): RecordedEdge => ({
  from,
  output: 0,
  to,
  input,
  requiresGrad: false,
  gradient: null,
});

/** a = (b + c) * (c + 2) */
export const lectureGraph: RecordedGraph = {
  nodes: [
    node('b', { kind: 'leaf', name: 'b', value: 3 }),
    node('c', { kind: 'leaf', name: 'c', value: 4 }),
    node('d', { value: 7 }),
    node('two', { kind: 'constant', value: 2 }),
    node('e', { value: 6 }),
    node('a', { operator: 'Mul', name: 'a', value: 42, result: true }),
  ],
  edges: [edge('b', 'd'), edge('c', 'd', 1), edge('c', 'e'), edge('two', 'e', 1), edge('d', 'a'), edge('e', 'a', 1)],
  groups: [],
};

/** Any graph without a circle: nodes read from those before them, some twice from the same one. */
export const anyGraph: fc.Arbitrary<RecordedGraph> = fc
  .array(fc.array(fc.nat(30), { maxLength: 3 }), { minLength: 1, maxLength: 25 })
  .map((readings) => ({
    nodes: readings.map((places, i) => node(`n${i}`, { kind: i === 0 || places.length === 0 ? 'leaf' : 'operator' })),
    edges: readings.flatMap((places, i) =>
      i === 0 ? [] : places.map((place, input) => edge(`n${place % i}`, `n${i}`, input)),
    ),
    groups: [],
  }));

/** Everything a node was computed from. */
export function ancestors({ edges }: RecordedGraph, id: string): Set<string> {
  const found = new Set<string>();
  const open = [id];
  for (let at = open.pop(); at !== undefined; at = open.pop())
    for (const { from, to } of edges) {
      if (to !== at || found.has(from)) continue;
      found.add(from);
      open.push(from);
    }
  return found;
}
