import { createHash } from 'node:crypto';
import type { TargetSummary } from '../../shared/api/data';
import { LabError } from '../../shared/errors';
import { checkNetwork } from '../../shared/network/check';
import { compileNetwork } from '../../shared/network/compile';
import type { Graph } from '../../shared/network/graph';
import type { ProjectDocument } from '../../shared/project/document';
import { targetsFor } from '../../shared/training/evaluate';
import type { LaneSettings, LossName, TrainingSettings } from '../../shared/training/settings';
import type { Dataset, PreparedData, PreparedSplit } from '../data/dataset';
import { bytesOf } from '../data/tensor-cache';
import type { DataSplit, LanePlan, TrainPlan } from '../engine/native';
import type { FrozenExperiment } from './experiment-files';

type Metric = FrozenExperiment['metrics'][number];

export interface Preparation {
  graph: Graph;
  loss: LossName;
  metrics: Metric[];
  data: PreparedData;
  dataHash: string;
}

/**
 * Everything training needs, checked in the order a person would mend it: device, data, network. Throws the first problem,
 * with the column or layer it belongs to.
 */
export async function prepareTraining(
  document: Pick<ProjectDocument, 'network' | 'training'>,
  dataset: Dataset,
): Promise<Preparation> {
  const { training, network } = document;
  assertDevice(training.device);
  const data = await dataset.tensors();
  const { target } = dataset.summary;
  const loss = training.loss === 'auto' ? (target?.suggestedLoss ?? 'mse') : training.loss;
  const check = checkNetwork(network, { inputShape: data.inputShape, target, loss });
  const error = check.issues.find(({ severity }) => severity === 'error');
  if (error) throw new LabError(error.code, error.details);
  if (loss === 'bce-logits') assertShares(data);
  if (data.splits.training.count === 0) throw new LabError('experiment.empty-split', { split: 'training' });
  const graph = compileNetwork(network, { inputShape: data.inputShape, seed: training.seed });
  return { graph, loss, metrics: metricsFor(target, loss), data, dataHash: hashOf(data) };
}

/** `auto` and `cpu` are the processor; anything else needs a GPU, for which this build has no code. */
export function assertDevice(device: string): void {
  if (device !== 'auto' && device !== 'cpu') throw new LabError('engine.no-gpu', { device });
}

/** Binary cross-entropy has no lower end for targets outside 0 to 1: the loss would fall for ever. */
function assertShares({ splits, preprocessing }: PreparedData): void {
  const { target } = preprocessing;
  for (const { targets } of [splits.training, splits.validation])
    for (const [index, value] of targets.entries()) {
      if (Number(value) >= 0 && Number(value) <= 1) continue;
      const column = target.kind === 'numbers' ? target.columns[index % target.columns.length]?.column : target.column;
      throw new LabError('experiment.targets-not-shares', { column: column ?? '', value: Number(value) });
    }
}

export function buildPlan(
  frozen: Pick<FrozenExperiment, 'settings' | 'loss' | 'metrics'>,
  graph: Graph,
  data: PreparedData,
): TrainPlan {
  const { settings, loss, metrics } = frozen;
  const { training, validation } = data.splits;
  const dataSplit = (split: PreparedSplit): DataSplit => ({
    inputs: split.inputs,
    targets: targetsFor(loss, split.targets, data.targetShape[0] ?? 1),
    count: split.count,
  });
  return {
    graph,
    lanes: settings.lanes.map((lane) => lanePlan(settings, lane)),
    loss,
    training: dataSplit(training),
    validation: validation.count > 0 ? dataSplit(validation) : null,
    batchSize: { online: 1, full: 0, 'mini-batch': settings.batchSize }[settings.batch],
    shuffle: settings.shuffle,
    seed: settings.seed,
    epochs: settings.epochs,
    targetLoss: settings.targetLoss,
    divergenceFactor: settings.divergenceFactor,
    threads: settings.threads,
    metrics,
  };
}

export function laneId(index: number): string {
  return `lane-${index + 1}`;
}

/** SHA-256 over what the trainer sees and the units it stands for, so that a resumed run is known to see the same. */
export function hashOf(data: PreparedData): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([data.inputShape, data.targetShape, data.preprocessing]));
  for (const { inputs, targets, count } of [data.splits.training, data.splits.validation]) {
    hash.update(String(count));
    hash.update(bytesOf(inputs));
    hash.update(bytesOf(targets));
  }
  return hash.digest('hex');
}

function metricsFor(target: TargetSummary | null, loss: LossName): Metric[] {
  return target?.kind === 'classes' || loss === 'bce-logits' ? ['accuracy'] : ['mae', 'rmse', 'r2'];
}

function lanePlan(settings: TrainingSettings, lane: LaneSettings): LanePlan {
  return {
    learningRate: lane.learningRate,
    momentum: lane.momentum ?? settings.momentum,
    dampening: lane.dampening ?? settings.dampening,
    nesterov: lane.nesterov ?? settings.nesterov,
    weightDecay: lane.weightDecay ?? settings.weightDecay,
  };
}
