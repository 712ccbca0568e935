import type { IncomingTerm, NeuronPlace, NeuronView, OutgoingTerm, Returned } from '../../../shared/api/inspect';
import { LabError } from '../../../shared/errors';
import { receptiveFields, windowOf, type WindowTap } from '../../../shared/inspect/field';
import { biasPlace, mapsOf, neuronCount, readersOfLayer, type InspectedLayer } from '../../../shared/inspect/layers';
import { slopeAt } from '../../../shared/inspect/slopes';
import { gradientAt, type Inspection } from './inspection';
import { emptyMap, gridOf, heatMap, Reader } from './reader';

/** Summands written out; the sum of the others is told. */
const mostTerms = 8;
/** Filters and channels of weights shown. */
const mostMaps = 16;

/** Everything about one value of a layer: what made it, and what its δ is made of. */
export async function viewNeuron(inspection: Inspection, { layer: place, neuron }: NeuronPlace): Promise<NeuronView> {
  const layer = inspection.layers[place];
  if (!layer || neuron >= neuronCount(layer))
    throw new LabError('inspect.no-neuron', { layer: layer?.id ?? String(place), neuron: neuron + 1 });
  const view: NeuronView = {
    layer: place,
    neuron,
    u: 0,
    v: 0,
    delta: 0,
    bias: null,
    valueGradient: 0,
    slope: 1,
    desired: layer.isOutput ? (inspection.desired?.[neuron] ?? null) : null,
    incoming: null,
    returned: [],
    weights: [],
    fields: receptiveFields(inspection.layers, { layer: place, neuron }),
  };
  const reader = new Reader();
  const one = (tensor: Parameters<Reader['add']>[0]['tensor'], at: number, take: (value: number) => void) =>
    reader.add({ tensor, at: [at] }, ({ values: [value = 0] }) => take(value));
  one({ of: 'value', name: layer.u }, neuron, (value) => (view.u = value));
  one({ of: 'value', name: layer.v }, neuron, (value) => (view.v = value));
  one(gradientAt(layer.delta), neuron, (value) => (view.delta = value));
  one({ of: 'value-gradient', name: layer.v }, neuron, (value) => (view.valueGradient = value));
  readBias(reader, layer, neuron, view);
  if (layer.product?.kind === 'dense') readDense(reader, inspection, layer, neuron, view);
  if (layer.product?.kind === 'convolution') readConvolution(reader, inspection, layer, neuron, view);
  view.returned = readersOfLayer(inspection.layers, place).map((following) =>
    readReturned(reader, inspection, following, neuron),
  );
  await reader.run((reads) => inspection.read(reads));
  view.slope = slopeAt(layer.activation, view.u, view.v);
  return view;
}

function readBias(reader: Reader, layer: InspectedLayer, neuron: number, view: NeuronView): void {
  const place = biasPlace(layer, neuron);
  if (!place) return;
  const { name, index } = place;
  const at = [index];
  const bias = { value: 0, gradient: 0 };
  view.bias = bias;
  reader.add({ tensor: { of: 'weight', name }, at }, ({ values: [value = 0] }) => (bias.value = value));
  reader.add({ tensor: { of: 'weight-gradient', name }, at }, ({ values: [value = 0] }) => (bias.gradient = value));
}

function readDense(
  reader: Reader,
  inspection: Inspection,
  layer: InspectedLayer,
  neuron: number,
  view: NeuronView,
): void {
  const weight = layer.product?.weight ?? '';
  const [source] = layer.sources;
  const before = source && inspection.layers[source.layer];
  if (!before) return;
  const width = inspection.weights.get(weight)?.[1] ?? 0;
  const range = { start: neuron * width, step: 1, count: width };
  const numbers: Record<'weights' | 'gradients' | 'values', Float32Array> = {
    weights: none,
    gradients: none,
    values: none,
  };
  reader.add(
    { tensor: { of: 'weight', name: weight }, range, whole: true },
    (it) => (numbers.weights = it.whole ?? none),
  );
  reader.add(
    { tensor: { of: 'weight-gradient', name: weight }, range, whole: true },
    (it) => (numbers.gradients = it.whole ?? none),
  );
  reader.add({ tensor: { of: 'value', name: before.v }, whole: true }, ({ whole }) => {
    numbers.values = whole ?? none;
    const terms = Array.from({ length: width }, (_, from): IncomingTerm => ({
      weight: { name: weight, index: range.start + from },
      source: { layer: source.layer, neuron: from },
      value: numbers.values[from] ?? 0,
      weightValue: numbers.weights[from] ?? 0,
      gradient: numbers.gradients[from] ?? 0,
    }));
    view.incoming = strongestTerms(terms, ({ value, weightValue }) => value * weightValue);
  });
  if (width <= mostTerms) return;
  // As the layer they come from is drawn: one picture per channel, or a grid.
  const maps = mapsOf(before);
  const side = maps ? maps.height * maps.width : width;
  const grid = maps ? { rows: maps.height, columns: maps.width } : gridOf(width);
  for (let channel = 0; channel < Math.min(width / side, mostMaps); channel++)
    readMaps(reader, view, weight, { start: range.start + channel * side, step: 1, count: side }, grid);
}

