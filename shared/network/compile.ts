import { LabError } from '../errors';
import { layerDefinition } from '../layers';
import type { LayerDefinition, ParameterValues, Shape, StoredValue, WeightDefinition } from '../layers/definition';
import { parameterValues } from '../layers/parameters';
import { sameShape } from '../layers/sizes';
import { Generator } from '../random/generator';
import { analyseNetwork, layerName } from './analyse';
import type { Layer, NetworkDocument } from './document';
import { emitLayer } from './emit';
import type { Graph, GraphNode, Initializer } from './graph';
import { drawWeight } from './initialise';
import { formatPlace, ownerOf, tieOf } from './ties';
import { readWiring } from './wiring';

/** The batch, in the dimensions of a graph's values. */
const batch = -1;
const noValues = new Float32Array(0);

/**
 * The network as an ONNX graph with its initial weights: input "input", output "output", initializers `<layer>.<weight>`, each
 * layer's last node named as the layer. Weights are drawn layer by layer in topological order from one generator, as PyTorch
 * draws them for modules created in that order under torch.manual_seed(seed). Layers that do not lead to the output are left out.
 * `weights` holds values by initializer, of an imported model or an earlier run: a layer whose weights are all there, in their shapes,
 * takes them and draws nothing. An outline has the weights' sizes and none of their values. Throws the first error of the network (the
 * target is not looked at).
 */
export function compileNetwork(
  network: NetworkDocument,
  options: {
    inputShape: readonly number[];
    seed: number;
    weights?: ReadonlyMap<string, Initializer>;
    outline?: boolean;
  },
): Graph {
  const check = analyseNetwork(network, options.inputShape);
  const error = check.issues.find(({ severity }) => severity === 'error');
  if (error) throw new LabError(error.code, error.details);

  const wiring = readWiring(network);
  const generator = new Generator(options.seed);
  const nodes: GraphNode[] = [];
  const initializers: Initializer[] = [];
  const names = valueNames(network, wiring.sources);
  let inputDims: Shape = [];
  let outputDims: Shape = [];

  for (const id of check.live) {
    const layer = wiring.layers.get(id);
    const definition = layer && layerDefinition(layer.kind);
    const { inputs = [], output } = check.shapes[id] ?? {};
    if (!definition || !output) continue;
    if (definition.role === 'input') inputDims = output;
    if (definition.role === 'output') outputDims = output;
    const sources = wiring.sources.get(id) ?? new Map<number, string>();
    const inputNames = inputs.map((_, port) => names.get(sources.get(port) ?? '') ?? '');
    const outputName = names.get(id) ?? '';
    // The layer before an output writes the graph's output itself.
    if (inputNames.length === 1 && inputNames[0] === outputName) continue;

    const parameters = parameterValues(definition, layer.parameters);
    const frozen = layer.frozen ? { frozen: true } : {};
    const given = options.weights ?? new Map<string, Initializer>();
    const first = options.outline
      ? ownWeights(layer, definition, parameters, inputs).map(({ name, dims }) => ({ name, dims, data: noValues }))
      : startWeights(layer, definition, parameters, inputs, generator, given);
    for (const { name, dims, data } of first) {
      initializers.push({ name: `${id}.${name}`, dims, data, ...frozen });
    }
    initializers.push(...storedValues(layer, definition.stored?.(parameters) ?? [], given));
    const { weightNames, turns } = tiedWeights(layer, wiring.layers);
    const emitted = emitLayer(definition, { id, parameters, inputs, output, inputNames, outputName, weightNames });
    nodes.push(...turns, ...emitted.nodes);
    initializers.push(...emitted.constants);
  }
  return {
    name: 'network',
    nodes,
    initializers,
    inputs: [{ name: 'input', dims: [batch, ...inputDims] }],
    outputs: [{ name: 'output', dims: [batch, ...outputDims] }],
  };
}

