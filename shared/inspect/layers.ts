import { layerDefinition } from '../layers';
import type { LayerDefinition, ParameterValues } from '../layers/definition';
import { parameterValues } from '../layers/parameters';
import type { WeightPlace } from '../api/inspect';
import { elements } from '../layers/sizes';
import { analyseNetwork } from '../network/analyse';
import type { Layer, NetworkDocument } from '../network/document';
import { isNumberList, type Graph, type GraphNode } from '../network/graph';
import { readersOf, type Reader, type WatchedValue } from './taps';

/** Where ∂E/∂(a value) is found: whole, or what comes back through one of its readers. */
export interface GradientPlace {
  value: string;
  /** Null: all of it. */
  reader: Reader | null;
}

export interface DenseProduct {
  kind: 'dense';
  /** Initializer [neurons, inputs]. */
  weight: string;
  bias: string | null;
  /** Training leaves them as they are. */
  frozen: boolean;
}

/** What slides over a picture, as height and width; a signal has height 1. */
export interface SlidingWindow {
  kernel: [number, number];
  stride: [number, number];
  dilation: [number, number];
  /** Top, left. */
  pads: [number, number];
}

export interface ConvolutionProduct extends SlidingWindow {
  kind: 'convolution';
  /** Initializer [filters, channels / groups, height, width]. */
  weight: string;
  bias: string | null;
  frozen: boolean;
  groups: number;
}

export interface InspectedLayer {
  /** Of the document: the layer with the weights, or the only one. */
  id: string;
  kind: string;
  /** The user's name for it. */
  name: string | null;
  /** neurons: u is what its activation receives, δ = ∂E/∂u. other: only values and ∂E/∂v are known (a pool, a sum). */
  role: 'input' | 'neurons' | 'other';
  /** Of v, without the batch; a row that is read as a picture only is that picture. */
  shape: number[];
  /** Graph values; without an activation u and v are the same. */
  u: string;
  v: string;
  /** Where δ is found: ∂E/∂u, or ∂E/∂v where there is no activation. */
  delta: GradientPlace;
  activation: { id: string; kind: string; parameters: ParameterValues } | null;
  product: DenseProduct | ConvolutionProduct | null;
  /** Of a convolution or a pool. */
  window: SlidingWindow | null;
  /** Position among the layers of what it reads; and what comes back to that layer through this reading. */
  sources: { layer: number; returned: GradientPlace }[];
  /** Its v is the answer of the network. */
  isOutput: boolean;
}

/** Layers that hand on what they get, in another shape or none: they are looked through. Dropout drops only while training. */
const transparent: ReadonlySet<string> = new Set(['flatten', 'reshape', 'identity', 'dropout']);

/**
 * A network as the lecture draws it: a linear layer and the activation behind it are one layer of neurons with u, v and δ. From
 * front to back. The graph must be compiled from the document.
 */
export function inspectedLayers(
  network: NetworkDocument,
  graph: Graph,
  inputShape: readonly number[],
): InspectedLayer[] {
  const { live, shapes } = analyseNetwork(network, inputShape);
  const documents = new Map(network.layers.map((layer) => [layer.id, layer]));
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  const readers = readersOf(graph);
  const output = graph.outputs[0]?.name;
  const found: InspectedLayer[] = [];
  /** By graph value: which inspected layer it shows. */
  const shownBy = new Map<string, number>();

  const whole = (value: string): GradientPlace => ({ value, reader: null });
  const through = (value: string, node: string, input: number): GradientPlace =>
    (readers.get(value)?.length ?? 0) > 1 ? { value, reader: { node, input } } : whole(value);

  for (const id of live) {
    const layer = documents.get(id);
    const definition = layer && layerDefinition(layer.kind);
    const shape = [...(shapes[id]?.output ?? [])];
    if (!definition) continue;
    const node = nodes.get(id);
    const value = definition.role === 'input' ? (graph.inputs[0]?.name ?? '') : (node?.outputs[0] ?? '');
    const own = { id, kind: layer.kind, name: layer.name ?? null, shape, u: value, v: value, delta: whole(value) };
    const plain = { ...own, activation: null, product: null, window: null, sources: [], isOutput: value === output };
    if (definition.role === 'input') {
      shownBy.set(value, found.push({ ...plain, role: 'input' }) - 1);
      continue;
    }
    // An output layer is the value of the layer before it.
    if (!node) continue;
    const sources = ownReadings(graph, id, shownBy).map(({ value: from, reader }) => ({
      layer: shownBy.get(from) ?? 0,
      returned: through(from, reader.node, reader.input),
    }));
    const [source] = sources;
    const before = source && found[source.layer];
    const from = node.inputs[0] ?? '';
    if (source && before && transparent.has(layer.kind)) {
      shownBy.set(value, source.layer);
      before.isOutput ||= value === output;
      if (!mapsOf(before) && mapsOf({ shape }) && readers.get(from)?.length === 1) before.shape = shape;
      continue;
    }
    const activation = isActivation(layer, definition)
      ? { id, kind: layer.kind, parameters: parameterValues(definition, layer.parameters) }
      : null;
    if (source && before && activation && mayTake(before, from, readers)) {
      Object.assign(before, { v: value, activation, delta: whole(before.u), isOutput: value === output });
      shownBy.set(value, source.layer);
      continue;
    }
    const product = productOf(node, graph);
    const place = found.push({
      ...plain,
      role: activation || product ? 'neurons' : 'other',
      ...(activation && source ? { activation, u: from, delta: source.returned } : {}),
      product,
      window: product?.kind === 'convolution' ? product : poolWindow(node),
      sources,
    });
    shownBy.set(value, place - 1);
  }
  return found;
}

