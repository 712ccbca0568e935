import { operatorParameters } from '../../../shared/layers/operator';
import type { ParameterValues } from '../../../shared/layers/definition';
import type { Graph, GraphNode, Initializer } from '../../../shared/network/graph';
import { GraphIndex, type LayerMatch, matchLayer } from '../../../shared/network/match';
import type { EngineOperator } from '../../engine/native';
import type { SampleShape } from './sizes';

/** A layer to be: what it is, what it reads and gives, and which initializers are its weights. */
export interface FoundLayer {
  kind: string;
  parameters: ParameterValues;
  /** Name in the file; ids are made from it. */
  name: string;
  /** Values it reads, by port. */
  inputs: string[];
  output: string;
  /** Initializer by the name the layer gives it. */
  weights: ReadonlyMap<string, Initializer>;
  /** Those of the weights that are statistics of what this layer sees, and of no other. */
  running: ReadonlySet<string>;
}

/**
 * The graph as layers: first those of several nodes (an LSTM between its Transposes), which single nodes must not take apart, then
 * those of one, then every node that is left as an operator. With `recognise` false all nodes become operators.
 */
export function findLayers(
  graph: Graph,
  shapes: ReadonlyMap<string, SampleShape>,
  operators: readonly EngineOperator[],
  recognise = true,
): FoundLayer[] {
  const index = new GraphIndex(graph);
  const plain = plainShapes(shapes);
  const taken = new Map<GraphNode, FoundLayer>();
  const candidates = recognise ? graph.nodes.map((node) => ({ node, match: matchLayer(index, node, plain) })) : [];
  candidates.sort((a, b) => (b.match?.nodes.length ?? 0) - (a.match?.nodes.length ?? 0));
  for (const { match } of candidates) {
    if (!match || match.nodes.some((node) => taken.has(node)) || !fits(match, shapes)) continue;
    const layer = fromMatch(match, index);
    for (const node of match.nodes) taken.set(node, layer);
  }
  const table = new Map(operators.map((operator) => [operator.opType, operator]));
  const layers = new Set<FoundLayer>();
  for (const node of graph.nodes) {
    const layer = taken.get(node);
    if (layer) layers.add(layer);
    else for (const made of fromNode(node, index, shapes, table.get(node.opType))) layers.add(made);
  }
  return [...layers];
}

/** Nodes that are layers of the catalogue as they are: those of several nodes, and those whose one node is the layer. */
export function layersAsTheyAre(graph: Graph, shapes: ReadonlyMap<string, SampleShape>): Set<GraphNode> {
  const index = new GraphIndex(graph);
  const plain = plainShapes(shapes);
  const matches = graph.nodes.flatMap((node) => matchLayer(index, node, plain) ?? []);
  return new Set(
    matches.filter((match) => match.nodes.length > 1 && fits(match, shapes)).flatMap(({ nodes }) => nodes),
  );
}

function plainShapes(shapes: ReadonlyMap<string, SampleShape>): Map<string, number[]> {
  return new Map([...shapes].flatMap(([name, { dims, plain }]) => (plain ? [[name, dims] as const] : [])));
}

/** Whether the layer's idea of its output is the engine's. */
function fits({ output, shape }: LayerMatch, shapes: ReadonlyMap<string, SampleShape>): boolean {
  const found = shapes.get(output);
  return found?.plain === true && found.dims.join() === shape.join();
}

function fromMatch(match: LayerMatch, index: GraphIndex): FoundLayer {
  const { kind, parameters, inputs, output, nodes, weights, running } = match;
  const last = nodes.find(({ outputs }) => outputs.includes(output));
  const values = [...weights].flatMap(([weight, name]) => {
    const value = index.initializer(name);
    return value ? [[weight, value] as const] : [];
  });
  return { kind, parameters, name: last?.name ?? kind, inputs, output, weights: new Map(values), running };
}

/** An operator layer, and one for each further output that something reads. */
function fromNode(
  node: GraphNode,
  index: GraphIndex,
  shapes: ReadonlyMap<string, SampleShape>,
  operator: EngineOperator | undefined,
): FoundLayer[] {
  const ports: string[] = [];
  const weights = new Map<string, Initializer>();
  const running = new Set<string>();
  const inputs = node.inputs.map((name, place) => {
    const value = name === '' ? undefined : index.initializer(name);
    if (value) {
      const key = [...weights].find(([, known]) => known === value)?.[0] ?? `input-${place + 1}`;
      if (operator?.running.includes(place)) running.add(key);
      const fixed = operator?.constants.includes(place) || operator?.indices.includes(place);
      return weights.set(key, fixed ? { ...value, frozen: true } : value) && key;
    }
    if (name === '') return '';
    const port = ports.indexOf(name);
    return port === -1 ? ports.push(name) - 1 : port;
  });
  const isRead = (name: string): boolean => name !== '' && (index.readers(name).length > 0 || index.isOutput(name));
  const outputs = node.outputs.map((name, at) => (at === 0 || isRead(name) ? (shapes.get(name)?.dims ?? null) : null));
  const form = {
    opType: node.opType,
    attributes: node.attributes,
    inputs,
    shapes: ports.map((name) => shapes.get(name)?.dims ?? []),
    outputs: outputs.slice(0, outputs.findLastIndex((shape) => shape !== null) + 1),
    stored: [...weights].map(([name, value]) => ({ name, dims: value.dims, kind: kindOf(value) })),
  };
  const first = node.outputs[0] ?? '';
  const main: FoundLayer = {
    kind: 'operator',
    parameters: operatorParameters(form),
    name: node.name,
    inputs: ports,
    output: first === '' ? `${node.name}:1` : first,
    weights,
    running,
  };
  const further = form.outputs.flatMap((shape, at): FoundLayer[] =>
    at === 0 || !shape
      ? []
      : [
          {
            kind: 'operator-output',
            parameters: { output: at + 1, shape: JSON.stringify(shape) },
            name: `${node.name}-${at + 1}`,
            inputs: [main.output],
            output: node.outputs[at] ?? '',
            weights: new Map(),
            running: new Set(),
          },
        ],
  );
  return [main, ...further];
}

function kindOf({ data, frozen }: Initializer): 'weight' | 'constant' | 'integers' {
  if (data instanceof BigInt64Array) return 'integers';
  return frozen ? 'constant' : 'weight';
}
