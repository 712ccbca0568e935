import { layerDefinitions } from '../../../shared/layers';
import type { LayerBlock, LayerGuess } from '../../../shared/layers/block';
import { isLayerIssue, type LayerDefinition, type LayerDisguises, type Shape } from '../../../shared/layers/definition';
import { checkParameters, parameterValues } from '../../../shared/layers/parameters';
import { elements, sameShape } from '../../../shared/layers/sizes';
import { emitLayer } from '../../../shared/network/emit';
import type { Graph, GraphNode, Initializer } from '../../../shared/network/graph';
import { GraphIndex } from '../../../shared/network/match';
import { Generator } from '../../../shared/random/generator';
import type { Tensor } from '../../engine/native';
import { closeTo, type ImportEngine, type SampleShape } from './sizes';

/**
 * Layers that a file spells out in nodes of its own: PyTorch's attention, an LSTM whose state is picked out of an array, a GELU of
 * operator set 14. Around a node that such a layer has inside, blocks between one value and another are tried, the largest first. The
 * layer guesses its parameters and weights; block and guess are computed on random inputs, and where the answers are the same the
 * block's nodes give way to those the layer emits, which shared/network/match.ts then recognises.
 */
export async function uncoverLayers(
  engine: ImportEngine,
  graph: Graph,
  shapes: ReadonlyMap<string, SampleShape>,
  /** Nodes that are layers as they are. */
  settled: ReadonlySet<GraphNode>,
): Promise<Graph> {
  let current = graph;
  const made: Uncovered[] = [];
  for (const definition of layerDefinitions.values()) {
    for (const disguise of definition.disguises ?? []) {
      for (const key of graph.nodes) {
        if (settled.has(key) || !current.nodes.includes(key)) continue;
        const search = new Search(current, shapes, definition, disguise, made);
        current = (await search.uncovered(engine, key)) ?? current;
      }
    }
  }
  return withoutTurns(current);
}

/** Most nodes of a block, and values tried as its ends; of an unrolled one, whose length follows from the sequence. */
const usual = { nodes: 64, starts: 32, ends: 48 };
const long = { nodes: 8192, starts: 32, ends: 2048 };

class Search {
  readonly #index: GraphIndex;
  readonly #limits: typeof usual;

  constructor(
    private readonly graph: Graph,
    private readonly shapes: ReadonlyMap<string, SampleShape>,
    private readonly definition: LayerDefinition,
    private readonly disguise: LayerDisguises,
    /** What was uncovered before: a layer that is used twice is spelt out twice, with one set of weights. */
    private readonly made: Uncovered[],
  ) {
    this.#index = new GraphIndex(graph);
    this.#limits = disguise.unrolled ? long : usual;
  }

