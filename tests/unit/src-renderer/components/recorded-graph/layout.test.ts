import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DrawnBox, Place } from '../../../../../shared/recorded-graph/drawing';
import type { RecordedGraph } from '../../../../../shared/recorded-graph/recorded-graph';
import { directions, visibleGraph, type Direction } from '../../../../../shared/recorded-graph/visible';
import { layOut, type Orientation } from '../../../../../src-renderer/components/recorded-graph/layout';
import { nextBox } from '../../../../../src-renderer/components/recorded-graph/walk';
import { anyGraph, lectureGraph } from '../../../shared/recorded-graph/graphs';
import { plainWords as words } from '../../../shared/recorded-graph/words';

const laid = (
  graph: RecordedGraph,
  {
    direction = 'forward',
    orientation = 'down',
    open = [] as string[],
  }: { direction?: Direction; orientation?: Orientation; open?: string[] } = {},
) => layOut(visibleGraph(graph, { open: new Set(open), direction }), { direction, orientation, words });

const overlap = (a: DrawnBox, b: DrawnBox): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

function onBorder(boxes: readonly DrawnBox[], id: string, point: Place | undefined): boolean {
  const box = boxes.find((one) => one.id === id);
  if (!box || !point) return false;
  const near = (a: number, b: number): boolean => Math.abs(a - b) < 0.01;
  const [right, bottom] = [box.x + box.width, box.y + box.height];
  const beside = (at: number, from: number, to: number): boolean => at > from - 0.01 && at < to + 0.01;
  const onSide = near(point.x, box.x) || near(point.x, right);
  const onEnd = near(point.y, box.y) || near(point.y, bottom);
  return (onSide && beside(point.y, box.y, bottom)) || (onEnd && beside(point.x, box.x, right));
}

describe('layout', () => {
  test('what is computed first stands above, and the first operand on the left', () => {
    const place = new Map(laid(lectureGraph).boxes.map((box) => [box.id, box]));
    const [b, c, d, e, a] = ['b', 'c', 'd', 'e', 'a'].map((id) => place.get(id) as DrawnBox);
    expect(b?.y).toBeLessThan(d?.y ?? 0);
    expect(d?.y).toBeLessThan(a?.y ?? 0);
    expect(b?.x).toBeLessThan(c?.x ?? 0);
    expect(d?.x).toBeLessThan(e?.x ?? 0);
  });

  test('or on the left, from left to right', () => {
    const place = new Map(laid(lectureGraph, { orientation: 'right' }).boxes.map(({ id, x }) => [id, x]));
    expect(place.get('b')).toBeLessThan(place.get('d') ?? 0);
    expect(place.get('d')).toBeLessThan(place.get('a') ?? 0);
  });

  test('no two boxes overlap, all lie in the drawing, and links end at boxes', () => {
    fc.assert(
      fc.property(
        anyGraph,
        fc.constantFrom(...directions),
        fc.constantFrom<Orientation>('down', 'right'),
        (graph, direction, orientation) => {
          const { boxes, links, width, height } = laid(graph, { direction, orientation });
          for (const [i, a] of boxes.entries()) {
            expect(Math.min(a.x, a.y)).toBeGreaterThanOrEqual(0);
            expect(a.x + a.width).toBeLessThanOrEqual(width + 1);
            expect(a.y + a.height).toBeLessThanOrEqual(height + 1);
            for (const b of boxes.slice(i + 1)) expect(overlap(a, b), `${a.id} ${b.id}`).toBe(false);
          }
          for (const { from, to, way, points } of links) {
            const [tail, head] = way === 'forward' ? [from, to] : [to, from];
            expect(onBorder(boxes, tail, points[0])).toBe(true);
            expect(onBorder(boxes, head, points.at(-1))).toBe(true);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  test('the frame of an open layer encloses its boxes', () => {
    const graph = {
      ...lectureGraph,
      nodes: lectureGraph.nodes.map((one) => (one.id === 'two' || one.id === 'e' ? { ...one, group: 'l' } : one)),
      groups: [{ id: 'l', kind: 'linear', name: 'mine' }],
    };
    const { boxes, frames } = laid(graph, { open: ['l'] });
    const [frame] = frames;
    expect(frame?.title).toBe('mine');
    for (const box of boxes.filter(({ id }) => id === 'two' || id === 'e')) {
      expect(box.x).toBeGreaterThan(frame?.x ?? Infinity);
      expect(box.y + box.height).toBeLessThan((frame?.y ?? 0) + (frame?.height ?? 0));
    }
  });

  test('arrows back point the other way', () => {
    const graph: RecordedGraph = {
      ...lectureGraph,
      nodes: lectureGraph.nodes.map((one) => ({ ...one, requiresGrad: true })),
      edges: lectureGraph.edges.map((one) => ({ ...one, requiresGrad: true })),
    };
    const { links } = laid(graph, { direction: 'both' });
    const end = (way: string): number => {
      const { points = [] } = links.find((link) => link.way === way && link.to === 'a') ?? {};
      return (points.at(-1)?.y ?? 0) - (points[0]?.y ?? 0);
    };
    expect(end('forward')).toBeGreaterThan(0);
    expect(end('backward')).toBeLessThan(0);
  });

  test('a hundred nodes are laid out at once', () => {
    const nodes = Array.from({ length: 34 }, (_, i) => [`w${i}`, `v${i}`, `o${i}`]).flat();
    const graph: RecordedGraph = {
      nodes: nodes.map((id) => ({
        ...(lectureGraph.nodes[id.startsWith('o') ? 2 : 0] as RecordedGraph['nodes'][number]),
        id,
      })),
      edges: Array.from({ length: 34 }, (_, i) =>
        [`w${i}`, `v${i}`, ...(i > 0 ? [`o${i - 1}`] : [])].map((from, input) => ({
          from,
          to: `o${i}`,
          output: 0,
          input,
          requiresGrad: true,
          gradient: null,
        })),
      ).flat(),
      groups: [],
    };
    const started = performance.now();
    expect(laid(graph, { direction: 'both' }).boxes).toHaveLength(102);
    // About 60 ms; the limit only catches a layout that has become unusable.
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

test('arrow keys go to the nearest box in their direction', () => {
  const { boxes } = laid(lectureGraph);
  const box = (id: string): DrawnBox => boxes.find((one) => one.id === id) as DrawnBox;
  expect(nextBox(boxes, box('d'), 'ArrowDown')?.id).toBe('a');
  expect(nextBox(boxes, box('d'), 'ArrowRight')?.id).toBe('e');
  expect(nextBox(boxes, box('a'), 'ArrowDown')).toBeNull();
  expect(nextBox(boxes, null, 'ArrowDown')).toBe(boxes[0]);
});
