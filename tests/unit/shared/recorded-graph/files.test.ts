import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toDot } from '../../../../shared/recorded-graph/dot';
import { arrowHead, pathOf, type GraphDrawing } from '../../../../shared/recorded-graph/drawing';
import type { RecordedGraph } from '../../../../shared/recorded-graph/recorded-graph';
import { toSvg } from '../../../../shared/recorded-graph/svg';
import { visibleGraph, type Direction } from '../../../../shared/recorded-graph/visible';
import { edge, lectureGraph, node } from './graphs';
import { plainWords } from './words';

const dot = (graph: RecordedGraph, direction: Direction = 'forward', open: string[] = []): string =>
  toDot(visibleGraph(graph, { open: new Set(open), direction }), direction, plainWords);

/** The strings of a DOT file, as Graphviz reads them; throws where one does not end. What is left over stands between them. */
function readStrings(text: string): { strings: string[]; rest: string } {
  const strings: string[] = [];
  let rest = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '"') {
      rest += text[i];
      continue;
    }
    let string = '';
    for (i += 1; text[i] !== '"'; i++) {
      if (i >= text.length) throw new Error('a string without an end');
      if (text[i] === '\\') string += text[(i += 1)] === 'n' ? '\n' : (text[i] ?? '');
      else string += text[i];
    }
    strings.push(string);
  }
  return { strings, rest };
}

describe('DOT', () => {
  test('nodes and ways', () => {
    const written = dot(lectureGraph);
    expect(written).toContain('"a" [label="a = Mul\\n42"');
    expect(written.match(/ -> /g)).toHaveLength(6);
    expect(written).toMatch(/^digraph recorded \{[^]*\n\}\n$/);
  });

  test('an open layer is a cluster', () => {
    const graph = {
      ...lectureGraph,
      nodes: lectureGraph.nodes.map((one) => (one.id === 'd' || one.id === 'b' ? { ...one, group: 'l' } : one)),
      groups: [{ id: 'l', kind: 'linear', name: 'mine' }],
    };
    expect(dot(graph, 'forward', ['l'])).toMatch(/subgraph cluster_0 \{\n {4}label="mine";\n {4}"b"[^]*"d"/);
    expect(dot(graph)).toContain('"layer l" [label="mine\\n[]\\n1 operators"');
  });

  test('gradients are dashed arrows back', () => {
    const graph: RecordedGraph = {
      nodes: [node('x', { kind: 'leaf', requiresGrad: true }), node('y', { requiresGrad: true })],
      edges: [{ ...edge('x', 'y'), requiresGrad: true, gradient: { kind: 'numbers', numbers: [3] } }],
      groups: [],
    };
    expect(dot(graph, 'backward')).toContain('"x" -> "y" [label="∂ 3", dir=back, style=dashed');
    expect(dot(graph, 'both').match(/ -> /g)).toHaveLength(2);
  });

  test('any name is one string', () => {
    const odd = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('a"b', 'back\\', '\\"', 'two\nlines', '<b>&', '\\N', '"]; evil -> node [', 'Ж∂', '{|}'),
    );
    fc.assert(
      fc.property(odd, odd, (id, name) => {
        const graph: RecordedGraph = {
          nodes: [node(`${id}1`, { kind: 'leaf', name }), node(`${id}2`)],
          edges: [edge(`${id}1`, `${id}2`)],
          groups: [],
        };
        const { strings, rest } = readStrings(dot(graph));
        const plain = (text: string): string => text.replace(/\r?\n/g, ' ');
        expect(strings).toContain(plain(`${id}1`));
        expect(strings.some((string) => string.startsWith(plain(name)))).toBe(true);
        // Outside of strings stands the same, whatever the names are.
        expect(rest.match(/->/g)).toHaveLength(1);
        expect(rest).not.toContain('evil');
      }),
    );
  });
});

describe('SVG', () => {
  const drawing = (title: string): GraphDrawing => ({
    width: 100,
    height: 80,
    boxes: [
      {
        id: 'x',
        x: 0,
        y: 0,
        width: 50,
        height: 30,
        look: 'leaf',
        result: true,
        pale: false,
        branch: 1,
        lines: [{ role: 'title', text: title }],
      },
    ],
    links: [
      {
        key: 'k',
        from: 'x',
        to: 'x',
        way: 'backward',
        pale: false,
        points: [
          { x: 0, y: 0 },
          { x: 0, y: 10 },
          { x: 5, y: 20 },
        ],
        label: { x: 1, y: 2, text: title },
      },
    ],
    frames: [{ id: 'f', x: 0, y: 0, width: 60, height: 40, title }],
  });

  test('is well-formed XML whatever the names are, and has them as text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('<b>&"\'', ']]>', '\u0000\u001f', '\ud800x')),
        (name) => {
          const written = toSvg(drawing(name), name);
          // Nothing but the tags written here, and no sign that XML refuses.
          const tags = [...written.matchAll(/<\/?([a-z]+)/g)].map(([, tag]) => tag);
          expect(new Set(tags)).toEqual(new Set(['svg', 'title', 'rect', 'g', 'path', 'polygon', 'text']));
          expect(written.match(/<[a-z]/g)?.length).toBe((written.match(/<\/[a-z]|\/>/g) ?? []).length);
          expect(written.replace(/&(amp|lt|gt|quot);/g, '')).not.toMatch(/&/);
          // eslint-disable-next-line no-control-regex
          expect(written).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
          // Half a character does not survive the way into a file.
          expect(Buffer.from(written, 'utf8').toString('utf8')).toBe(written);
        },
      ),
    );
    expect(toSvg(drawing('loss < 1'), 'graph')).toContain('>loss &lt; 1</text>');
  });

  test('stands on paper of its own size', () => {
    expect(toSvg(drawing('x'), 'graph')).toMatch(/^<svg [^>]*width="132" height="112" viewBox="-16 -16 132 112"/);
  });
});

test('lines: straight between two points, smooth through more; the head stands at the end', () => {
  const [a, b, c, d] = [
    { x: 0, y: 0 },
    { x: 0, y: 10 },
    { x: 10, y: 20 },
    { x: 10, y: 30 },
  ] as const;
  expect(pathOf([a, b])).toBe('M 0 0 L 0 10');
  expect(pathOf([a, b, c])).toBe('M 0 0 Q 0 10 10 20');
  expect(pathOf([a, b, c, d])).toBe('M 0 0 Q 0 10 5 15 Q 10 20 10 30');
  expect(arrowHead([a, b], 6)).toBe('0,10 -3,4 3,4');
});