/** The values of the layers, for `tapGraph`: of one sample. */
export function watchedValues(
  network: NetworkDocument,
  graph: Graph,
  inputShape: readonly number[],
  /** Operator types and the inputs that hold whole numbers: nothing can be added to those. */
  indices: ReadonlyMap<string, readonly number[]>,
): WatchedValue[] {
  const { live, shapes } = analyseNetwork(network, inputShape);
  const roles = new Map(network.layers.map(({ id, kind }) => [id, layerDefinition(kind)?.role]));
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  const whole = new Set<string>();
  for (const { opType, inputs } of graph.nodes)
    for (const index of indices.get(opType) ?? []) whole.add(inputs[index] ?? '');
  return live.flatMap((id) => {
    const value = roles.get(id) === 'input' ? graph.inputs[0]?.name : nodes.get(id)?.outputs[0];
    const shape = shapes[id]?.output;
    return value && shape && !whole.has(value) ? [{ name: value, dims: [1, ...shape] }] : [];
  });
}

/** Neurons of a layer, whatever their arrangement. */
export function neuronCount(layer: Pick<InspectedLayer, 'shape'>): number {
  return elements(layer.shape);
}

/** A picture or a signal per channel: [channels, height, width]. Null: a row of neurons. */
export function mapsOf({ shape }: Pick<InspectedLayer, 'shape'>): {
  channels: number;
  height: number;
  width: number;
} | null {
  const [channels = 1, ...sides] = shape;
  if (sides.length === 1) return { channels, height: 1, width: sides[0] ?? 1 };
  if (sides.length === 2) return { channels, height: sides[0] ?? 1, width: sides[1] ?? 1 };
  return null;
}

/** The bias of a convolution serves a whole map. */
export function biasPlace(layer: InspectedLayer, neuron: number): WeightPlace | null {
  if (!layer.product?.bias) return null;
  const maps = layer.product.kind === 'convolution' ? mapsOf(layer) : null;
  return { name: layer.product.bias, index: maps ? Math.floor(neuron / (maps.height * maps.width)) : neuron };
}

/** Columns of the drawing, from 0: one more than the farthest of those a layer reads. */
export function columnsOf(layers: readonly InspectedLayer[]): number[] {
  const columns: number[] = [];
  for (const { sources } of layers)
    columns.push(sources.length === 0 ? 0 : 1 + Math.max(...sources.map(({ layer }) => columns[layer] ?? 0)));
  return columns;
}

/** The layers that read this one, with what comes back from each. */
export function readersOfLayer(
  layers: readonly InspectedLayer[],
  layer: number,
): { layer: number; returned: GradientPlace }[] {
  return layers.flatMap(({ sources }, reader) =>
    sources.filter((source) => source.layer === layer).map(({ returned }) => ({ layer: reader, returned })),
  );
}

function isActivation(layer: Layer, definition: LayerDefinition): boolean {
  return definition.curve !== undefined && !definition.weights && !transparent.has(layer.kind);
}

/** Whether an activation reads a layer of neurons that nothing else reads and that has none yet. */
function mayTake(before: InspectedLayer, from: string, readers: ReadonlyMap<string, readonly Reader[]>): boolean {
  return before.product !== null && before.activation === null && before.v === from && readers.get(from)?.length === 1;
}

/** What the nodes of a layer (`id`, `id.…`) read from other layers. */
function ownReadings(
  { nodes }: Graph,
  id: string,
  shownBy: ReadonlyMap<string, number>,
): { value: string; reader: Reader }[] {
  return nodes
    .filter(({ name }) => name === id || name.startsWith(`${id}.`))
    .flatMap(({ name, inputs }) =>
      inputs.flatMap((value, input) => (shownBy.has(value) ? [{ value, reader: { node: name, input } }] : [])),
    );
}

function productOf(node: GraphNode, graph: Graph): DenseProduct | ConvolutionProduct | null {
  const [, weight = '', bias = ''] = node.inputs;
  const initializer = graph.initializers.find(({ name }) => name === weight);
  if (!(initializer?.data instanceof Float32Array)) return null;
  const own = { weight, bias: bias === '' ? null : bias, frozen: initializer.frozen ?? false };
  const { transA = 0, transB = 0, alpha = 1, beta = 1 } = node.attributes;
  if (node.opType === 'Gemm' && transA === 0 && transB === 1 && alpha === 1 && beta === 1)
    return { kind: 'dense', ...own };
  if (node.opType !== 'Conv' || initializer.dims.length < 3 || initializer.dims.length > 4) return null;
  const window = slidingWindow(node, initializer.dims.slice(2));
  return { kind: 'convolution', ...own, ...window, groups: Number(node.attributes.group ?? 1) };
}

function poolWindow(node: GraphNode): SlidingWindow | null {
  const { kernel_shape: kernel } = node.attributes;
  return /^(Max|Average|Lp)Pool$/.test(node.opType) && isNumberList(kernel) && kernel.length <= 2
    ? slidingWindow(node, kernel)
    : null;
}

function slidingWindow({ attributes }: GraphNode, kernel: readonly number[]): SlidingWindow {
  const list = (name: string, otherwise: number): number[] => {
    const given = attributes[name];
    return isNumberList(given) ? given : kernel.map(() => otherwise);
  };
  // A signal is a picture of one row.
  const pair = (values: readonly number[], otherwise: number): [number, number] =>
    values.length === 1 ? [otherwise, values[0] ?? otherwise] : [values[0] ?? otherwise, values[1] ?? otherwise];
  return {
    kernel: pair(kernel, 1),
    stride: pair(list('strides', 1), 1),
    dilation: pair(list('dilations', 1), 1),
    pads: pair(list('pads', 0).slice(0, kernel.length), 0),
  };
}