/**
 * A layer's own weights with their first values. Those tied to another layer's are drawn as well and dropped, as PyTorch draws them
 * before a program ties them, so that the other weights do not depend on it.
 */
function startWeights(
  layer: Layer,
  definition: LayerDefinition,
  parameters: ParameterValues,
  inputs: Shape[],
  generator: Generator,
  given: ReadonlyMap<string, Initializer>,
): { name: string; dims: number[]; data: Float32Array }[] {
  const own = ownWeights(layer, definition, parameters, inputs);
  const known = own.flatMap(({ name, dims }) => {
    const { data, dims: found } = given.get(`${layer.id}.${name}`) ?? {};
    return data instanceof Float32Array && found && sameShape(found, dims) ? [{ name, dims, data }] : [];
  });
  if (given.size > 0 && known.length === own.length) return known;
  const weights = (definition.weights?.(parameters, inputs) ?? []).map((weight) => ({
    name: weight.name,
    dims: weight.dims,
    data: drawWeight(weight, generator),
  }));
  const byName = new Map(weights.map(({ name, data }) => [name, data]));
  for (const draw of definition.draws?.(parameters, inputs) ?? []) {
    const values = drawWeight(draw, generator);
    draw.place?.(values, byName);
  }
  return weights.filter(({ name }) => tieOf(layer, name) === null);
}

/** Those that are not tied to another layer's. */
function ownWeights(
  layer: Layer,
  definition: LayerDefinition,
  parameters: ParameterValues,
  inputs: Shape[],
): WeightDefinition[] {
  return (definition.weights?.(parameters, inputs) ?? []).filter(({ name }) => tieOf(layer, name) === null);
}

/** The values of a layer that nothing could draw. */
function storedValues(
  layer: Layer,
  stored: readonly StoredValue[],
  given: ReadonlyMap<string, Initializer>,
): Initializer[] {
  const own = stored.filter(({ name }) => tieOf(layer, name) === null);
  return own.map(({ name: value, dims, kind }) => {
    const name = `${layer.id}.${value}`;
    const { data, dims: found } = given.get(name) ?? {};
    const fits = data instanceof BigInt64Array === (kind === 'integers') && found && sameShape(found, dims);
    if (!data || !fits) throw new LabError('network.weights-missing', { layer: layerName(layer), name });
    return { name, dims, data, ...(layer.frozen || kind !== 'weight' ? { frozen: true } : {}) };
  });
}

/** What a layer's tied weights are called where they are kept, and the nodes that turn those it reads with rows as columns. */
function tiedWeights(
  layer: Layer,
  layers: ReadonlyMap<string, Layer>,
): { weightNames: Map<string, string>; turns: GraphNode[] } {
  const weightNames = new Map<string, string>();
  const turns: GraphNode[] = [];
  for (const weight of Object.keys(layer.tied ?? {})) {
    const owner = ownerOf(layers, layer.id, weight);
    if (!owner) continue;
    const kept = formatPlace({ ...owner, turned: false });
    weightNames.set(weight, kept);
    if (!owner.turned) continue;
    const name = `${layer.id}.${weight}`;
    weightNames.set(weight, name);
    turns.push({ name, opType: 'Transpose', inputs: [kept], outputs: [name], attributes: { perm: [1, 0] } });
  }
  return { weightNames, turns };
}

/** What each layer's output is called in the graph. Ids hold no dot, so no name can be taken twice. */
function valueNames(network: NetworkDocument, sources: ReadonlyMap<string, Map<number, string>>): Map<string, string> {
  const roles = new Map(network.layers.map(({ id, kind }) => [id, layerDefinition(kind)?.role]));
  const names = new Map(network.layers.map(({ id }) => [id, roles.get(id) === 'input' ? 'input' : `${id}.value`]));
  for (const [id, role] of roles) {
    if (role !== 'output') continue;
    names.set(id, 'output');
    const source = sources.get(id)?.get(0) ?? '';
    if (roles.get(source) !== 'input') names.set(source, 'output');
  }
  return names;
}
