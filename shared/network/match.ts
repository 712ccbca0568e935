import { layerDefinitions } from '../layers';
import { isLayerIssue, type LayerDefinition, type ParameterValues, type Shape } from '../layers/definition';
import { checkParameters, parameterValues } from '../layers/parameters';
import { elements } from '../layers/sizes';
import { emitLayer } from './emit';
import type { AttributeValue, Graph, GraphNode, Initializer } from './graph';

/** A part of a graph that is a layer of the catalogue. */
export interface LayerMatch {
  kind: string;
  /** What differs from the defaults, among others. */
  parameters: ParameterValues;
  /** Values it reads, by port. */
  inputs: string[];
  /** The value it gives, and its shape without the batch. */
  output: string;
  shape: Shape;
  /** Nodes it stands for. */
  nodes: GraphNode[];
  /** Initializer by the name of the layer's weight. */
  weights: ReadonlyMap<string, string>;
  /** Those of the weights that are kept up to date without a gradient. */
  running: ReadonlySet<string>;
}

/** Who writes and who reads each value of a graph. */
export class GraphIndex {
  readonly #producers = new Map<string, GraphNode>();
  readonly #readers = new Map<string, GraphNode[]>();
  readonly #initializers: ReadonlyMap<string, Initializer>;
  readonly #outputs: ReadonlySet<string>;

  constructor(graph: Graph) {
    for (const node of graph.nodes) {
      for (const name of node.outputs) if (name !== '') this.#producers.set(name, node);
      for (const name of new Set(node.inputs)) this.#readers.set(name, [...(this.#readers.get(name) ?? []), node]);
    }
    this.#initializers = new Map(graph.initializers.map((initializer) => [initializer.name, initializer]));
    this.#outputs = new Set(graph.outputs.map(({ name }) => name));
  }

  producer(value: string): GraphNode | undefined {
    return this.#producers.get(value);
  }

  readers(value: string): readonly GraphNode[] {
    return this.#readers.get(value) ?? [];
  }

  readonly initializer = (name: string): Initializer | undefined => this.#initializers.get(name);

  isOutput(value: string): boolean {
    return this.#outputs.has(value);
  }

  /** The node without the outputs that nobody reads: a state with a name but no reader is as good as left out. */
  asRead(node: GraphNode): GraphNode {
    const outputs = node.outputs.map((name) => (this.isOutput(name) || this.readers(name).length > 0 ? name : ''));
    return { ...node, outputs: outputs.slice(0, outputs.findLastIndex((name) => name !== '') + 1) };
  }
}

/**
 * The layer a node belongs to, or null. Each layer that recognises the node is emitted again and laid over the graph: what it emits
 * must be there, node for node. Of several the one of most nodes counts, then the earlier in the catalogue. `shapes` holds what
 * is known so far, without the batch; a layer is only found where those of its inputs are known.
 */
export function matchLayer(index: GraphIndex, node: GraphNode, shapes: ReadonlyMap<string, Shape>): LayerMatch | null {
  let best: LayerMatch | null = null;
  for (const definition of layerDefinitions.values()) {
    const match = matchDefinition(index, node, shapes, definition);
    if (match && match.nodes.length > (best?.nodes.length ?? 0)) best = match;
  }
  return best;
}

function matchDefinition(
  index: GraphIndex,
  key: GraphNode,
  shapes: ReadonlyMap<string, Shape>,
  definition: LayerDefinition,
): LayerMatch | null {
  const recognised = definition.recognise?.(index.asRead(key), index.initializer);
  if (!recognised) return null;
  for (const given of withSwitches(definition, recognised)) {
    if (checkParameters(definition, given).length > 0) continue;
    for (const inputs of possibleInputs(index, key, definition)) {
      const known = inputs.map((name) => shapes.get(name));
      if (!known.every((shape) => shape !== undefined)) continue;
      const match = layOver(index, key, definition, given, inputs, known);
      if (match) return match;
    }
  }
  return null;
}

