import type { ChannelPicture, LayerPicture, Neuron, NeuronPlace } from '../../../shared/api/inspect';
import { mapsOf, neuronCount, type InspectedLayer } from '../../../shared/inspect/layers';
import { gradientAt, type Inspection } from './inspection';
import { emptyMap, gridOf, heatMap, Reader } from './reader';

/** What is drawn of every layer. */
export async function pictureLayers(
  inspection: Inspection,
  most: number,
  pinned: readonly NeuronPlace[],
): Promise<LayerPicture[]> {
  const shown = await strongestNeurons(inspection, most, pinned);
  const reader = new Reader();
  const pictures = inspection.layers.map((layer, index) => {
    const places = shown[index] ?? [];
    const picture: LayerPicture = { layer: index, neurons: [], overview: null, channels: [], edges: [] };
    if (mapsOf(layer)) picture.channels = readChannels(reader, layer, places);
    else {
      picture.neurons = readNeurons(reader, layer, places);
      if (places.length < neuronCount(layer)) picture.overview = readOverview(reader, layer);
      readEdges(reader, inspection, layer, places, shown, picture.edges);
    }
    return picture;
  });
  await reader.run((reads) => inspection.read(reads));
  return pictures;
}

/** By layer: positions of neurons (of channels, where the layer is maps), ascending. Strong is what has a large δ; of inputs, a large value. */
async function strongestNeurons(
  inspection: Inspection,
  most: number,
  pinned: readonly NeuronPlace[],
): Promise<number[][]> {
  const reader = new Reader();
  const found = inspection.layers.map((layer, index) => {
    const maps = mapsOf(layer);
    const count = maps ? maps.channels : neuronCount(layer);
    const side = maps ? maps.height * maps.width : 1;
    const own = pinned.filter((place) => place.layer === index).map(({ neuron }) => Math.floor(neuron / side));
    const places = new Set(own.filter((place) => place < count));
    if (count <= most) for (let place = 0; place < count; place++) places.add(place);
    else {
      const tensor = layer.role === 'input' ? ({ of: 'value', name: layer.v } as const) : gradientAt(layer.delta);
      if (!maps) reader.add({ tensor, top: most }, ({ top }) => top.forEach(({ place }) => add(places, place, most)));
      else strongestChannels(reader, tensor, count, side, (channels) => channels.forEach((c) => add(places, c, most)));
    }
    return places;
  });
  await reader.run((reads) => inspection.read(reads));
  return found.map((places) => [...places].sort((a, b) => a - b));
}

function add(places: Set<number>, place: number, most: number): void {
  if (places.size < most) places.add(place);
}

function strongestChannels(
  reader: Reader,
  tensor: Parameters<Reader['add']>[0]['tensor'],
  count: number,
  side: number,
  take: (channels: number[]) => void,
): void {
  const sizes = new Map<number, number>();
  for (let channel = 0; channel < count; channel++)
    reader.add({ tensor, range: { start: channel * side, step: 1, count: side } }, ({ largest }) => {
      sizes.set(channel, largest);
      if (sizes.size === count) take([...sizes].sort(([, a], [, b]) => b - a).map(([index]) => index));
    });
}

function readNeurons(reader: Reader, layer: InspectedLayer, places: number[]): Neuron[] {
  const bias = layer.product?.bias ?? null;
  const neurons: Neuron[] = places.map((neuron) => ({
    neuron,
    u: 0,
    v: 0,
    delta: 0,
    bias: bias === null ? null : { value: 0, gradient: 0 },
  }));
  const set = (take: (neuron: Neuron, value: number) => void) => (reading: { values: number[] }) =>
    neurons.forEach((neuron, index) => take(neuron, reading.values[index] ?? 0));
  reader.add(
    { tensor: { of: 'value', name: layer.u }, at: places },
    set((neuron, value) => (neuron.u = value)),
  );
  reader.add(
    { tensor: { of: 'value', name: layer.v }, at: places },
    set((neuron, value) => (neuron.v = value)),
  );
  reader.add(
    { tensor: gradientAt(layer.delta), at: places },
    set((neuron, value) => (neuron.delta = value)),
  );
  if (bias === null) return neurons;
  reader.add(
    { tensor: { of: 'weight', name: bias }, at: places },
    set((neuron, value) => neuron.bias && (neuron.bias.value = value)),
  );
  reader.add(
    { tensor: { of: 'weight-gradient', name: bias }, at: places },
    set((neuron, value) => neuron.bias && (neuron.bias.gradient = value)),
  );
  return neurons;
}

function readOverview(reader: Reader, layer: InspectedLayer): NonNullable<LayerPicture['overview']> {
  const grid = gridOf(neuronCount(layer));
  const overview = { v: emptyMap, delta: emptyMap };
  reader.add(
    { tensor: { of: 'value', name: layer.v }, picture: grid },
    (it) => (overview.v = heatMap(it, grid.rows, grid.columns)),
  );
  reader.add(
    { tensor: gradientAt(layer.delta), picture: grid },
    (it) => (overview.delta = heatMap(it, grid.rows, grid.columns)),
  );
  return overview;
}

function readChannels(reader: Reader, layer: InspectedLayer, channels: number[]): ChannelPicture[] {
  const { height = 1, width = 1 } = mapsOf(layer) ?? {};
  return channels.map((channel) => {
    const range = { start: channel * height * width, step: 1, count: height * width };
    const picture = { rows: height, columns: width };
    const shown: ChannelPicture = { channel, v: emptyMap, delta: emptyMap };
    reader.add(
      { tensor: { of: 'value', name: layer.v }, range, picture },
      (it) => (shown.v = heatMap(it, height, width)),
    );
    reader.add({ tensor: gradientAt(layer.delta), range, picture }, (it) => (shown.delta = heatMap(it, height, width)));
    return shown;
  });
}

/** Weights between neurons that are both shown. */
function readEdges(
  reader: Reader,
  inspection: Inspection,
  { product, sources }: InspectedLayer,
  places: number[],
  shown: number[][],
  edges: LayerPicture['edges'],
): void {
  const [source] = sources;
  const before = source && inspection.layers[source.layer];
  if (product?.kind !== 'dense' || !before || mapsOf(before)) return;
  const width = inspection.weights.get(product.weight)?.[1] ?? 0;
  for (const to of places)
    for (const from of shown[source.layer] ?? [])
      edges.push({ index: to * width + from, from, to, weight: 0, gradient: 0 });
  const at = edges.map(({ index }) => index);
  reader.add({ tensor: { of: 'weight', name: product.weight }, at }, ({ values }) =>
    edges.forEach((edge, index) => (edge.weight = values[index] ?? 0)),
  );
  reader.add({ tensor: { of: 'weight-gradient', name: product.weight }, at }, ({ values }) =>
    edges.forEach((edge, index) => (edge.gradient = values[index] ?? 0)),
  );
}
