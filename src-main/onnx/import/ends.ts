import type { ImportReport } from '../../../shared/api/contract';
import { LabError } from '../../../shared/errors';
import type { Graph, GraphNode, Initializer } from '../../../shared/network/graph';
import type { ParsedModel } from '../model';
import { isIntegerType, type ModelPort } from '../ports';

/** A model between one input and one output, which is what a network has. */
export interface SingleEnded {
  model: ParsedModel;
  input: string;
  /** Of one sample. */
  inputShape: number[];
  /** Columns of the input that hold whole numbers. */
  whole: (column: number) => boolean;
  /** The size that the file fixes for the batch; null where it leaves it open. */
  batch: number | null;
  output: string;
  notes: Pick<ImportReport, 'inputs' | 'unusedInputs' | 'output' | 'droppedOutputs' | 'answer'>;
}

/**
 * Keeps what leads to one output (the first unless `wanted` names another). Several inputs become one of all their values side by side, cut up and shaped
 * again by nodes; whole numbers come in as float32, as they come from data, and are cast. An answer that is only the place of the
 * largest value gives way to the values, which can be trained.
 */
export function singleEnded(given: ParsedModel, wanted: string | null): SingleEnded {
  const { file } = given;
  const port = wanted === null ? given.outputs[0] : given.outputs.find(({ name }) => name === wanted);
  const names = given.outputs.map(({ name }) => name);
  if (!port) throw new LabError('model.output-unknown', { file, name: wanted ?? '', names });
  const place = placeOf(given.graph, port);
  const output = place?.values ?? port.name;
  const trimmed = leadingTo(given.graph, output);
  const read = new Set([output, ...trimmed.nodes.flatMap(({ inputs }) => inputs)]);
  const inputs = given.inputs.filter(({ name }) => read.has(name));
  const [first] = inputs;
  if (!first) throw new LabError('model.nothing-computed', { file, name: port.name });
  const shapes = inputs.map((input) => sampleShapeOf(input, file));
  const batch = typeof first.dims?.[0] === 'number' ? first.dims[0] : null;
  const notes = {
    unusedInputs: given.inputs.filter((input) => !inputs.includes(input)).map(({ name }) => name),
    output: port.name,
    droppedOutputs: names.filter((name) => name !== port.name),
    answer: place && { operator: place.operator, values: place.values },
  };
  const known = new Map(given.shapes);
  inputs.forEach(({ name }, at) => known.set(name, [-1, ...(shapes[at] ?? [])]));
  const sizes = shapes.map((shape) => shape.reduce((product, size) => product * size, 1));
  const starts = sizes.map((_, at) => sizes.slice(0, at).reduce((sum, size) => sum + size, 0));
  const integers = inputs.map(({ type }) => isIntegerType(type));
  const whole = (column: number): boolean => integers[starts.findLastIndex((start) => start <= column)] ?? false;
  const alone = inputs.length === 1;
  const input = alone ? first.name : freeName(given, 'input');
  const inputShape = alone ? (shapes[0] ?? []) : [sizes.reduce((sum, size) => sum + size, 0)];
  const cut = alone ? { nodes: [], initializers: [] } : cutUp(input, inputs, shapes, starts);
  const cast = inputs.flatMap(({ name }, at) => (integers[at] ? [name] : []));
  const nodes = cast.reduce((all, name) => castReaders(all, name), [...cut.nodes, ...trimmed.nodes]);
  const graph: Graph = {
    ...trimmed,
    nodes,
    initializers: [...trimmed.initializers, ...cut.initializers],
    inputs: [{ name: input, dims: [-1, ...inputShape] }],
    outputs: [{ name: output, dims: [] }],
  };
  const columns = alone ? [] : inputs.map(({ name }, at) => ({ name, from: starts[at] ?? 0, size: sizes[at] ?? 0 }));
  const model = { ...given, graph, shapes: known.set(input, [-1, ...inputShape]) };
  return { model, input, inputShape, whole, batch, output, notes: { ...notes, inputs: columns } };
}

