import { describe, expect, it } from 'vitest';
import { arrange } from '../../../../../src-renderer/workspaces/design/arrange';
import { copyText, readCopy } from '../../../../../src-renderer/workspaces/design/clipboard';
import { mayConnect } from '../../../../../src-renderer/workspaces/design/connection-rules';
import { curvePath } from '../../../../../src-renderer/workspaces/design/curve';
import {
  edgeId,
  edgeOfConnection,
  edgeOfId,
  flowEdges,
  flowNodes,
  inputHandle,
  outputHandle,
  shownPorts,
} from '../../../../../src-renderer/workspaces/design/flow';
import { parseShape } from '../../../../../src-renderer/format/parse-shape';
import { appendPlace, firstLayer, neighbour } from '../../../../../src-renderer/workspaces/design/walk';
import { layer, network, sequence } from '../../../shared/network/builders';

describe('arranging', () => {
  it('puts every layer to the right of those it reads from, none over another, and keeps the corner', () => {
    const layers = [layer('input'), layer('tanh'), layer('relu'), layer('add'), layer('output')].map((one) => ({
      ...one,
      position: { x: 50, y: 70 },
    }));
    const tangled = network(layers, 'input>tanh input>relu tanh>add relu>add.1 add>output');
    const size = { width: 120, height: 60 };
    const places = arrange(tangled, () => size);
    for (const { from, to } of tangled.edges) {
      expect(places.get(to)!.x).toBeGreaterThanOrEqual(places.get(from)!.x + size.width);
    }
    expect(Math.abs(places.get('tanh')!.y - places.get('relu')!.y)).toBeGreaterThanOrEqual(size.height);
    const all = [...places.values()];
    expect([Math.min(...all.map(({ x }) => x)), Math.min(...all.map(({ y }) => y))]).toEqual([50, 70]);
  });
});

describe('arranging a long network', () => {
  const size = { width: 120, height: 60 };
  const room = { width: 800, height: 600 };
  const zoomIn = (places: Map<string, { x: number; y: number }>) => {
    const all = [...places.values()];
    const extent = (values: number[], own: number) => Math.max(...values) - Math.min(...values) + own;
    return Math.min(
      1,
      room.width /
        extent(
          all.map(({ x }) => x),
          size.width,
        ),
      room.height /
        extent(
          all.map(({ y }) => y),
          size.height,
        ),
    );
  };
  const overlaps = (places: Map<string, { x: number; y: number }>) => {
    const all = [...places.values()];
    return all.some((a, index) =>
      all.slice(index + 1).some((b) => Math.abs(a.x - b.x) < size.width && Math.abs(a.y - b.y) < size.height),
    );
  };

  it.each([
    [11, 0.85],
    [30, 0.85],
    [60, 0.6],
  ])('of %i layers goes on in rows that read like text and are large', (count, zoom) => {
    const long = sequence(`input ${'relu '.repeat(count - 2)}output`);
    const places = arrange(long, () => size, room);
    expect(zoomIn(places)).toBeGreaterThan(zoom);
    expect(zoomIn(places)).toBeGreaterThan(1.5 * zoomIn(arrange(long, () => size)));
    expect(overlaps(places)).toBe(false);
    const order = [...places].sort(([, a], [, b]) => a.y - b.y || a.x - b.x).map(([id]) => id);
    expect(order).toEqual(long.layers.map(({ id }) => id));
  });

  it('stays in one row where that fits', () => {
    const short = sequence('input linear:3 relu output');
    expect(arrange(short, () => size, room)).toEqual(arrange(short, () => size));
  });

  it('breaks no row between branches that come together again', () => {
    const names = ['input', 'a', 'b', 'c', 'left', 'right', 'add', 'd', 'e', 'f', 'output'];
    const layers = names.map((name) => layer(name, name === 'add' || name.endsWith('put') ? name : 'relu'));
    const edges = 'input>a a>b b>c c>left c>right left>add right>add.1 add>d d>e e>f f>output';
    const places = arrange(network(layers, edges), () => size, { width: 620, height: 900 });
    expect(new Set([...places.values()].map(({ y }) => y)).size).toBeGreaterThan(3);
    expect(places.get('left')!.x).toBe(places.get('right')!.x);
    expect(places.get('add')!.x).toBeGreaterThan(places.get('left')!.x);
    expect(places.get('left')!.x).toBeGreaterThan(places.get('c')!.x);
    expect(overlaps(places)).toBe(false);
  });

  it('draws the way back to the left as a step, and arrow keys follow it', () => {
    const long = sequence(`input ${'relu '.repeat(9)}output`);
    const places = arrange(long, () => size, room);
    const rows = { ...long, layers: long.layers.map((one) => ({ ...one, position: places.get(one.id)! })) };
    const back = flowEdges(rows, null, null).filter(({ type }) => type === 'smoothstep');
    expect(back.length).toBeGreaterThan(0);
    const { source, target } = back[0]!;
    expect(neighbour(rows, source, 'right')).toBe(target);
    expect(neighbour(rows, target, 'left')).toBe(source);
  });
});

describe('the clipboard', () => {
  it('carries layers as text and leaves other texts alone', () => {
    const part = sequence('linear:3 relu');
    expect(readCopy(copyText(part))).toEqual(part);
    expect(readCopy('hello')).toBeNull();
    expect(readCopy('{"deltalab": "layers"')).toBeNull();
    expect(readCopy('{"deltalab": "layers", "network": {"layers": [{"id": "A!"}], "edges": []}}')).toBeNull();
  });
});

