import { createHash } from 'node:crypto';
import type { DataSummary, TargetSummary } from '../../shared/api/data';
import { LabError } from '../../shared/errors';
import { checkNetwork } from '../../shared/network/check';
import { compileNetwork } from '../../shared/network/compile';
import type { Graph, Initializer } from '../../shared/network/graph';
import type { ProjectDocument } from '../../shared/project/document';
import { targetsFor } from '../../shared/training/evaluate';
import { balancedWeights, losses, outputsForClasses, type LossName } from '../../shared/training/losses';
import { fitsMetric, usualMetrics } from '../../shared/training/metrics';
import { laneParameters } from '../../shared/training/parameters';
import type { Precision } from '../../shared/training/precision';
import { resolveSchedule, scheduleParameters, type ScheduleSettings } from '../../shared/training/schedule';
import type { TrainingSettings } from '../../shared/training/settings';
import type { Dataset, PreparedData, PreparedSplit } from '../data/dataset';
import { bytesOf } from '../data/tensor-cache';
import type { CardPlan, DataSplit, LossOptionsPlan, SchedulePlan, TrainPlan } from '../engine/native';
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
 * Everything training needs (`weights`: those of the network's file, if it has one), checked in the order a person would mend it: data, network. Throws the first problem,
 * with the column or layer it belongs to.
 */
export async function prepareTraining(
  document: Pick<ProjectDocument, 'network' | 'training'>,
  dataset: Dataset,
  weights?: ReadonlyMap<string, Initializer>,
): Promise<Preparation> {
  const { training, network } = document;
  const data = await dataset.tensors();
  const { target } = dataset.summary;
  const loss = checkedLoss(document, data.inputShape, target);
  assertShares(data, loss);
  assertClassWeights(training, data, loss);
  if (data.splits.training.count === 0) throw new LabError('experiment.empty-split', { split: 'training' });
  const graph = compileNetwork(network, { inputShape: data.inputShape, seed: training.seed, weights });
  return { graph, loss, metrics: metricsFor(training, target, loss), data, dataHash: hashOf(data) };
}

/** The loss that a training would have. Throws the first error of the network. */
function checkedLoss(
  { network, training }: Pick<ProjectDocument, 'network' | 'training'>,
  inputShape: readonly number[] | null,
  target: TargetSummary | null,
): LossName {
  const loss = training.loss === 'auto' ? (target?.suggestedLoss ?? 'mse') : training.loss;
  const check = checkNetwork(network, { inputShape, target, loss });
  const error = check.issues.find(({ severity }) => severity === 'error');
  if (error) throw new LabError(error.code, error.details);
  return loss;
}

export type Outline = Pick<Preparation, 'graph' | 'loss' | 'metrics'>;

/** What of a Preparation is known of a summary of the data. The graph has none of its weights (compileNetwork). */
export function outlineTraining(
  document: Pick<ProjectDocument, 'network' | 'training'>,
  { inputShape, target, issues }: DataSummary,
  weights?: ReadonlyMap<string, Initializer>,
): Outline {
  const { training, network } = document;
  const [issue] = issues;
  if (issue) throw new LabError(issue.code, issue.details);
  const loss = checkedLoss(document, inputShape, target);
  const graph = compileNetwork(network, { inputShape: inputShape ?? [], seed: training.seed, weights, outline: true });
  return { graph, loss, metrics: metricsFor(training, target, loss) };
}

/**
 * Binary cross-entropy has no lower end for targets outside 0 to 1: the loss would fall for ever. The Kullback-Leibler divergence
 * compares shares.
 */
function assertShares({ splits, preprocessing }: PreparedData, loss: LossName): void {
  if (loss !== 'bce-logits' && losses[loss].targets !== 'shares') return;
  const { target } = preprocessing;
  if (target.kind !== 'numbers') return;
  for (const { targets } of [splits.training, splits.validation])
    for (const [index, value] of targets.entries()) {
      if (Number(value) >= 0 && Number(value) <= 1) continue;
      const column = target.columns[index % target.columns.length]?.column ?? '';
      const code = loss === 'bce-logits' ? 'experiment.targets-not-shares' : 'experiment.targets-not-distribution';
      throw new LabError(code, { column, value: Number(value) });
    }
}

function assertClassWeights({ lossOptions }: TrainingSettings, { preprocessing }: PreparedData, loss: LossName): void {
  const { classWeights } = lossOptions;
  if (loss !== 'cross-entropy' || !Array.isArray(classWeights) || preprocessing.target.kind !== 'classes') return;
  const classes = preprocessing.target.classes.length;
  if (classWeights.length !== classes)
    throw new LabError('experiment.class-weights', { got: classWeights.length, wanted: classes });
}

export function buildPlan(
  frozen: Pick<FrozenExperiment, 'settings' | 'loss' | 'metrics' | 'precision'>,
  graph: Graph,
  data: PreparedData,
  devices: CardPlan[],
): TrainPlan {
  const { settings, loss } = frozen;
  const { training, validation } = data.splits;
  const { target } = data.preprocessing;
  const width = target.kind === 'classes' ? outputsForClasses(loss, target.classes.length) : target.columns.length;
  const dataSplit = (split: PreparedSplit): DataSplit => ({
    inputs: split.inputs,
    targets: targetsFor(loss, split.targets, width),
    count: split.count,
  });
  return {
    ...settingsPlan(settings, { graph, ...frozen }, devices),
    lossOptions: lossPlan(settings, loss, data),
    training: dataSplit(training),
    validation: validation.count > 0 ? dataSplit(validation) : null,
    targetScales: targetScales(data),
  };
}

/** Sizes without values: enough to know what the training will take (NativeEngine.trainingMemory). */
export function outlinePlan(
  settings: TrainingSettings,
  outline: Outline,
  { splits, target }: DataSummary,
  devices: CardPlan[],
): TrainPlan {
  const none = new Float32Array(0);
  const sized = (count: number): DataSplit => ({ inputs: none, targets: none, count });
  const weighted = settings.lossOptions.classWeights && losses[outline.loss].options.includes('classWeights');
  return {
    ...settingsPlan(settings, { ...outline, precision: precisionOn(devices, settings) }, devices),
    lossOptions: weighted && target?.kind === 'classes' ? { classWeights: target.classes.map(() => 1) } : {},
    training: sized(splits.training),
    validation: splits.validation > 0 ? sized(splits.validation) : null,
  };
}

/** All of a plan that does not come from the data. */
function settingsPlan(
  settings: TrainingSettings,
  { graph, loss, metrics, precision }: Outline & { precision: Precision },
  devices: CardPlan[],
): Omit<TrainPlan, 'training' | 'validation'> {
  return {
    graph,
    optimizer: settings.optimizer.name,
    lanes: settings.lanes.map((lane) => laneParameters(settings, lane)),
    schedule: schedulePlan(settings.schedule),
    loss,
    batchSize: { online: 1, full: 0, 'mini-batch': settings.batchSize }[settings.batch],
    shuffle: settings.shuffle,
    seed: settings.seed,
    epochs: settings.epochs,
    targetLoss: settings.targetLoss,
    patience: settings.patience,
    minImprovement: settings.minImprovement,
    maxSeconds: settings.maxSeconds,
    divergenceFactor: settings.divergenceFactor,
    devices,
    precision,
    threads: settings.threads,
    metrics,
  };
}

/** In which numbers a run multiplies: what is asked of a card is nothing to the processor. */
export function precisionOn(devices: readonly CardPlan[], { precision }: TrainingSettings): Precision {
  return devices.length > 0 ? precision : 'float32';
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

/** Those asked for that mean something for these targets and this loss; the usual ones when none is asked for. */
function metricsFor(settings: TrainingSettings, target: TargetSummary | null, loss: LossName): Metric[] {
  const classes = target?.kind === 'classes';
  const wanted = settings.metrics ?? usualMetrics(classes, loss);
  const unfit = wanted.find((metric) => !fitsMetric(metric, classes, loss));
  if (unfit) throw new LabError('experiment.metric-unfit', { metric: unfit, loss });
  return wanted;
}

/** What the kind reads, so that a setting left over from another kind has no part in it. */
function schedulePlan(settings: ScheduleSettings): SchedulePlan {
  const resolved = resolveSchedule(settings);
  const read = scheduleParameters[settings.kind].map((name) => [name, resolved[name]] as const);
  const { warmup, warmupStart } = resolved;
  return { kind: settings.kind, perStep: settings.unit === 'step', warmup, warmupStart, ...Object.fromEntries(read) };
}

/** Units of the target columns, so that errors are told in those of the data; empty for classes. */
export function targetScales({ preprocessing: { target } }: PreparedData): number[] {
  return target.kind === 'numbers' ? target.columns.map(({ scale }) => scale) : [];
}

/** The options the loss reads, with class weights as numbers. */
export function lossPlan({ lossOptions }: TrainingSettings, loss: LossName, data: PreparedData): LossOptionsPlan {
  const { classWeights, ...numbers } = lossOptions;
  const { options } = losses[loss];
  const plan: LossOptionsPlan = Object.fromEntries(
    Object.entries(numbers).filter(([name, value]) => value !== undefined && options.some((option) => option === name)),
  );
  if (!classWeights || !options.includes('classWeights')) return plan;
  const { targets } = data.splits.training;
  if (classWeights !== 'balanced') plan.classWeights = classWeights;
  else if (targets instanceof BigInt64Array)
    plan.classWeights = balancedWeights(
      targets,
      data.preprocessing.target.kind === 'classes' ? data.preprocessing.target.classes.length : 0,
    );
  return plan;
}
