import { LabError } from '../../shared/errors';
import { layerDefinition } from '../../shared/layers';
import { compileNetwork } from '../../shared/network/compile';
import type { NetworkDocument } from '../../shared/network/document';
import type { Graph } from '../../shared/network/graph';
import type { EngineInput } from '../engine/protocol';
import { encodeModel } from '../onnx/encode';
import { importModel, type ImportedModel } from '../onnx/import';
import type { HostAnswers } from '../scratchpad/host-calls';
import { defaultLimits } from '../scratchpad/language/limits';
import { bestLane } from './best-lane';
import type { Handlers, LabContext } from './context';
import { hasData } from './data';
import type { Experiment, ExperimentRegistry } from './experiment-registry';
import { makeProjectOf, replaceNetwork } from './import-model';
import { networkWeights } from './network-weights';
import type { Scratchpads } from './scratchpad';
import type { ProjectSession } from './session';

type NetworkCalls = 'scratchpad.networkSource' | 'scratchpad.openNetwork' | 'scratchpad.replaceNetwork';

/** From a variable of a notebook to a project: as a graph it goes the way of an ONNX file. */
export function scratchpadNetworkHandlers(context: LabContext, scratchpads: Scratchpads): Handlers<NetworkCalls> {
  const imported = async (id: string, choice: EngineInput<'networkGraph'>): Promise<ImportedModel> => {
    const graph = await scratchpads.get(id).networkGraph(choice);
    return importModel(encodeModel(graph), choice.name, context.compute);
  };
  return {
    'scratchpad.networkSource': ({ scratchpad, name }) => scratchpads.get(scratchpad).networkSource(name),
    'scratchpad.openNetwork': async ({ scratchpad, title, folder, ...choice }, holder) => {
      const made = await makeProjectOf(context, { folder, title }, () => imported(scratchpad, choice));
      const session = await context.projects.open(made.folder, holder);
      await context.user.remember(session.path, session.document.name);
      return { project: session.describe(), report: made.report };
    },
    'scratchpad.replaceNetwork': async ({ scratchpad, project, revision, ...choice }) => {
      const session = context.projects.get(project);
      session.assertWritable();
      const model = await imported(scratchpad, choice);
      const saved = await replaceNetwork(session, model, revision);
      context.saved(session);
      return { document: session.document, revision: saved, report: model.report };
    },
  };
}

/** What the cells of a project's notebook may ask for: the networks of that project. */
export function networkAnswers(
  context: LabContext,
  experiments: ExperimentRegistry,
): (project: string | null) => Pick<HostAnswers, 'network'> {
  return (project) => ({
    network: async ({ experiment: id, lane: wanted, which }) => {
      if (project === null) throw new LabError('scratchpad.network-no-project');
      const session = context.projects.get(project);
      const experiment = await (id === null ? latestOfDesign(experiments, session) : experiments.get(session, id));
      if (!experiment) {
        const graph = refuseTooLarge(await designed(context, session));
        return { graph, kinds: kindsOf(session.document.network), source: 'initial weights' };
      }
      const { frozen, status } = experiment;
      const lane = wanted ?? bestLane(status.lanes) ?? '';
      const { initializers, inputs } = refuseTooLarge(await experiments.laneGraph(experiment, lane, which));
      // Compiled anew: an ONNX file does not say which weights are frozen.
      const graph = compileNetwork(frozen.network, {
        inputShape: inputs[0]?.dims.slice(1) ?? [],
        seed: frozen.settings.seed,
        weights: new Map(initializers.map((item) => [item.name, item])),
      });
      const source = `experiment ${frozen.id}, ${lane}, ${which} weights`;
      return { graph, kinds: kindsOf(frozen.network), source };
    },
  });
}

/** The latest experiment with weights that trains the network as it is designed now. */
async function latestOfDesign(experiments: ExperimentRegistry, session: ProjectSession): Promise<Experiment | null> {
  const wanted = structureOf(session.document.network);
  const known = await experiments.list(session);
  for (const { id, checkpointEpoch } of known.toReversed()) {
    if (checkpointEpoch === null) continue;
    const experiment = await experiments.get(session, id);
    if (structureOf(experiment.frozen.network) === wanted) return experiment;
  }
  return null;
}

/** What decides the answers: not where layers stand, nor what they are called. */
function structureOf({ layers, edges, weights }: NetworkDocument): string {
  const parts = layers.map(({ id, kind, parameters, frozen, tied }) => ({ id, kind, parameters, frozen, tied }));
  return JSON.stringify([parts, edges, weights?.sha256]);
}

/** The network of the Design page with the weights that training starts from. */
async function designed(context: LabContext, session: ProjectSession): Promise<Graph> {
  const { network, training, data } = session.document;
  const weights = await networkWeights(session.path, network);
  const fixed = network.layers.find(({ kind }) => layerDefinition(kind)?.role === 'input')?.parameters.shape;
  const known = Array.isArray(fixed) && fixed.length > 0 ? fixed.map(Number) : null;
  const inputShape =
    known ??
    (hasData(data) ? await context.datasets.use(session, data, async ({ summary }) => summary.inputShape) : null);
  return compileNetwork(network, { inputShape: inputShape ?? [], seed: training.seed, weights });
}

const kindsOf = ({ layers }: NetworkDocument): Record<string, string> =>
  Object.fromEntries(layers.map(({ id, kind }) => [id, kind]));

/** Before it travels. */
function refuseTooLarge(graph: Graph): Graph {
  const bytes = graph.initializers.reduce((sum, { data }) => sum + data.byteLength, 0);
  const megabytes = (count: number): number => Math.ceil(count / 2 ** 20);
  const { memory } = defaultLimits;
  if (bytes <= memory) return graph;
  throw new LabError('scratchpad.network-too-large', { megabytes: megabytes(bytes), limit: megabytes(memory) });
}