describe('connections that may be drawn', () => {
  const chain = sequence('input linear:3 relu output');
  const join = (from: string, to: string, port = 0) => mayConnect(chain, { from, to, port });

  it('lead forwards into ports that exist', () => {
    expect(join('input', 'relu')).toBe(true);
    expect(join('linear', 'output')).toBe(true);
    expect(join('linear', 'relu', 1)).toBe(false);
    expect(join('linear', 'input')).toBe(false);
    expect(join('output', 'relu')).toBe(false);
  });

  it('close no cycle, unless taking over the port breaks it', () => {
    expect(join('relu', 'linear')).toBe(false);
    expect(join('linear', 'linear')).toBe(false);
    const layers = [layer('a', 'relu'), layer('b', 'relu')];
    expect(mayConnect(network(layers, 'a>b'), { from: 'b', to: 'a', port: 0 })).toBe(false);
    expect(mayConnect(network(layers, ''), { from: 'b', to: 'a', port: 0 })).toBe(true);
  });
});

describe('the canvas’s nodes and edges', () => {
  const chain = sequence('input linear:3 output');

  it('are made from the document and found again by their ids', () => {
    const nodes = flowNodes(chain, new Set(['linear']), (id) => id.toUpperCase());
    expect(nodes.map(({ id, selected, ariaLabel }) => [id, selected, ariaLabel])).toEqual([
      ['input', false, 'INPUT'],
      ['linear', true, 'LINEAR'],
      ['output', false, 'OUTPUT'],
    ]);
    const [first] = flowEdges(chain, chain.edges[0]!, edgeId(chain.edges[1]!));
    expect(first).toMatchObject({ source: 'input', target: 'linear', targetHandle: inputHandle(0), selected: true });
    expect(edgeOfId(chain, first!.id)).toEqual(chain.edges[0]);
    expect(edgeOfId(chain, 'nothing')).toBeNull();
  });

  it('leave out edges to layers that are not there, and doubles', () => {
    const torn = { ...chain, edges: [...chain.edges, chain.edges[0]!, { from: 'ghost', to: 'linear', port: 0 }] };
    expect(flowEdges(torn, null, null)).toHaveLength(2);
  });

  it('read a drawn connection only from an output to an input', () => {
    const ends = { source: 'a', target: 'b' };
    expect(edgeOfConnection({ ...ends, sourceHandle: outputHandle, targetHandle: inputHandle(2) })).toEqual({
      from: 'a',
      to: 'b',
      port: 2,
    });
    expect(edgeOfConnection({ ...ends, sourceHandle: inputHandle(0), targetHandle: inputHandle(0) })).toBeNull();
    expect(edgeOfConnection({ ...ends, sourceHandle: outputHandle, targetHandle: outputHandle })).toBeNull();
  });

  it('show the ports a layer needs and one to spare', () => {
    expect(shownPorts([1, 1], [0])).toBe(1);
    expect(shownPorts([0, 0], [])).toBe(0);
    expect(shownPorts([2, 8], [0])).toBe(2);
    expect(shownPorts([2, 8], [0, 1])).toBe(3);
    expect(shownPorts([2, 8], [0, 1, 2, 3, 4, 5, 6, 7])).toBe(8);
  });
});

describe('walking with the arrow keys', () => {
  const layers = [
    { ...layer('a', 'relu'), position: { x: 0, y: 0 } },
    { ...layer('b', 'relu'), position: { x: 100, y: 0 } },
    { ...layer('c', 'relu'), position: { x: 100, y: 80 } },
    { ...layer('d', 'relu'), position: { x: 200, y: 0 } },
  ];
  const grid = network(layers, 'a>c c>d');

  it('goes to the nearest in that direction, along connections first', () => {
    expect(neighbour(grid, 'b', 'right')).toBe('d');
    expect(neighbour(grid, 'b', 'down')).toBe('c');
    expect(neighbour(grid, 'c', 'up')).toBe('b');
    expect(neighbour(grid, 'a', 'left')).toBeNull();
    expect(neighbour(network(layers, 'a>d'), 'a', 'right')).toBe('b');
    expect(firstLayer(grid)).toBe('a');
  });

  it('appends after the selected layer, else before the output, else at the end', () => {
    const isOutput = (kind: string) => kind === 'output';
    const chain = sequence('input linear:3 output');
    expect(appendPlace(chain, new Set(['input']), isOutput)).toBe('input');
    expect(appendPlace(chain, new Set(), isOutput)).toBe('linear');
    expect(appendPlace(chain, new Set(['output']), isOutput)).toBe('linear');
    expect(appendPlace(sequence('input relu'), new Set(), isOutput)).toBe('relu');
    expect(appendPlace({ layers: [], edges: [] }, new Set(), isOutput)).toBeNull();
  });
});

describe('typed shapes', () => {
  it.each([
    ['1, 28, 28', [1, 28, 28]],
    ['1 × 28×28', [1, 28, 28]],
    ['[4]', [4]],
    ['−1 2', [-1, 2]],
    ['', []],
    ['3, y', null],
    ['2.5', null],
  ])('%s', (text, shape) => expect(parseShape(text)).toEqual(shape));
});

describe('drawn curves', () => {
  it('fill the frame, with 0 inside', () => {
    const { range, x, y, line } = curvePath(Math.tanh, { width: 100, height: 50, margin: 5, range: [-4, 4] });
    expect(range[0]).toBeCloseTo(-0.9993, 4);
    expect(range[1]).toBeCloseTo(0.9993, 4);
    expect([x(-4), x(4), y(range[1]), y(range[0])]).toEqual([5, 95, 5, 45]);
    expect(line).toMatch(/^M5 45/);
    expect(curvePath(() => 3, { width: 10, height: 10, margin: 0, range: [0, 1] }).range).toEqual([0, 3]);
  });
});
