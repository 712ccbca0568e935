import type { Graph, GraphNode, Initializer } from '../../../../shared/network/graph';
import { Generator } from '../../../../shared/random/generator';
import { whichWeights, type HostOutput } from '../../host-calls';
import type { Host } from '../../host-line';
import { PyDict } from '../../language/containers';
import { typeError, valueError } from '../../language/errors';
import type { CallContext, HostFunction, HostModule } from '../../language/host';
import { PyClass, type PyInstance, type Value } from '../../language/values';
import { toTensor } from '../arguments';
import { askerOf } from '../ask-host';
import type { Library } from '../library';
import { setValues } from '../nn/init';
import type { Modules } from '../nn/module';
import { isTensor, type Tensor } from '../tensor/tensor';
import { NodeLayers, type LayerGroup } from './node-layers';
import { torchLayer } from './torch-layers';

/** deltalab.load_network(…): a network of the project as a module. */
export function loadNetworkFunction(library: Library, modules: Modules, nn: HostModule, host: Host): HostFunction {
  const ask = askerOf(host);
  const loader = new Loader(library, modules, nn);
  return library.make(
    'load_network',
    "experiment=None, lane=None, which='best'",
    ([experiment = null, lane = null, which = null], context) => {
      const known = whichWeights.find((name) => name === which);
      if (!known) throw valueError(`which must be 'best' or 'last', not ${context.repr(which)}`);
      const names = { experiment: nameOf(experiment, 'experiment'), lane: nameOf(lane, 'lane') };
      return loader.load(ask('network', { ...names, which: known }, context), context);
    },
    'The network of the project with its trained weights (those training starts from where nothing was trained), in eval mode.',
  );
}

function nameOf(value: Value, parameter: string): string | null {
  if (value === null || typeof value === 'string') return value;
  throw typeError(`${parameter} must be a name such as '001', or None`);
}

class Loader {
  private readonly nodeLayers: NodeLayers;
  private readonly networkClass: PyClass;
  /** How the layers of a network that is no chain are put together. */
  private readonly wiring = new WeakMap<PyInstance, { groups: LayerGroup[]; names: string[]; graph: Graph }>();

  constructor(
    private readonly library: Library,
    private readonly modules: Modules,
    private readonly nn: HostModule,
  ) {
    this.nodeLayers = new NodeLayers(library, modules);
    this.networkClass = new PyClass('Network', modules.moduleClass, [], { module: 'deltalab' });
    this.networkClass.attributes.set(
      'forward',
      library.make('forward', 'self, *inputs', ([self, inputs], context) =>
        this.forward(self as PyInstance, [...context.iterate(inputs ?? null)], context),
      ),
    );
  }

  load({ graph, kinds, source }: HostOutput<'network'>, context: CallContext): PyInstance {
    const { session } = this.library;
    context.chargeMemory(graph.initializers.reduce((sum, { data }) => sum + data.byteLength, 0));
    const groups = groupsOf(graph, kinds);
    const { generator } = session;
    // Layers draw weights when they are made: the program's own numbers go on as if they had not.
    session.generator = new Generator(0);
    try {
      const shared = new Map<string, Tensor>();
      const layers = groups.map(
        (group) => [group.id.replaceAll('-', '_'), this.layer(group, graph, shared, context)] as const,
      );
      const network = isChain(groups, graph)
        ? (context.call(this.member('Sequential'), [new PyDict(layers)]) as PyInstance)
        : this.network(groups, layers, graph, context);
      network.attributes.set('source', source);
      for (const [, module] of this.modules.walk(network)) module.attributes.set('training', false);
      return network;
    } finally {
      session.generator = generator;
    }
  }

  private member(name: string): Value {
    return this.nn.members.get(name) ?? null;
  }

  private layer(group: LayerGroup, graph: Graph, shared: Map<string, Tensor>, context: CallContext): PyInstance {
    const initializers = new Map(graph.initializers.map((item) => [item.name, item]));
    const initializer = (name: string | undefined): Initializer | undefined => initializers.get(name ?? '');
    const found = torchLayer({ ...group, initializer });
    if (!found) return this.nodeLayers.make(group, initializers, shared, context);
    const { type, args, keywords = {}, tensors = {} } = found;
    const layer = context.call(this.member(type), args, new Map(Object.entries(keywords))) as PyInstance;
    for (const [attribute, item] of Object.entries(tensors)) {
      const own = toTensor(layer.attributes.get(attribute));
      setValues(own, Float32Array.from(item.data, Number));
      if (!this.modules.isParameter(own)) continue;
      if (item.frozen) own.setRequiresGrad(false);
      // A weight of several layers is one tensor.
      const known = shared.get(item.name);
      if (known) layer.attributes.set(attribute, known);
      else shared.set(item.name, own);
    }
    return layer;
  }

  private network(
    groups: LayerGroup[],
    layers: readonly (readonly [string, PyInstance])[],
    graph: Graph,
    context: CallContext,
  ): PyInstance {
    const network = context.call(this.networkClass, []) as PyInstance;
    for (const [name, layer] of layers) network.attributes.set(name, layer);
    this.wiring.set(network, { groups, names: layers.map(([name]) => name), graph });
    return network;
  }

  private forward(self: PyInstance, inputs: readonly Value[], context: CallContext): Value {
    const wiring = this.wiring.get(self);
    if (!wiring) throw typeError('a Network is made by deltalab.load_network()');
    const { groups, names, graph } = wiring;
    const values = new Map(graph.inputs.map(({ name }, at) => [name, inputs[at] ?? null]));
    groups.forEach(({ inputs: read, output }, at) => {
      const layer = self.attributes.get(names[at] ?? '') ?? null;
      const given = read.map((name) => values.get(name) ?? null);
      values.set(output, context.call(layer, given));
    });
    const answer = values.get(graph.outputs[0]?.name ?? '') ?? null;
    return isTensor(answer) ? answer : toTensor(answer);
  }
}

/** Names of nodes begin with the layer they belong to. */
function groupsOf({ nodes, initializers, outputs }: Graph, kinds: Record<string, string>): LayerGroup[] {
  const constants = new Set(initializers.map(({ name }) => name));
  const groups = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    const [id = ''] = node.name.split('.');
    groups.set(id, [...(groups.get(id) ?? []), node]);
  }
  const ends = new Set(outputs.map(({ name }) => name));
  return [...groups].map(([id, own]) => {
    const made = new Set(own.flatMap((node) => node.outputs));
    const read = own
      .flatMap(({ inputs }) => inputs)
      .filter((name) => name !== '' && !constants.has(name) && !made.has(name));
    const reads = (name: string): boolean => nodes.some((node) => !own.includes(node) && node.inputs.includes(name));
    const output = [...made].find((name) => ends.has(name) || reads(name)) ?? '';
    return { id, kind: kinds[id] ?? '', nodes: own, inputs: [...new Set(read)], output };
  });
}

/** Whether every layer reads what the one before it gives, and nothing else. */
function isChain(groups: readonly LayerGroup[], { inputs, outputs }: Graph): boolean {
  let before = inputs[0]?.name;
  for (const { inputs: read, output } of groups) {
    if (read.length !== 1 || read[0] !== before) return false;
    before = output;
  }
  return before === outputs[0]?.name;
}