/** Both values of every switch the key says nothing about, the usual one first. */
function withSwitches(definition: LayerDefinition, recognised: ParameterValues): ParameterValues[] {
  return definition.parameters.reduce<ParameterValues[]>(
    (sets, { name, type, default: usual }) =>
      type !== 'boolean' || name in recognised
        ? sets
        : sets.flatMap((set) => [
            { ...set, [name]: usual },
            { ...set, [name]: !usual },
          ]),
    [recognised],
  );
}

/** Furthest a layer's input is from its key, in nodes. */
const maximumDepth = 8;

/** The values a layer with this key may read: its own, or those of the nodes before it. */
function possibleInputs(index: GraphIndex, key: GraphNode, { inputs: [, maximum] }: LayerDefinition): string[][] {
  const own = key.inputs.filter((name) => name !== '' && !index.initializer(name));
  if (maximum > 1) return [own];
  const found: string[][] = [];
  let level: readonly string[] = own;
  for (let depth = 0; depth < maximumDepth && level.length > 0; depth++) {
    found.push(...level.map((name) => [name]));
    level = level.flatMap(
      (name) => index.producer(name)?.inputs.filter((it) => it !== '' && !index.initializer(it)) ?? [],
    );
    level = [...new Set(level)];
  }
  return found;
}

function layOver(
  index: GraphIndex,
  key: GraphNode,
  definition: LayerDefinition,
  given: ParameterValues,
  inputs: string[],
  shapes: Shape[],
): LayerMatch | null {
  const [minimum, maximum] = definition.inputs;
  if (inputs.length < minimum || inputs.length > maximum) return null;
  const parameters = parameterValues(definition, given);
  const shape = definition.shape(parameters, shapes);
  if (isLayerIssue(shape)) return null;
  const inputNames = inputs.map((_, port) => `in:${port}`);
  const options = { id: 'it', parameters, inputs: shapes, output: shape, inputNames, outputName: 'out' };
  const { nodes, constants } = emitLayer(definition, options);
  const defined = definition.weights?.(parameters, shapes) ?? [];
  const weights = new Map(defined.map(({ name, dims }) => [`it.${name}`, dims]));
  const pattern = new Pattern(index, key, nodes, new Map(constants.map((it) => [it.name, it])), weights);
  const bound: Binding = { values: new Map(inputs.map((name, port) => [`in:${port}`, name])), nodes: new Map() };
  for (const last of reachableNodes(index, key, nodes.length)) {
    const result = pattern.lay(last, bound);
    if (!result) continue;
    return {
      kind: definition.kind,
      parameters: given,
      inputs,
      output: result.values.get('out') ?? '',
      shape,
      nodes: [...result.nodes.values()],
      weights: new Map(defined.map(({ name }) => [name, result.values.get(`it.${name}`) ?? ''])),
      running: new Set(defined.flatMap(({ name, running }) => (running ? [name] : []))),
    };
  }
  return null;
}

/** The node itself and those that follow it, at most `count` nodes on. */
function reachableNodes(index: GraphIndex, node: GraphNode, count: number): Set<GraphNode> {
  const found = new Set([node]);
  let level = [node];
  for (let depth = 1; depth < count && level.length > 0; depth++) {
    level = level.flatMap(({ outputs }) => outputs.flatMap((name) => index.readers(name)));
    for (const next of level) found.add(next);
  }
  return found;
}

/** What of a pattern is which of the graph. */
interface Binding {
  values: ReadonlyMap<string, string>;
  nodes: ReadonlyMap<GraphNode, GraphNode>;
}

/** The emitted nodes of a layer, laid over a graph from the last node backwards. */
class Pattern {
  readonly #producers = new Map<string, GraphNode>();

