import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RecordedGraph } from '../../../../shared/recorded-graph/recorded-graph';
import { visibleGraph, type Direction, type VisibleGraph } from '../../../../shared/recorded-graph/visible';
import { anyGraph, edge, lectureGraph, node } from './graphs';

const look = (graph: RecordedGraph, open: string[] = [], direction: Direction = 'forward'): VisibleGraph =>
  visibleGraph(graph, { open: new Set(open), direction });
const ids = ({ boxes }: VisibleGraph): string[] => boxes.map(({ id }) => id);
const ways = ({ links }: VisibleGraph): string[] => links.map(({ from, to }) => `${from}→${to}`);

/** x → [two operators with a weight] → [one operator] → y */
const layered: RecordedGraph = {
  nodes: [
    node('x', { kind: 'constant' }),
    node('w', { kind: 'leaf', group: 'one', requiresGrad: true }),
    node('f', { group: 'one', requiresGrad: true }),
    node('g', { group: 'one', requiresGrad: true }),
    node('h', { group: 'two', requiresGrad: true }),
    node('y', { requiresGrad: true, result: true }),
  ],
  edges: [
    edge('x', 'f'),
    { ...edge('w', 'f', 1), requiresGrad: true },
    { ...edge('f', 'g'), requiresGrad: true },
    { ...edge('g', 'h'), requiresGrad: true },
    { ...edge('h', 'y'), requiresGrad: true },
  ],
  groups: [
    { id: 'one', kind: 'linear', name: null },
    { id: 'two', kind: 'relu', name: null },
  ],
};

describe('layers', () => {
  test('closed ones are one box each; one of a single operator is that operator', () => {
    expect(ids(look(layered))).toEqual(['x', 'layer one', 'h', 'y']);
    expect(ways(look(layered))).toEqual(['x→layer one', 'layer one→h', 'h→y']);
  });

  test('an open one shows its nodes inside', () => {
    const { boxes, open } = look(layered, ['one']);
    expect(boxes.filter(({ inside }) => inside === 'one').map(({ id }) => id)).toEqual(['w', 'f', 'g']);
    expect(open.map(({ id }) => id)).toEqual(['one']);
  });

  test('branches are looked for among what is shown', () => {
    const beside: RecordedGraph = {
      nodes: ['in', 'a1', 'a2', 'b1', 'b2', 'sum'].map((id) =>
        node(id, id === 'in' ? { kind: 'constant' } : { group: /^[ab]/.test(id) ? (id[0] ?? null) : null }),
      ),
      edges: [
        edge('in', 'a1'),
        edge('a1', 'a2'),
        edge('in', 'b1'),
        edge('b1', 'b2'),
        edge('a2', 'sum'),
        edge('b2', 'sum', 1),
      ],
      groups: ['a', 'b'].map((id) => ({ id, kind: 'linear', name: null })),
    };
    const marks = (open: string[]): (string | number | null)[][] =>
      look(beside, open).boxes.map(({ id, branch }) => [id, branch]);
    expect(marks([])).toEqual([
      ['in', null],
      ['layer a', 1],
      ['layer b', 2],
      ['sum', null],
    ]);
    expect(marks(['a', 'b']).map(([, branch]) => branch)).toEqual([null, 1, 1, 2, 2, null]);
  });
});

test('backward the branch of what requires no gradient is absent', () => {
  expect(ids(look(layered, ['one'], 'backward'))).toEqual(['w', 'f', 'g', 'h', 'y']);
  expect(ways(look(layered, ['one'], 'backward'))).toEqual(['w→f', 'f→g', 'g→h', 'h→y']);
  expect(look(lectureGraph, [], 'backward').boxes).toEqual([]);
});

test('x · x is two ways between two nodes', () => {
  const square: RecordedGraph = {
    nodes: [node('x', { kind: 'leaf' }), node('s', { operator: 'Mul' })],
    edges: [edge('x', 's'), edge('x', 's', 1)],
    groups: [],
  };
  expect(ways(look(square))).toEqual(['x→s', 'x→s']);
});

test('every way of the graph is shown once, or lies inside a closed layer; no link leads nowhere', () => {
  fc.assert(
    fc.property(anyGraph, fc.array(fc.nat(3)), fc.subarray(['0', '1', '2']), (graph, layers, open) => {
      const nodes = graph.nodes.map((one, i) => ({ ...one, group: layers[i] ? String(layers[i] - 1) : null }));
      const groups = ['0', '1', '2'].map((id) => ({ id, kind: 'any', name: null }));
      const shown = look({ ...graph, nodes, groups }, open);
      const known = new Set(ids(shown));
      expect(known.size).toBe(shown.boxes.length);
      for (const { from, to } of shown.links) expect(known.has(from) && known.has(to) && from !== to).toBe(true);
      const inside = new Map(
        shown.boxes.flatMap(({ id, node: own, layer }) =>
          [own, ...(layer?.nodes ?? [])].map((one) => [one?.id, id] as const),
        ),
      );
      const hidden = graph.edges.filter(({ from, to }) => inside.get(from) === inside.get(to)).length;
      const drawn = shown.links.reduce((sum, { edges }) => sum + edges.length, 0);
      expect(drawn + hidden).toBe(graph.edges.length);
    }),
  );
});
