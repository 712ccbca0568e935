import { graphlib, layout } from '@dagrejs/dagre';
import {
  boxPadding,
  lineHeight,
  textSize,
  type DrawnBox,
  type DrawnFrame,
  type DrawnLink,
  type GraphDrawing,
  type Place,
} from '../../../shared/recorded-graph/drawing';
import { boxLines, linkLabels, type BoxLine, type Words } from '../../../shared/recorded-graph/labels';
import type { Direction, VisibleBox, VisibleGraph, VisibleLink } from '../../../shared/recorded-graph/visible';

/** down: what is computed first stands on top; right: on the left. */
export type Orientation = 'down' | 'right';

/** Room for the title of an open layer. */
const frameTitle = 18;
const framePadding = 6;
/** From a way to the one back, and to what is written beside it. */
const apart = 5;
const beside = 5;

interface Sized {
  width: number;
  height: number;
  x: number;
  y: number;
}
interface Way {
  width: number;
  height: number;
  labelpos: 'c';
  points: Place[];
  x?: number;
  y?: number;
}

/** Places of everything, as little crossed as dagre manages. */
export function layOut(
  visible: VisibleGraph,
  { direction, orientation, words }: { direction: Direction; orientation: Orientation; words: Words },
): GraphDrawing {
  const graph: Laid = new graphlib.Graph({ compound: true, multigraph: true });
  graph.setGraph({ rankdir: orientation === 'down' ? 'TB' : 'LR', nodesep: 22, ranksep: 26, marginx: 4, marginy: 16 });
  const lines = new Map(visible.boxes.map((box) => [box.id, boxLines(box, direction, words)]));
  for (const { id } of visible.boxes) graph.setNode(id, { ...sizeOf(lines.get(id) ?? []), x: 0, y: 0 });
  for (const { id } of visible.open) graph.setNode(frameOf(id), { width: 0, height: 0, x: 0, y: 0 });
  for (const { id, inside } of visible.boxes) if (inside !== null) graph.setParent(id, frameOf(inside));
  const nodes = new Map(visible.boxes.map(({ id, node }) => [id, node]));
  const labels = visible.links.map((link) => linkLabels(link, nodes.get(link.from) ?? null, direction, words));
  visible.links.forEach(({ from, to }, i) => {
    const written = [labels[i]?.forward, labels[i]?.backward].map((text) => (text ? textWidth(text, 'label') : 0));
    const width =
      orientation === 'down' ? (written[0] ?? 0) + (written[1] ?? 0) + 4 * beside : Math.max(...written) + 8;
    graph.setEdge(
      { v: from, w: to, name: String(i) },
      { width, height: orientation === 'down' ? 14 : 30, labelpos: 'c', points: [] },
    );
  });
  layout(graph);
  const mirror = mirrorOf(graph, visible.links, orientation);

  const size = graph.graph() as { width?: number; height?: number };
  const boxes = visible.boxes.map((box) =>
    drawnBox(box, mirror(graph.node(box.id)), lines.get(box.id) ?? [], direction),
  );
  const places = new Map(boxes.map((box) => [box.id, box]));
  const links = visible.links.flatMap((link, i) => {
    const laid = graph.edge({ v: link.from, w: link.to, name: String(i) });
    const way = { ...mirror({ x: 0, y: 0, ...laid }), points: laid.points.map(mirror) };
    const ends = [link.from, link.to].map((id) => places.get(id)) as [DrawnBox, DrawnBox];
    return drawnLinks(link, { key: `${i}`, ends, direction, orientation }, way, labels[i] ?? noLabels);
  });
  const frames = visible.open.map((group): DrawnFrame => {
    const inside = boxes.filter((_, i) => visible.boxes[i]?.inside === group.id);
    const title = words.layer(group);
    return { id: group.id, title, ...around(inside, textWidth(title, 'detail') + 16) };
  });
  return {
    width: size.width ?? 0,
    height: size.height ?? 0,
    boxes,
    links,
    frames,
  };
}

type Laid = graphlib.Graph<object, Sized, Way>;

/** dagre does not know that b + c has b on the left: where most inputs stand the other way round, all is mirrored. */
function mirrorOf(
  graph: Laid,
  links: readonly VisibleLink[],
  orientation: Orientation,
): <P extends Place>(place: P) => P {
  const size = graph.graph() as { width?: number; height?: number };
  const axis = orientation === 'down' ? 'x' : 'y';
  const whole = (orientation === 'down' ? size.width : size.height) ?? 0;
  const inputs = new Map<string, VisibleLink[]>();
  for (const link of links) inputs.set(link.to, [...(inputs.get(link.to) ?? []), link]);
  let inOrder = 0;
  for (const own of inputs.values()) {
    const sorted = own.toSorted((a, b) => (a.edges[0]?.input ?? 0) - (b.edges[0]?.input ?? 0));
    for (let i = 1; i < sorted.length; i++)
      inOrder += Math.sign(graph.node(sorted[i]?.from ?? '')[axis] - graph.node(sorted[i - 1]?.from ?? '')[axis]);
  }
  return (place) => (inOrder < 0 ? { ...place, [axis]: whole - place[axis] } : place);
}

