import type { InputField, InspectSource, InspectSummary } from '../../../shared/api/inspect';
import { LabError } from '../../../shared/errors';
import { compileNetwork } from '../../../shared/network/compile';
import type { NetworkDocument } from '../../../shared/network/document';
import type { Graph } from '../../../shared/network/graph';
import type { DataRecipe } from '../../../shared/project/data';
import type { Preprocessing } from '../../../shared/project/preprocessing';
import { laneParameters } from '../../../shared/training/parameters';
import type { LaneSettings, LossName, TrainingSettings } from '../../../shared/training/settings';
import type { PreparedData } from '../../data/dataset';
import type { LossOptionsPlan } from '../../engine/native';
import type { LabContext } from '../context';
import { hasData } from '../data';
import { trainedOn } from '../experiment-files';
import type { Experiment, ExperimentRegistry } from '../experiment-registry';
import { readModelFile } from '../model-files';
import { networkWeights } from '../network-weights';
import { hashOf, lossPlan, prepareTraining } from '../plan';
import type { ProjectSession } from '../session';
import { TrainedDevice } from '../trained-device';

/** What is put under the microscope. */
export interface Specimen {
  network: NetworkDocument;
  graph: Graph;
  loss: LossName;
  lossOptions: LossOptionsPlan;
  /** What the data were made from. */
  recipe: DataRecipe;
  data: PreparedData;
  learningRate: number;
  optimizer: string;
  plainStep: boolean;
  device: TrainedDevice;
  at: { step: number; epoch: number };
}

export async function takeSpecimen(
  context: LabContext,
  experiments: ExperimentRegistry,
  session: ProjectSession,
  source: InspectSource,
): Promise<Specimen> {
  if (source.kind === 'design') return takeDesign(context, session);
  const experiment = await experiments.get(session, source.experiment);
  return takeLane(context, experiments, session, experiment, source);
}

async function takeDesign(context: LabContext, session: ProjectSession): Promise<Specimen> {
  const { document } = session;
  if (!hasData(document.data)) throw new LabError('data.none');
  const weights = await networkWeights(session.path, document.network);
  const { graph, loss, data } = await context.datasets.use(session, document.data, (dataset) =>
    prepareTraining(document, dataset, weights),
  );
  const { network, training } = document;
  const lane = training.lanes[0] ?? { learningRate: 0.01 };
  return {
    network,
    graph,
    recipe: document.data,
    data,
    device: await TrainedDevice.find(context, null),
    at: { step: 0, epoch: 0 },
    ...lossOf(training, loss, data),
    ...stepOf(training, lane, lane.learningRate),
  };
}

async function takeLane(
  context: LabContext,
  experiments: ExperimentRegistry,
  session: ProjectSession,
  experiment: Experiment,
  { lane, which }: Extract<InspectSource, { kind: 'lane' }>,
): Promise<Specimen> {
  const { frozen, status, folder, run } = experiment;
  const known = status.lanes[experiments.laneIndex(experiment, lane)];
  if (!known) throw new LabError('inspect.no-weights', { lane });
  const data = await context.datasets.use(session, frozen.data, (dataset) => dataset.tensors());
  if (hashOf(data) !== frozen.dataHash) throw new LabError('experiment.data-changed', { experiment: frozen.id });
  if (which !== 'initial' && !run && status.checkpointEpoch === null)
    throw new LabError('inspect.no-weights', { lane });
  const { initializers } =
    which === 'initial'
      ? await readModelFile(folder.initialPath)
      : await experiments.laneGraph(experiment, lane, which);
  const { network, settings, loss } = frozen;
  // Compiled anew: an ONNX file does not say which weights are frozen.
  const weights = new Map(initializers.map((item) => [item.name, item]));
  const graph = compileNetwork(network, { inputShape: data.inputShape, seed: settings.seed, weights });
  const now = settings.schedule.kind === 'constant' ? known.learningRate : known.last?.learningRate;
  const at = {
    initial: { step: 0, epoch: 0 },
    last: { step: status.step, epoch: status.epoch },
    best: { step: known.best?.step ?? 0, epoch: known.best?.epoch ?? 0 },
  }[which];
  return {
    network,
    graph,
    recipe: frozen.data,
    data,
    device: await TrainedDevice.find(context, trainedOn(frozen, status)),
    at,
    ...lossOf(settings, loss, data),
    ...stepOf(settings, known.settings, now ?? known.learningRate),
  };
}

function lossOf(settings: TrainingSettings, loss: LossName, data: PreparedData) {
  return { loss, lossOptions: lossPlan(settings, loss, data) };
}

function stepOf(settings: TrainingSettings, lane: LaneSettings, learningRate: number) {
  const read = laneParameters(settings, lane);
  const adds = [read.momentum, read.weightDecay, read.l1, read.maxNorm, read.clipValue, read.clipNorm];
  return {
    learningRate,
    optimizer: settings.optimizer.name,
    plainStep: settings.optimizer.name === 'sgd' && adds.every((value) => (value ?? 0) === 0),
  };
}

/** What each input of the network stands for; null for images. */
export function inputFields({ input }: Preprocessing): InputField[] | null {
  if (input.kind === 'image') return null;
  return input.columns.flatMap((column): InputField[] =>
    column.encoding === 'number'
      ? [{ name: column.column, offset: column.offset, scale: column.scale }]
      : column.values.map((value) => ({ name: `${column.column} = ${value}`, offset: 0, scale: 1 })),
  );
}

export function targetField({ target }: Preprocessing): InspectSummary['target'] {
  if (target.kind === 'classes') return { kind: 'classes', classes: target.classes };
  return {
    kind: 'numbers',
    names: target.columns.map(({ column }) => column),
    offset: target.columns.map(({ offset }) => offset),
    scale: target.columns.map(({ scale }) => scale),
  };
}
