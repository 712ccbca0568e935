import type { ImportReport } from '../../../shared/api/contract';
import { LabError } from '../../../shared/errors';
import { compileNetwork } from '../../../shared/network/compile';
import type { NetworkDocument } from '../../../shared/network/document';
import type { Graph, GraphNode } from '../../../shared/network/graph';
import { Generator } from '../../../shared/random/generator';
import type { Tensor } from '../../engine/native';
import { parseModel, refuseOperators } from '../decode';
import type { ParsedModel } from '../model';
import { modernise } from '../opset';
import { isIntegerType, type ModelPort } from '../ports';
import { uncoverLayers } from './blocks';
import { toDocument } from './document';
import { findLayers, layersAsTheyAre } from './layers';
import { closeTo, computeConstants, type ImportEngine, openBatch, sampleShapes } from './sizes';

export type { ImportEngine } from './sizes';

export interface ImportedModel {
  network: NetworkDocument;
  /** The network with the weights of the file, as training starts from it. */
  graph: Graph;
  /** Metadata of the file. */
  metadata: Record<string, string>;
  report: ImportReport;
}

/**
 * A model as a network that can be edited and trained. Everything is looked at before anything is given back: operators the engine
 * lacks are listed all at once, and the network must answer as the file does.
 */
export async function importModel(bytes: Uint8Array, file: string, engine: ImportEngine): Promise<ImportedModel> {
  const operators = await engine.operators();
  const known = new Set(operators.filter(({ device }) => device === 'cpu').map(({ opType }) => opType));
  const model = parseModel(bytes, file, { known });
  const [input, output] = [only('input', model.inputs, file), only('output', model.outputs, file)];
  const inputShape = sampleShapeOf(input, file);
  const batch = typeof input.dims?.[0] === 'number' ? input.dims[0] : null;
  const graph = prepared(model, input, inputShape, batch);
  const lacking = graph.nodes.filter(({ opType }) => !known.has(opType));
  refuseOperators(
    lacking.map(({ opType, name }) => `${opType} (${name})`),
    file,
  );
  const plain = await computeConstants(engine, graph);
  const shapes = await sampleShapes(engine, plain, file);
  if (!shapes.has(output.name)) throw new LabError('model.nothing-computed', { file, name: output.name });
  const uncovered = await uncoverLayers(engine, plain, shapes, layersAsTheyAre(plain, shapes));

  const ends = { input: input.name, inputShape, output: output.name, frozen: model.frozen };
  const differences: string[] = [];
  for (const candidate of [uncovered, plain]) {
    const known = candidate === plain ? shapes : await sampleShapes(engine, candidate, file);
    const found = findLayers(candidate, known, operators, candidate !== plain);
    const { network, weights } = toDocument(found, ends);
    const stored = new Map(weights.map((weight) => [weight.name, weight]));
    const compiled = compileNetwork(network, { inputShape, seed: 0, weights: stored });
    const difference = await differs(engine, graph, compiled, inputShape, isIntegerType(input.type));
    if (difference === null) {
      const count = found.filter(({ kind }) => kind === 'operator').length;
      const report = { layers: found.length - count, operators: count, untied: shared(candidate, operators) };
      return { network, graph: compiled, metadata: model.metadata, report };
    }
    differences.push(difference);
  }
  throw new LabError('model.import-differs', { file, difference: differences.at(-1) ?? '' });
}

function only(direction: 'input' | 'output', ports: readonly ModelPort[], file: string): ModelPort {
  const [port, ...others] = ports;
  if (!port || others.length > 0)
    throw new LabError(`model.several-${direction}s`, {
      file,
      names: ports.length > 0 ? ports.map(({ name }) => name) : '–',
    });
  return port;
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

/** Today's operators, the batch open, every first output with a name. */
function prepared(model: ParsedModel, input: ModelPort, inputShape: number[], batch: number | null): Graph {
  const shapes = new Map(model.shapes).set(input.name, [-1, ...inputShape]);
  const graph = openBatch(modernise({ ...model, shapes }), batch);
  const nodes = graph.nodes.map((node) =>
    node.outputs[0] === '' ? { ...node, outputs: [`${node.name}:1`, ...node.outputs.slice(1)] } : node,
  );
  return {
    ...graph,
    nodes: isIntegerType(input.type) ? castFirst(nodes, input.name) : nodes,
    inputs: [{ name: input.name, dims: [-1, ...inputShape] }],
  };
}

/** ONNX's number for int64 in Cast. */
const int64 = 7;

/** Whole numbers come in as float32 here, as they come from data: what reads them reads them cast. */
function castFirst(nodes: readonly GraphNode[], input: string): GraphNode[] {
  const readers = nodes.filter(({ inputs }) => inputs.includes(input));
  const casts = new Map(readers.map((node, at) => [node, `${input}:${at + 1}`]));
  return nodes.flatMap((node) => {
    const cast = casts.get(node);
    if (cast === undefined) return [node];
    const inputs = node.inputs.map((name) => (name === input ? cast : name));
    return [
      { name: cast, opType: 'Cast', inputs: [input], outputs: [cast], attributes: { to: int64 } },
      { ...node, inputs },
    ];
  });
}

/** Float weights that are trained and that more than one node reads. */
function shared({ nodes, initializers }: Graph, operators: Awaited<ReturnType<ImportEngine['operators']>>): string[] {
  const trained = new Set(
    initializers.flatMap(({ name, data, frozen }) => (data instanceof Float32Array && !frozen ? [name] : [])),
  );
  const fixed = new Map(operators.map(({ opType, constants }) => [opType, constants]));
  const readers = new Map<string, number>();
  for (const { opType, inputs } of nodes)
    for (const [place, name] of inputs.entries())
      if (trained.has(name) && !fixed.get(opType)?.includes(place)) readers.set(name, (readers.get(name) ?? 0) + 1);
  return [...readers].filter(([, count]) => count > 1).map(([name]) => name);
}

/** Samples the comparison runs on. */
const rows = 3;

/** How the compiled network's answers differ from the file's on random inputs; null where they are the same within rounding. */
async function differs(
  engine: ImportEngine,
  file: Graph,
  compiled: Graph,
  inputShape: number[],
  whole: boolean,
): Promise<string | null> {
  const dims = [rows, ...inputShape];
  const count = dims.reduce((product, size) => product * size, 1);
  // Zero is a word of every vocabulary.
  const data = whole ? new Float32Array(count) : new Generator(1).randn(count);
  const [expected, actual] = [await answer(file), await answer(compiled)];
  return closeTo(actual, expected);

  async function answer(graph: Graph): Promise<Tensor> {
    const [input] = graph.inputs;
    const [output] = graph.outputs;
    const outputs = await engine.infer(graph, { [input?.name ?? '']: { dims, data } }, 0);
    return outputs[output?.name ?? ''] ?? { dims: [], data: new Float32Array() };
  }
}