  constructor(
    private readonly index: GraphIndex,
    private readonly key: GraphNode,
    private readonly nodes: readonly GraphNode[],
    private readonly constants: ReadonlyMap<string, Initializer>,
    private readonly weights: ReadonlyMap<string, readonly number[]>,
  ) {
    for (const node of nodes) for (const name of node.outputs) this.#producers.set(name, node);
  }

  lay(last: GraphNode, bound: Binding): Binding | null {
    const root = this.#producers.get('out');
    const result = root ? this.#layNode(root, last, bound) : null;
    if (!result || result.nodes.size !== this.nodes.length) return null;
    const found = new Set(result.nodes.values());
    return found.has(this.key) && this.#closed(found, result.values.get('out') ?? '') ? result : null;
  }

  /** Nothing outside reads what lies inside. */
  #closed(found: ReadonlySet<GraphNode>, output: string): boolean {
    return [...found].every(({ outputs }) =>
      outputs.every(
        (name) =>
          name === output ||
          (!this.index.isOutput(name) && this.index.readers(name).every((reader) => found.has(reader))),
      ),
    );
  }

  #layNode(wanted: GraphNode, node: GraphNode, bound: Binding): Binding | null {
    const before = bound.nodes.get(wanted);
    if (before) return before === node ? bound : null;
    if (wanted.opType !== node.opType) return null;
    // What the key says the layer itself has read.
    if (node !== this.key && !sameAttributes(wanted.attributes, node.attributes)) return null;
    let start: Binding | null = { ...bound, nodes: new Map(bound.nodes).set(wanted, node) };
    for (const [place, name] of wanted.outputs.entries()) {
      if (name !== '') start = start && this.#bind(name, node.outputs[place] ?? '', start);
    }
    if (!start) return null;
    const straight = this.#layInputs(wanted.inputs, node.inputs, node, start);
    const commutes = ['Add', 'Mul'].includes(node.opType);
    return straight ?? (commutes ? this.#layInputs(wanted.inputs, node.inputs.toReversed(), node, start) : null);
  }

  #layInputs(wanted: readonly string[], given: readonly string[], node: GraphNode, bound: Binding): Binding | null {
    let result: Binding | null = bound;
    for (let place = 0; place < Math.max(wanted.length, given.length) && result; place++) {
      result = this.#layValue(wanted[place] ?? '', given[place] ?? '', node, result);
    }
    return result;
  }

  #layValue(wanted: string, value: string, node: GraphNode, bound: Binding): Binding | null {
    const constant = this.constants.get(wanted);
    const given = this.index.initializer(value);
    if (node === this.key && (constant || wanted === '') && (given || value === '')) return bound;
    if (wanted === '') return value === '' ? bound : null;
    if (constant) return given && sameConstant(constant, given) ? bound : null;
    const dims = this.weights.get(wanted);
    if (dims) return given && sameDims(dims, given.dims) ? this.#bind(wanted, value, bound) : null;
    const producer = this.#producers.get(wanted);
    if (!producer) return this.#bind(wanted, value, bound);
    const found = this.index.producer(value);
    const laid = found ? this.#layNode(producer, found, bound) : null;
    // The value must be the same output of the node as in the pattern.
    return laid && laid.values.get(wanted) === value ? laid : null;
  }

  #bind(name: string, value: string, bound: Binding): Binding | null {
    const before = bound.values.get(name);
    if (before !== undefined) return before === value ? bound : null;
    return value === '' ? null : { ...bound, values: new Map(bound.values).set(name, value) };
  }
}

function sameAttributes(a: Record<string, AttributeValue>, b: Record<string, AttributeValue>): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => String(a[name]) === String(b[name]));
}

function sameConstant(wanted: Initializer, given: Initializer): boolean {
  // A scalar may also be written as a list of one.
  const fits = sameDims(wanted.dims, given.dims) || (elements(wanted.dims) === 1 && elements(given.dims) === 1);
  return fits && wanted.data.every((value, at) => value === given.data[at]);
}

function sameDims(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, at) => size === b[at]);
}
