import type { ImportReport } from '../../../shared/api/contract';
import { LabError } from '../../../shared/errors';
import { compileNetwork } from '../../../shared/network/compile';
import type { NetworkDocument } from '../../../shared/network/document';
import type { Graph } from '../../../shared/network/graph';
import { Generator } from '../../../shared/random/generator';
import type { Tensor } from '../../engine/native';
import { parseModel, refuseOperators } from '../decode';
import { modernise } from '../opset';
import { uncoverLayers } from './blocks';
import { toDocument } from './document';
import { singleEnded } from './ends';
import { findLayers, layersAsTheyAre } from './layers';
import { copyTurned, sharedWeights, WeightOwners } from './shared-weights';
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
export async function importModel(
  bytes: Uint8Array,
  file: string,
  engine: ImportEngine,
  wantedOutput: string | null = null,
): Promise<ImportedModel> {
  const operators = await engine.operators();
  const known = new Set(operators.filter(({ device }) => device === 'cpu').map(({ opType }) => opType));
  const ended = singleEnded(parseModel(bytes, file, { known }), wantedOutput);
  const { model, input, inputShape, output } = ended;
  const graph = named(openBatch(modernise(model), ended.batch));
  const lacking = graph.nodes.filter(({ opType }) => !known.has(opType));
  refuseOperators(
    lacking.map(({ opType, name }) => `${opType} (${name})`),
    file,
  );
  const { graph: plain, turned } = copyTurned(await computeConstants(engine, graph));
  const shapes = await sampleShapes(engine, plain, file);
  if (!shapes.has(output)) throw new LabError('model.nothing-computed', { file, name: output });
  const uncovered = await uncoverLayers(engine, plain, shapes, layersAsTheyAre(plain, shapes));

  const ends = { input, inputShape, output, frozen: model.frozen };
  const sample = randomSample(inputShape, ended.whole);
  const differences: string[] = [];
  for (const candidate of [uncovered, plain]) {
    const known = candidate === plain ? shapes : await sampleShapes(engine, candidate, file);
    const found = findLayers(candidate, known, operators, candidate !== plain);
    const owners = new WeightOwners(turned);
    const { network, weights } = toDocument(found, ends, owners);
    const stored = new Map(weights.map((weight) => [weight.name, weight]));
    const compiled = compileNetwork(network, { inputShape, seed: 0, weights: stored });
    const difference = closeTo(await answer(engine, compiled, sample), await answer(engine, graph, sample));
    if (difference === null) {
      const count = found.filter(({ kind }) => kind === 'operator').length;
      const { tied } = owners;
      const untied = sharedWeights(candidate, operators, turned).filter((name) => !tied.includes(name));
      const report = { layers: found.length - count, operators: count, tied, untied, ...ended.notes };
      return { network, graph: compiled, metadata: model.metadata, report };
    }
    differences.push(difference);
  }
  throw new LabError('model.import-differs', { file, difference: differences.at(-1) ?? '' });
}

/** Every first output has a name: the one that stands for its layer. */
function named(graph: Graph): Graph {
  const nodes = graph.nodes.map((node) =>
    node.outputs[0] === '' ? { ...node, outputs: [`${node.name}:1`, ...node.outputs.slice(1)] } : node,
  );
  return { ...graph, nodes };
}

/** Samples the comparison runs on. */
const rows = 3;

/** Random values, and zeros where whole numbers are read: zero is a word of every vocabulary. */
function randomSample(inputShape: readonly number[], whole: (column: number) => boolean): Tensor {
  const dims = [rows, ...inputShape];
  const columns = inputShape.reduce((product, size) => product * size, 1);
  const data = new Generator(1).randn(rows * columns);
  for (const index of data.keys()) if (whole(index % columns)) data[index] = 0;
  return { dims, data };
}

async function answer(engine: ImportEngine, graph: Graph, sample: Tensor): Promise<Tensor> {
  const [input] = graph.inputs;
  const [output] = graph.outputs;
  const outputs = await engine.infer(graph, { [input?.name ?? '']: sample }, 0);
  return outputs[output?.name ?? ''] ?? { dims: [], data: new Float32Array() };
}
