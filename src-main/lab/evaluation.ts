import type { Evaluation } from '../../shared/api/experiments';
import { LabError } from '../../shared/errors';
import type { SplitName } from '../../shared/project/data';
import { confusionOf, lossOf, metricsOf } from '../../shared/training/evaluate';
import type { LabContext } from './context';
import type { Experiment, ExperimentRegistry } from './experiment-registry';
import { laneOutputs } from './lane-outputs';
import { hashOf, lossPlan, targetScales } from './plan';
import type { ProjectSession } from './session';

const mostPairs = 2000;

/** Loss, metrics and where the errors lie, of one lane on one split of the data it was trained with. */
export async function evaluateLane(
  context: LabContext,
  experiments: ExperimentRegistry,
  session: ProjectSession,
  experiment: Experiment,
  { lane, which, split }: { lane: string; which: 'last' | 'best'; split: SplitName },
): Promise<Evaluation> {
  const { frozen } = experiment;
  experiments.laneIndex(experiment, lane);
  const data = await context.datasets.use(session, frozen.data, (dataset) => dataset.tensors());
  if (hashOf(data) !== frozen.dataHash) throw new LabError('experiment.data-changed', { experiment: frozen.id });
  const { inputs, targets, count } = data.splits[split];
  if (count === 0) throw new LabError('experiment.empty-split', { split });
  const answer = await laneOutputs(context, experiments, experiment, { id: lane, which }, inputs, count);
  const { outputs, computedOn } = answer;
  const width = outputs.length / count;
  const answers = { outputs, targets, count, width };
  const { target } = frozen.preprocessing;
  return {
    split,
    count,
    computedOn,
    loss: lossOf(frozen.loss, answers, lossPlan(frozen.settings, frozen.loss, data)),
    metrics: metricsOf(frozen.metrics, answers, { loss: frozen.loss, targetScales: targetScales(data) }),
    confusion:
      target.kind === 'classes'
        ? { classes: target.classes, counts: confusionOf(answers, target.classes.length) }
        : null,
    pairs: target.kind === 'numbers' ? pairs(target.columns[0], answers) : null,
  };
}

/** Of the first target column, in its own unit, evenly chosen. */
function pairs(
  column: { offset: number; scale: number } | undefined,
  answers: { outputs: Float32Array; targets: Float32Array | BigInt64Array; count: number; width: number },
): NonNullable<Evaluation['pairs']> {
  const { offset, scale } = column ?? { offset: 0, scale: 1 };
  const { outputs, targets, count, width } = answers;
  const shown = Math.min(count, mostPairs);
  return Array.from({ length: shown }, (_, index) => {
    const at = Math.floor((index * count) / shown) * width;
    return {
      target: Number(targets[at]) * scale + offset,
      prediction: (outputs[at] ?? NaN) * scale + offset,
    };
  });
}