const frameOf = (group: string): string => `frame ${group}`;

function sizeOf(lines: readonly BoxLine[]): { width: number; height: number } {
  const widest = Math.max(20, ...lines.map(({ text, role }) => textWidth(text, role)));
  return { width: Math.ceil(widest) + 2 * boxPadding.x, height: lines.length * lineHeight + 2 * boxPadding.y };
}

/** Near enough for any of the fonts: the file must fit on machines that have another one. */
const textWidth = (text: string, role: keyof typeof textSize): number =>
  text.length * textSize[role] * (role === 'title' ? 0.62 : 0.57);

function drawnBox(box: VisibleBox, { x, y, width, height }: Sized, lines: BoxLine[], direction: Direction): DrawnBox {
  const { id, node, layer, branch } = box;
  const reached = node ? node.requiresGrad : (layer?.nodes.some(({ requiresGrad }) => requiresGrad) ?? false);
  return {
    id,
    // dagre gives centres.
    x: x - width / 2,
    y: y - height / 2,
    width,
    height,
    look: layer ? 'layer' : (node?.kind ?? 'operator'),
    result: node?.result ?? false,
    pale: direction !== 'forward' && !reached,
    branch,
    lines,
  };
}

const noLabels = { forward: null, backward: null };

function drawnLinks(
  { from, to, requiresGrad }: VisibleLink,
  {
    key,
    ends,
    direction,
    orientation,
  }: { key: string; ends: [DrawnBox, DrawnBox]; direction: Direction; orientation: Orientation },
  { points, x = 0, y = 0 }: Way,
  labels: { forward: string | null; backward: string | null },
): DrawnLink[] {
  const both = direction === 'both' && requiresGrad;
  const across = orientation === 'down' ? { x: 1, y: 0 } : { x: 0, y: 1 };
  const one = (way: DrawnLink['way'], side: -1 | 1): DrawnLink => {
    const shift = both ? side * apart : 0;
    const aside = (point: Place): Place => ({ x: point.x + shift * across.x, y: point.y + shift * across.y });
    const between = points.slice(1, -1).map(aside);
    const [start, end] = ends;
    const moved = [
      borderOf(start, aside(middleOf(start)), between[0] ?? aside(middleOf(end))),
      ...between,
      borderOf(end, aside(middleOf(end)), between.at(-1) ?? aside(middleOf(start))),
    ];
    const text = labels[way];
    // Beside the line, on its own side of it.
    const away = side * (beside + Math.abs(shift));
    const place =
      orientation === 'down'
        ? { x: x + away + (side * textWidth(text ?? '', 'label')) / 2, y: y + 4 }
        : { x, y: y + away + (side > 0 ? 9 : 0) };
    return {
      key: `${key} ${way}`,
      from,
      to,
      way,
      points: way === 'forward' ? moved : moved.toReversed(),
      pale: direction !== 'forward' && !requiresGrad,
      label: text === null ? null : { ...place, text },
    };
  };
  return [
    ...(direction === 'backward' ? [] : [one('forward', -1)]),
    ...(direction !== 'forward' && requiresGrad ? [one('backward', 1)] : []),
  ];
}

const middleOf = ({ x, y, width, height }: DrawnBox): Place => ({ x: x + width / 2, y: y + height / 2 });

/** Where the line from a place in a box to one outside leaves it. */
function borderOf({ x, y, width, height }: DrawnBox, inside: Place, outside: Place): Place {
  const [dx, dy] = [outside.x - inside.x, outside.y - inside.y];
  const share = (side: number, from: number, size: number, at: number): number =>
    side === 0 ? Infinity : ((side > 0 ? from + size : from) - at) / side;
  const along = Math.min(1, share(dx, x, width, inside.x), share(dy, y, height, inside.y));
  return { x: inside.x + along * dx, y: inside.y + along * dy };
}

/** At least so wide that its title fits. */
function around(boxes: readonly DrawnBox[], least: number): Place & { width: number; height: number } {
  const inner = Math.min(...boxes.map(({ x }) => x)) - framePadding;
  const width = Math.max(...boxes.map(({ x, width: own }) => x + own)) + framePadding - inner;
  const wider = Math.max(0, least - width);
  const top = Math.min(...boxes.map(({ y }) => y)) - framePadding - frameTitle;
  return {
    x: inner - wider / 2,
    y: top,
    width: width + wider,
    height: Math.max(...boxes.map(({ y, height }) => y + height)) + framePadding - top,
  };
}
