import type { CheckScope, GradientCheck, WeightPlace, WeightView } from '../../../shared/api/inspect';
import { LabError } from '../../../shared/errors';
import { rankErrors, spread } from '../../../shared/inspect/check';
import { mapsOf } from '../../../shared/inspect/layers';
import { gradientAt, type Inspection } from './inspection';
import { Reader } from './reader';

/** Numerical gradients of one answer: so many forward passes (two a weight) that small networks are checked whole. */
const checkedOperations = 4e7;
const mostChecked = 2000;
const leastChecked = 24;
const mostWorst = 20;

export async function viewWeight(inspection: Inspection, weight: WeightPlace): Promise<WeightView> {
  const { name, index } = weight;
  const layer = inspection.layers.findIndex(({ product }) => product?.weight === name || product?.bias === name);
  const found = inspection.layers[layer];
  const dims = inspection.weights.get(name) ?? [];
  if (!found?.product || index >= dims.reduce((size, side) => size * side, 1))
    throw new LabError('inspect.no-neuron', { layer: name, neuron: index + 1 });
  const { product } = found;
  const maps = product.kind === 'convolution' ? mapsOf(found) : null;
  const view: WeightView = {
    weight,
    layer,
    value: 0,
    gradient: 0,
    frozen: product.frozen,
    source: null,
    neuron: null,
    places: maps ? maps.height * maps.width : 1,
  };
  const reader = new Reader();
  reader.add({ tensor: { of: 'weight', name }, at: [index] }, ({ values: [value = 0] }) => (view.value = value));
  reader.add(
    { tensor: { of: 'weight-gradient', name }, at: [index] },
    ({ values: [value = 0] }) => (view.gradient = value),
  );
  if (product.kind === 'dense') {
    const [, width = 1] = name === product.weight ? dims : [0, 1];
    const neuron = { layer, neuron: Math.floor(index / width), delta: 0 };
    view.neuron = neuron;
    reader.add(
      { tensor: gradientAt(found.delta), at: [neuron.neuron] },
      ({ values: [value = 0] }) => (neuron.delta = value),
    );
    const [source] = found.sources;
    const before = source && inspection.layers[source.layer];
    if (before && name === product.weight) {
      const from = { layer: source.layer, neuron: index % width, v: 0 };
      view.source = from;
      reader.add(
        { tensor: { of: 'value', name: before.v }, at: [from.neuron] },
        ({ values: [value = 0] }) => (from.v = value),
      );
    }
  }
  await reader.run((reads) => inspection.read(reads));
  return view;
}

export async function checkGradients(inspection: Inspection, scope: CheckScope): Promise<GradientCheck> {
  const { places, total } = placesOf(inspection, scope);
  const checked = rankErrors(await inspection.ask('inspectCheck', { id: inspection.id, places }));
  return { checked: checked.length, total, largest: checked[0] ?? null, worst: checked.slice(0, mostWorst) };
}

function placesOf(inspection: Inspection, scope: CheckScope): { places: WeightPlace[]; total: number } {
  if (scope.kind === 'weight') return { places: [scope.weight], total: 1 };
  const all = inspection.trained();
  const product = scope.kind === 'layer' ? inspection.layers[scope.layer]?.product : null;
  const own = product ? all.filter(({ name }) => name === product.weight || name === product.bias) : all;
  const trained = scope.kind === 'layer' && !product ? [] : own;
  const total = trained.reduce((sum, { size }) => sum + size, 0);
  const parameters = all.reduce((sum, { size }) => sum + size, 0);
  const most = Math.min(mostChecked, Math.max(leastChecked, Math.floor(checkedOperations / Math.max(1, parameters))));
  const places = spread(total, most).map((place): WeightPlace => {
    let index = place;
    for (const { name, size } of trained) {
      if (index < size) return { name, index };
      index -= size;
    }
    throw new RangeError(`${place} is beyond ${total} weights`);
  });
  return { places, total };
}
