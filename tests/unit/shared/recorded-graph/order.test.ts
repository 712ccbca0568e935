import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { branches, independentBranches, levels, parallelSets } from '../../../../shared/recorded-graph/order';
import type { RecordedGraph } from '../../../../shared/recorded-graph/recorded-graph';
import { ancestors, anyGraph, edge, lectureGraph, node } from './graphs';

const independent = (graph: RecordedGraph, one: string, other: string): boolean =>
  !ancestors(graph, one).has(other) && !ancestors(graph, other).has(one);

describe('what can run at the same time', () => {
  test('both sums of a = (b + c) * (c + 2), then the product', () => {
    expect(parallelSets(lectureGraph)).toEqual([['d', 'e'], ['a']]);
    expect(independentBranches(lectureGraph).map(({ nodes }) => nodes)).toEqual([['d'], ['e']]);
  });

  test('a chain has nothing beside it', () => {
    const chain = {
      nodes: [node('x', { kind: 'leaf' }), node('f'), node('g')],
      edges: [edge('x', 'f'), edge('f', 'g')],
    };
    expect(parallelSets(chain)).toEqual([['f'], ['g']]);
    expect(independentBranches(chain)).toEqual([]);
  });

  test('a value that is read twice by one operator makes one way', () => {
    const square = {
      nodes: [node('x', { kind: 'leaf' }), node('f'), node('s')],
      edges: [edge('x', 'f'), edge('f', 's'), edge('f', 's', 1)],
    };
    expect(branches(square).map(({ nodes }) => nodes)).toEqual([['f', 's']]);
  });

  test('a long way beside a short one', () => {
    const skip = {
      nodes: ['in', 'f', 'g', 'short', 'sum'].map((id) => node(id, id === 'in' ? { kind: 'leaf' } : {})),
      edges: [edge('in', 'f'), edge('f', 'g'), edge('in', 'short'), edge('g', 'sum'), edge('short', 'sum', 1)],
    };
    expect(independentBranches(skip)).toEqual([
      { nodes: ['f', 'g'], from: 1, to: 2 },
      { nodes: ['short'], from: 1, to: 1 },
    ]);
  });

  test('no two nodes of one set depend on one another, and every operator is in one set', () => {
    fc.assert(
      fc.property(anyGraph, (graph) => {
        const sets = parallelSets(graph);
        for (const set of sets)
          for (const one of set)
            for (const other of set) if (one !== other) expect(independent(graph, one, other)).toBe(true);
        const operators = graph.nodes.filter(({ kind }) => kind === 'operator').map(({ id }) => id);
        expect(sets.flat().sort()).toEqual(operators.sort());
      }),
    );
  });

  test('a node stands one level above what it needs last', () => {
    fc.assert(
      fc.property(anyGraph, (graph) => {
        const level = levels(graph);
        for (const { from, to } of graph.edges) expect(level.get(to)).toBeGreaterThan(level.get(from) ?? 0);
      }),
    );
  });

  test('branches whose levels meet are independent, whole; every operator is in one branch', () => {
    fc.assert(
      fc.property(anyGraph, (graph) => {
        const all = branches(graph);
        for (const one of all)
          for (const other of all) {
            if (one === other || one.from > other.to || other.from > one.to) continue;
            for (const a of one.nodes) for (const b of other.nodes) expect(independent(graph, a, b)).toBe(true);
          }
        const operators = graph.nodes.filter(({ kind }) => kind === 'operator').map(({ id }) => id);
        expect(all.flatMap(({ nodes }) => nodes).sort()).toEqual(operators.sort());
      }),
    );
  });
});