function readConvolution(
  reader: Reader,
  inspection: Inspection,
  layer: InspectedLayer,
  neuron: number,
  view: NeuronView,
): void {
  const { product } = layer;
  const [source] = layer.sources;
  const before = source && inspection.layers[source.layer];
  const maps = mapsOf(layer);
  const from = before && mapsOf(before);
  if (product?.kind !== 'convolution' || !maps || !from) return;
  const window = windowOf(product, maps, from, neuron);
  const perFilter = window.channels * product.kernel[0] * product.kernel[1];
  const filter = Math.floor(neuron / (maps.height * maps.width));
  const start = filter * perFilter;
  const range = { start, step: 1, count: perFilter };
  const numbers: Record<'weights' | 'gradients', Float32Array> = { weights: none, gradients: none };
  reader.add(
    { tensor: { of: 'weight', name: product.weight }, range, whole: true },
    (it) => (numbers.weights = it.whole ?? none),
  );
  reader.add(
    { tensor: { of: 'weight-gradient', name: product.weight }, range, whole: true },
    (it) => (numbers.gradients = it.whole ?? none),
  );
  const at = window.taps.map((tap) => tap.source);
  reader.add({ tensor: { of: 'value', name: before.v }, at }, ({ values }) => {
    const terms = window.taps.map((tap: WindowTap, index): IncomingTerm => ({
      weight: { name: product.weight, index: start + tap.weight },
      source: { layer: source.layer, neuron: tap.source },
      value: values[index] ?? 0,
      weightValue: numbers.weights[tap.weight] ?? 0,
      gradient: numbers.gradients[tap.weight] ?? 0,
    }));
    view.incoming = strongestTerms(terms, ({ value, weightValue }) => value * weightValue);
  });
  const [rows, columns] = product.kernel;
  for (let channel = 0; channel < Math.min(window.channels, mostMaps); channel++) {
    const part = { start: start + channel * rows * columns, step: 1, count: rows * columns };
    readMaps(reader, view, product.weight, part, { rows, columns });
  }
}

/** The weights of a range and their gradients, as pictures. */
function readMaps(
  reader: Reader,
  view: NeuronView,
  name: string,
  range: { start: number; step: number; count: number },
  picture: { rows: number; columns: number },
): void {
  const maps = { first: { name, index: range.start }, values: emptyMap, gradients: emptyMap };
  view.weights.push(maps);
  const { rows, columns } = picture;
  reader.add({ tensor: { of: 'weight', name }, range, picture }, (it) => (maps.values = heatMap(it, rows, columns)));
  reader.add(
    { tensor: { of: 'weight-gradient', name }, range, picture },
    (it) => (maps.gradients = heatMap(it, rows, columns)),
  );
}

/** What one following layer sends back: all of it, and through which weights. */
function readReturned(
  reader: Reader,
  inspection: Inspection,
  { layer: place, returned: from }: ReturnType<typeof readersOfLayer>[number],
  neuron: number,
): Returned {
  const returned: Returned = { layer: place, total: 0, terms: [], others: 0, count: 0 };
  const layer = inspection.layers[place];
  reader.add({ tensor: gradientAt(from), at: [neuron] }, ({ values: [total = 0] }) => (returned.total = total));
  if (layer?.product?.kind !== 'dense') return returned;
  const { weight } = layer.product;
  const [rows = 0, width = 0] = inspection.weights.get(weight) ?? [];
  let weights: ArrayLike<number> = none;
  reader.add(
    { tensor: { of: 'weight', name: weight }, range: { start: neuron, step: width, count: rows }, whole: true },
    (it) => (weights = it.whole ?? none),
  );
  reader.add({ tensor: gradientAt(layer.delta), whole: true }, ({ whole }) => {
    const deltas = whole ?? none;
    const terms = Array.from({ length: rows }, (_, to): OutgoingTerm => ({
      weight: { name: weight, index: to * width + neuron },
      neuron: { layer: place, neuron: to },
      weightValue: weights[to] ?? 0,
      delta: deltas[to] ?? 0,
    }));
    Object.assign(
      returned,
      strongestTerms(terms, ({ weightValue, delta }) => weightValue * delta),
    );
  });
  return returned;
}

const none: Float32Array = new Float32Array(0);

/** The summands largest in size, in their order, and the sum of the rest. */
function strongestTerms<Term>(
  terms: Term[],
  size: (term: Term) => number,
): { terms: Term[]; others: number; count: number } {
  const kept = new Set([...terms].sort((a, b) => Math.abs(size(b)) - Math.abs(size(a))).slice(0, mostTerms));
  const others = terms.reduce((sum, term) => (kept.has(term) ? sum : sum + size(term)), 0);
  return { terms: terms.filter((term) => kept.has(term)), others, count: terms.length };
}
