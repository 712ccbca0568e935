import type { Graph, GraphNode, Initializer } from '../network/graph';

/** A value of the graph to be watched, with its dimensions for the batch at hand. */
export interface WatchedValue {
  name: string;
  dims: number[];
}

/** A reader of a value: the node, and at which of its inputs. */
export interface Reader {
  node: string;
  input: number;
}

export const valueTap = (value: string): string => `∂${value}`;
export const readerTap = (value: string, { node, input }: Reader): string => `∂${value}→${node}.${input}`;
const tapped = (value: string): string => `${value}'`;

/**
 * The same network with a zero added to every watched value. Adding zero changes no value, and the gradient of that zero is
 * ∂E/∂value: so the engine's backward pass over weights gives the deltas too, computed by the very same operators. A value that several
 * nodes read gets a further zero for each of them: what comes back through that reader alone. Gradients are found by the names of
 * `valueTap` and `readerTap`.
 */
export function tapGraph(graph: Graph, watched: readonly WatchedValue[]): Graph {
  const dims = new Map(watched.map((value) => [value.name, value.dims]));
  const readers = readersOf(graph);
  const initializers: Initializer[] = [...graph.initializers];
  const nodes: GraphNode[] = [];

  const tap = (from: string, zero: string, to: string, shape: number[]): void => {
    const size = shape.reduce((product, side) => product * side, 1);
    initializers.push({ name: zero, dims: shape, data: new Float32Array(size) });
    nodes.push({ name: to, opType: 'Add', inputs: [from, zero], outputs: [to], attributes: {} });
  };
  for (const [value, shape] of dims) {
    tap(value, valueTap(value), tapped(value), shape);
    const several = readers.get(value) ?? [];
    if (several.length < 2) continue;
    for (const reader of several) tap(tapped(value), readerTap(value, reader), tapped(readerTap(value, reader)), shape);
  }
  const read = (value: string, reader: Reader): string => {
    if (!dims.has(value)) return value;
    return (readers.get(value)?.length ?? 0) < 2 ? tapped(value) : tapped(readerTap(value, reader));
  };
  for (const node of graph.nodes)
    nodes.push({ ...node, inputs: node.inputs.map((value, input) => read(value, { node: node.name, input })) });
  const outputs = graph.outputs.map((output) =>
    dims.has(output.name) ? { ...output, name: tapped(output.name) } : output,
  );
  return { ...graph, nodes, initializers, outputs };
}

/** Which nodes read each value. */
export function readersOf({ nodes }: Pick<Graph, 'nodes'>): Map<string, Reader[]> {
  const readers = new Map<string, Reader[]>();
  for (const node of nodes)
    node.inputs.forEach((value, input) => {
      if (value === '') return;
      readers.set(value, [...(readers.get(value) ?? []), { node: node.name, input }]);
    });
  return readers;
}
