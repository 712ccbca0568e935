import type { LayerPicture } from '../../../shared/api/inspect';
import type { InspectedLayer } from '../../../shared/inspect/layers';
import type { InspectStep } from '../../../shared/inspect/stages';
import type { Drawing, LayerBox } from './layout';
import { edgeNumber, edgeQuantity } from './shown';
import type { Selection } from './use-inspection';

export interface DrawnEdge {
  key: string;
  path: string;
  /** Where its number stands. */
  label: { x: number; y: number };
  value: number;
  /** Null: no single weight, but all that goes from one layer to the next. */
  weight: {
    name: string;
    index: number;
    from: { layer: number; neuron: number };
    to: { layer: number; neuron: number };
  } | null;
  /** Which way a signal goes through it at this stage. */
  flow: 'forward' | 'back' | null;
  dim: boolean;
  selected: boolean;
}

export interface EdgeContext {
  layers: readonly InspectedLayer[];
  pictures: readonly LayerPicture[];
  drawing: Drawing;
  step: InspectStep;
  rate: number;
  selection: Selection | null;
}

/** Labels stand nearer to the neuron that sums: there the lines of one neuron have parted. */
const labelAt = 0.64;

export function drawnEdges(context: EdgeContext): DrawnEdge[] {
  return context.layers.flatMap((layer, to) =>
    layer.sources.flatMap(({ layer: from }) => {
      const source = context.drawing.layers[from];
      const target = context.drawing.layers[to];
      if (!source || !target) return [];
      const edges = context.pictures[to]?.edges ?? [];
      return edges.length > 0 ? weightEdges(context, source, target) : [bundle(context, source, target)];
    }),
  );
}

function weightEdges(context: EdgeContext, source: LayerBox, target: LayerBox): DrawnEdge[] {
  const { layers, pictures, drawing, step, rate, selection } = context;
  const layer = layers[target.layer];
  const product = layer?.product;
  if (!product) return [];
  const quantity = edgeQuantity(step.stage);
  const flow = flowOf(context, source.layer, target.layer);
  const rows = (box: LayerBox) => new Map(box.rows.map(({ id, y }) => [id, y]));
  const sourceRows = rows(source);
  const targetRows = rows(target);
  return (pictures[target.layer]?.edges ?? []).map((edge): DrawnEdge => {
    const start = point(
      source.x,
      sourceRows.get(edge.from) ?? 0,
      target.x,
      targetRows.get(edge.to) ?? 0,
      drawing.radius + 3,
    );
    const end = point(
      target.x,
      targetRows.get(edge.to) ?? 0,
      source.x,
      sourceRows.get(edge.from) ?? 0,
      drawing.radius + 3,
    );
    return {
      key: `${product.weight} ${edge.index}`,
      path: `M${start.x} ${start.y}L${end.x} ${end.y}`,
      label: {
        x: start.x + (end.x - start.x) * labelAt,
        y: start.y + (end.y - start.y) * labelAt,
      },
      value: edgeNumber(edge, quantity, rate, product.frozen),
      weight: {
        name: product.weight,
        index: edge.index,
        from: { layer: source.layer, neuron: edge.from },
        to: { layer: target.layer, neuron: edge.to },
      },
      flow,
      dim: isDim(context, edge, source.layer, target.layer, flow),
      selected:
        selection?.kind === 'weight' &&
        selection.weight.name === product.weight &&
        selection.weight.index === edge.index,
    };
  });
}

/** A selected neuron shows its own lines; a running signal shows where it runs. */
function isDim(
  { selection, step }: EdgeContext,
  edge: { from: number; to: number },
  source: number,
  target: number,
  flow: DrawnEdge['flow'],
): boolean {
  if (selection?.kind === 'neuron') {
    const { layer, neuron } = selection.place;
    return !((layer === target && neuron === edge.to) || (layer === source && neuron === edge.from));
  }
  return (step.stage === 'hidden-deltas' || step.stage === 'output-deltas') && flow === null;
}

function flowOf({ step }: EdgeContext, source: number, target: number): DrawnEdge['flow'] {
  if (step.stage === 'outputs') return 'forward';
  return step.stage === 'hidden-deltas' && step.layers.includes(source) && !step.layers.includes(target)
    ? 'back'
    : null;
}

/** All that goes from one layer to another as one line; past layers in between it goes in a bow below. */
function bundle(context: EdgeContext, source: LayerBox, target: LayerBox): DrawnEdge {
  const flow = flowOf(context, source.layer, target.layer);
  const middle = (box: LayerBox) => {
    const [first, last] = [box.rows[0]?.y ?? box.top, box.rows.at(-1)?.y ?? box.bottom];
    return (first + last) / 2;
  };
  const from = { x: source.x + source.reach + 8, y: middle(source) };
  const to = { x: target.x - target.reach - 8, y: middle(target) };
  const between = context.drawing.layers.some(
    (box) => box.x > source.x + 1 && box.x < target.x - 1 && box.top < from.y && box.bottom > from.y,
  );
  const low = context.drawing.height - 14;
  const bow = between
    ? `M${from.x} ${from.y}C${from.x + 60} ${low} ${to.x - 60} ${low} ${to.x} ${to.y}`
    : `M${from.x} ${from.y}L${to.x} ${to.y}`;
  return {
    key: `${source.layer} ${target.layer}`,
    path: bow,
    label: { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 },
    value: 0,
    weight: null,
    flow,
    dim: context.step.stage.endsWith('deltas') && flow === null,
    selected: false,
  };
}

/** The point `distance` from (x, y) towards another. */
function point(x: number, y: number, toX: number, toY: number, distance: number): { x: number; y: number } {
  const length = Math.hypot(toX - x, toY - y) || 1;
  const round = (value: number) => Math.round(value * 10) / 10;
  return { x: round(x + ((toX - x) / length) * distance), y: round(y + ((toY - y) / length) * distance) };
}