  /** The graph with the layer in place of the block around the key; null where there is none. */
  async uncovered(engine: ImportEngine, key: GraphNode): Promise<Graph | null> {
    const { initializer } = this.#index;
    if (!this.disguise.key(key, initializer)) return null;
    if (this.disguise.unrolled && this.#index.readers(key.inputs[1] ?? '').length < 2) return null;
    for (const block of this.#blocks(key)) {
      const guesses = this.disguise.guess(block).flatMap((guess) => this.#emitted(block, guess, key.name) ?? []);
      if (guesses.length === 0) continue;
      const [start] = await comparedWith(engine, block, guesses);
      if (start) return this.#replaced(block, start);
    }
    return null;
  }

  /** Blocks between two values, the largest first. */
  #blocks(key: GraphNode): Block[] {
    const starts = this.#around(key, this.#limits.starts, (node) =>
      node.inputs.flatMap((name) => this.#index.producer(name) ?? []),
    ).flatMap(({ inputs }) => inputs.filter((name) => this.#end(name)));
    const ends = this.#around(key, this.#limits.ends, (node) =>
      node.outputs.flatMap((name) => this.#index.readers(name)),
    ).flatMap(({ outputs }) => outputs.filter((name) => this.#end(name)));
    const blocks = [...new Set(starts)].flatMap((from) =>
      [...new Set(ends)].flatMap((to) => this.#block(from, to, key) ?? []),
    );
    return blocks.sort((a, b) => b.nodes.length - a.nodes.length);
  }

  /** The node and those reached from it, the nearest first. */
  #around(from: GraphNode, most: number, next: (node: GraphNode) => readonly GraphNode[]): GraphNode[] {
    const found = new Set([from]);
    for (const node of found) {
      if (found.size >= most) break;
      for (const other of next(node)) found.add(other);
    }
    return [...found];
  }

  /** A value that may be an end of a layer: one row a sample, or, as recurrent networks have it, steps before samples. */
  #end(value: string): SampleShape | null {
    const shape = this.shapes.get(value);
    return shape && (shape.plain || shape.second) && !this.#index.initializer(value) ? shape : null;
  }

  /** The nodes between two values; null where something else goes in or out, or the key lies outside. */
  #block(from: string, to: string, key: GraphNode): Block | null {
    const nodes = new Set<GraphNode>();
    const last = this.#index.producer(to);
    const waiting = last && from !== to ? [last] : [];
    for (let node = waiting.pop(); node; node = waiting.pop()) {
      if (nodes.has(node)) continue;
      nodes.add(node);
      if (nodes.size > this.#limits.nodes) return null;
      for (const name of node.inputs) {
        if (name === '' || name === from || this.#index.initializer(name)) continue;
        const producer = this.#index.producer(name);
        if (!producer) return null;
        waiting.push(producer);
      }
    }
    if (!nodes.has(key)) return null;
    for (const { outputs } of nodes) {
      for (const name of outputs) {
        if (name === to || name === '') continue;
        const outside = this.#index.isOutput(name) || this.#index.readers(name).some((reader) => !nodes.has(reader));
        if (outside) return null;
      }
    }
    const [input, output] = [this.#end(from), this.#end(to)];
    if (!input || !output) return null;
    const { initializer } = this.#index;
    const inOrder = this.graph.nodes.filter((node) => nodes.has(node));
    const shape = (value: string): Shape | undefined => this.shapes.get(value)?.dims;
    return {
      from,
      to,
      nodes: inOrder,
      input: input.dims,
      output: output.dims,
      turned: [!input.plain, !output.plain],
      shape,
      initializer,
    };
  }

  /** What the layer would be in the graph; null where it does not fit between the ends. */
  #emitted(block: Block, { parameters: given, weights }: LayerGuess, id: string): Emitted | null {
    const { definition } = this;
    if (checkParameters(definition, given).length > 0) return null;
    const parameters = parameterValues(definition, given);
    const output = definition.shape(parameters, [block.input]);
    if (isLayerIssue(output) || !sameShape(output, block.output)) return null;
    const initializers: Initializer[] = [];
    for (const { name, dims } of definition.weights?.(parameters, [block.input]) ?? []) {
      const data = weights[name];
      if (data?.length !== elements(dims)) return null;
      initializers.push({ name: `${id}.${name}`, dims, data });
    }
    const [turnsIn, turnsOut] = block.turned;
    const [source, result] = [turnsIn ? `${id}.in` : block.from, turnsOut ? `${id}.out` : block.to];
    const ends = { inputs: [block.input], output, inputNames: [source], outputName: result };
    const { nodes, constants } = emitLayer(definition, { id, parameters, ...ends });
    return {
      nodes: [
        ...(turnsIn ? [turnNode(block.from, source, block.input)] : []),
        ...nodes,
        ...(turnsOut ? [turnNode(result, block.to, output)] : []),
      ],
      initializers: [...initializers, ...constants],
    };
  }

  #replaced({ nodes, to }: Block, found: Emitted): Graph {
    const { nodes: instead, initializers } = this.#asBefore(nodes, found);
    const gone = new Set(nodes);
    const last = this.#index.producer(to);
    const left = this.graph.nodes.flatMap((node) => (node === last ? instead : gone.has(node) ? [] : [node]));
    const read = new Set(left.flatMap(({ inputs }) => inputs));
    const kept = this.graph.initializers.filter(({ name }) => read.has(name) || this.#index.isOutput(name));
    return { ...this.graph, nodes: left, initializers: [...kept, ...initializers] };
  }

  /** The layer with the weights of an earlier one, where that was made of the same values. */
  #asBefore(block: readonly GraphNode[], found: Emitted): Emitted {
    const isTrained = ({ data, frozen }: Initializer): boolean => data instanceof Float32Array && !frozen;
    const inputs = new Set(block.flatMap((node) => node.inputs));
    const read = [...inputs].filter((name) => {
      const value = this.#index.initializer(name);
      return value && isTrained(value);
    });
    const weights = found.initializers.filter(isTrained);
    const layer: Uncovered = { read: read.toSorted().join('\n'), weights };
    const before = this.made.find((other) => other.read === layer.read && sameValues(other.weights, weights));
    if (!before || weights.length === 0) {
      this.made.push(layer);
      return found;
    }
    const names = new Map(weights.map(({ name }, at) => [name, before.weights[at]?.name ?? name]));
    return {
      nodes: found.nodes.map((node) => ({ ...node, inputs: node.inputs.map((name) => names.get(name) ?? name) })),
      initializers: found.initializers.filter(({ name }) => !names.has(name)),
    };
  }
}

/** A layer that was uncovered, and the trained initializers that its block had read. */
interface Uncovered {
  read: string;
  weights: Initializer[];
}

interface Block extends LayerBlock {
  from: string;
  to: string;
  /** Whether the steps come before the samples: going in, coming out. */
  turned: [boolean, boolean];
}

interface Emitted {
  nodes: GraphNode[];
  initializers: Initializer[];
}

/** Samples and steps change places. */
function turnNode(from: string, to: string, shape: Shape): GraphNode {
  const perm = [1, 0, ...shape.slice(1).map((_, axis) => axis + 2)];
  return { name: to, opType: 'Transpose', inputs: [from], outputs: [to], attributes: { perm } };
}

function sameValues(a: readonly Initializer[], b: readonly Initializer[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ dims, data }, at) => {
      const other = b[at];
      return other && sameShape(dims, other.dims) && data.every((value, place) => value === other.data[place]);
    })
  );
}

/** Samples that block and guess are compared on. */
const rows = 3;

/** The guesses that answer as the block does. */
async function comparedWith(engine: ImportEngine, block: Block, guesses: readonly Emitted[]): Promise<Emitted[]> {
  const [turnsIn] = block.turned;
  const dims = [rows, ...block.input];
  if (turnsIn) dims.splice(0, 2, block.input[0] ?? 1, rows);
  const data = new Generator(1).randn(elements(dims));
  const initializers = block.nodes.flatMap(({ inputs }) => inputs.flatMap((name) => block.initializer(name) ?? []));
  const expected = await answer({ nodes: [...block.nodes], initializers: [...new Set(initializers)] });
  for (const guess of guesses) if (expected && closeTo(await answer(guess), expected) === null) return [guess];
  return [];

  async function answer({ nodes, initializers: weights }: Emitted): Promise<Tensor | null> {
    const graph: Graph = {
      name: 'block',
      nodes,
      initializers: weights,
      inputs: [{ name: block.from, dims: dims.map(() => -1) }],
      outputs: [{ name: block.to, dims: [] }],
    };
    try {
      return (await engine.infer(graph, { [block.from]: { dims, data } }, 0))[block.to] ?? null;
    } catch {
      // What the engine refuses is no layer; the import says so of the whole model.
      return null;
    }
  }
}

/** Without pairs of Transposes that undo each other: between one recurrent layer and the next. */
function withoutTurns(graph: Graph): Graph {
  const index = new GraphIndex(graph);
  const same = new Map<string, string>();
  for (const node of graph.nodes) {
    const before = index.producer(node.inputs[0] ?? '');
    const [output = ''] = node.outputs;
    if (swaps(node) && before && swaps(before) && !index.isOutput(output)) same.set(output, before.inputs[0] ?? '');
  }
  const nodes = graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map((name) => same.get(name) ?? name) }));
  const kept: GraphNode[] = [];
  const read = new Set(graph.outputs.map(({ name }) => name));
  for (const node of nodes.toReversed()) {
    // What nothing read to begin with is not our business.
    const idle = swaps(node) && !node.outputs.some((name) => read.has(name));
    if (idle) continue;
    kept.push(node);
    for (const name of node.inputs) read.add(name);
  }
  return { ...graph, nodes: kept.toReversed() };
}

function swaps({ opType, attributes: { perm } }: GraphNode): boolean {
  return (
    opType === 'Transpose' &&
    Array.isArray(perm) &&
    [...perm].join().startsWith('1,0') &&
    perm.every((axis, at) => at < 2 || axis === at)
  );
}