/** Sizes of one sample: whole numbers are fed as float32, which an embedding reads as well. */
function sampleShapeOf({ name, type, dims }: ModelPort, file: string): number[] {
  if (type !== 'float32' && !isIntegerType(type)) throw new LabError('model.input-type', { file, name, type });
  if (dims === null || dims.length === 0) throw new LabError('model.no-batch', { file, name });
  return dims.slice(1).map((size, at) => {
    if (typeof size === 'number') return size;
    throw new LabError('model.input-shape', { file, name, dimension: at + 1, size: size || '–' });
  });
}

/** Operators between an ArgMax and the end of a file that change the form of its answer only. */
const forms: ReadonlySet<string> = new Set(['Identity', 'Cast', 'Squeeze', 'Unsqueeze', 'Reshape', 'Flatten']);

/** Where an output of whole numbers is the place of an extreme: the operator, and the values it looks at. */
function placeOf(graph: Graph, { name, type }: ModelPort): { operator: string; values: string } | null {
  if (!isIntegerType(type)) return null;
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((value) => [value, node] as const)));
  for (let node = producers.get(name); node; node = producers.get(node.inputs[0] ?? '')) {
    if (node.opType === 'ArgMax') return { operator: node.opType, values: node.inputs[0] ?? '' };
    if (!forms.has(node.opType)) return null;
  }
  return null;
}

/** The nodes that lead to a value, and what they read. */
function leadingTo(graph: Graph, output: string): Graph {
  const read = new Set([output]);
  const kept = graph.nodes.toReversed().filter(({ inputs, outputs }) => {
    if (!outputs.some((name) => read.has(name))) return false;
    for (const name of inputs) read.add(name);
    return true;
  });
  return { ...graph, nodes: kept.toReversed(), initializers: graph.initializers.filter(({ name }) => read.has(name)) };
}

/** A Slice, and where it needs one a Reshape, that gives each input of the file. */
function cutUp(
  from: string,
  inputs: readonly ModelPort[],
  shapes: readonly number[][],
  starts: readonly number[],
): { nodes: GraphNode[]; initializers: Initializer[] } {
  const initializers: Initializer[] = [];
  const list = (name: string, ...values: number[]): string => {
    initializers.push({ name, dims: [values.length], data: BigInt64Array.from(values, BigInt), frozen: true });
    return name;
  };
  const nodes = inputs.flatMap(({ name }, at): GraphNode[] => {
    const shape = shapes[at] ?? [];
    const start = starts[at] ?? 0;
    const size = shape.reduce((product, length) => product * length, 1);
    const flat = shape.length === 1 ? name : `${name}:columns`;
    const bounds = [list(`${name}:from`, start), list(`${name}:to`, start + size), list(`${name}:axis`, 1)];
    const slice = { name: flat, opType: 'Slice', inputs: [from, ...bounds], outputs: [flat], attributes: {} };
    if (flat === name) return [slice];
    const sizes = list(`${name}:shape`, 0, ...shape);
    return [slice, { name, opType: 'Reshape', inputs: [flat, sizes], outputs: [name], attributes: {} }];
  });
  return { nodes, initializers };
}

function freeName({ graph, shapes }: ParsedModel, wanted: string): string {
  const taken = new Set([
    ...shapes.keys(),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
    ...[...graph.inputs, ...graph.initializers].map(({ name }) => name),
  ]);
  let name = wanted;
  for (let number = 2; taken.has(name); number += 1) name = `${wanted}-${number}`;
  return name;
}

/** ONNX's number for int64 in Cast. */
const int64 = 7;

/** What reads a value reads it cast to whole numbers. */
function castReaders(nodes: readonly GraphNode[], value: string): GraphNode[] {
  const readers = nodes.filter(({ inputs }) => inputs.includes(value));
  const casts = new Map(readers.map((node, at) => [node, `${value}:${at + 1}`]));
  return nodes.flatMap((node) => {
    const cast = casts.get(node);
    if (cast === undefined) return [node];
    const inputs = node.inputs.map((name) => (name === value ? cast : name));
    return [
      { name: cast, opType: 'Cast', inputs: [value], outputs: [cast], attributes: { to: int64 } },
      { ...node, inputs },
    ];
  });
}
