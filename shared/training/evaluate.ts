import type { Answers } from './answers';
import { averageOf, classCounts } from './class-metrics';
import { losses, type LossName } from './losses';
import { areaUnderCurve, topShare } from './ranking';

/** Options of a loss with class weights as numbers; what is left out has the default of the engine. */
export interface LossValues {
  delta?: number | undefined;
  labelSmoothing?: number | undefined;
  classWeights?: readonly number[] | undefined;
  margin?: number | undefined;
}

/** Targets as a loss wants them: class indices, or a column of 0 or 1 for each class (of two, for a single output, for the second). */
export function targetsFor(
  kind: LossName,
  targets: Float32Array | BigInt64Array,
  width: number,
): Float32Array | BigInt64Array {
  if (targets instanceof Float32Array || losses[kind].targets === 'classes') return targets;
  if (kind === 'bce-logits' && width === 1) return Float32Array.from(targets, Number);
  const columns = new Float32Array(targets.length * width);
  targets.forEach((label, row) => (columns[row * width + Number(label)] = 1));
  return columns;
}

/** Mean loss over the rows (weighted by class where there are weights), in double precision; the losses of src-native/losses. */
export function lossOf(
  kind: LossName,
  { outputs, targets: given, count, width }: Answers,
  options: LossValues = {},
): number {
  const targets = targetsFor(kind, given, width);
  const { classWeights } = options;
  let total = 0;
  let weight = 0;
  for (let row = 0; row < count; row++) {
    const values = outputs.subarray(row * width, (row + 1) * width);
    if (targets instanceof BigInt64Array) {
      const label = Number(targets[row]);
      total += kind === 'hinge' ? hinge(values, label, options.margin ?? 1) : crossEntropy(values, label, options);
      weight += kind === 'cross-entropy' ? (classWeights?.[label] ?? 1) : 1;
    } else {
      total += valueLoss(kind, values, targets.subarray(row * width, (row + 1) * width), options.delta ?? 1);
      weight += 1;
    }
  }
  return total / weight;
}

function crossEntropy(logits: Float32Array, label: number, { labelSmoothing = 0, classWeights }: LossValues): number {
  const normaliser = logSumExp(logits);
  const weigh = (index: number): number => (classWeights?.[index] ?? 1) * (normaliser - at(logits, index));
  const own = weigh(label);
  if (labelSmoothing === 0) return own;
  let all = 0;
  for (let index = 0; index < logits.length; index++) all += weigh(index);
  return (1 - labelSmoothing) * own + (labelSmoothing / logits.length) * all;
}

function hinge(scores: Float32Array, label: number, margin: number): number {
  let sum = 0;
  for (let index = 0; index < scores.length; index++)
    if (index !== label) sum += Math.max(0, margin - at(scores, label) + at(scores, index));
  return sum / scores.length;
}

function valueLoss(kind: LossName, outputs: Float32Array, targets: Float32Array, delta: number): number {
  let sum = 0;
  const normaliser = kind === 'kl-divergence' ? logSumExp(outputs) : 0;
  for (let column = 0; column < outputs.length; column++) {
    const output = at(outputs, column);
    const target = at(targets, column);
    const size = Math.abs(output - target);
    if (kind === 'bce-logits') {
      // log(1 + e^-|z|) + max(z, 0) - z·t never overflows.
      sum += Math.max(output, 0) - output * target + Math.log1p(Math.exp(-Math.abs(output)));
    } else if (kind === 'kl-divergence') {
      sum += (target > 0 ? target * Math.log(target) : 0) - target * (output - normaliser);
    } else if (kind === 'absolute') sum += size;
    else if (kind === 'huber') sum += size <= delta ? size ** 2 / 2 : delta * (size - delta / 2);
    else sum += size ** 2;
  }
  if (kind === 'half-squared') return sum / 2;
  return kind === 'kl-divergence' ? sum : sum / outputs.length;
}

/**
 * The metrics of src-main/engine/native.ts. `loss` tells logits from values; without it outputs are compared as they are. A metric that
 * has no value (auc of a single class) is left out. `targetScales`: unit of each column, in which mae and rmse are given.
 */
export function metricsOf(
  names: readonly string[],
  given: Answers,
  { loss = null, targetScales = [] }: { loss?: LossName | null; targetScales?: readonly number[] } = {},
): Record<string, number> {
  const values: Record<string, number> = {};
  const { targets, width } = given;
  const answers = loss === 'bce-logits' ? { ...given, targets: targetsFor(loss, targets, width) } : given;
  for (const name of names) {
    const value = metricOf(name, answers, loss, targetScales);
    if (value !== null) values[name] = value;
  }
  return values;
}

function metricOf(name: string, answers: Answers, loss: LossName | null, scales: readonly number[]): number | null {
  if (name === 'accuracy') return accuracy(answers);
  if (name === 'mae' || name === 'rmse' || name === 'r2') return errorMetric(name, asValues(answers, loss), scales);
  if (name === 'top-3' || name === 'top-5') return topShare(answers, Number(name.slice(4)));
  if (name === 'precision' || name === 'recall' || name === 'f1') return averageOf(classCounts(answers), name);
  if (name !== 'auc') return null;
  const area = areaUnderCurve(answers, loss !== null && losses[loss].contains === 'Softmax');
  return Number.isNaN(area) ? null : area;
}

/**
 * A score for each class. The single output that stands for two classes (`outputsForClasses`) is the logit z of the second one, and
 * the scores are 0 and z: their softmax is 1 - sigmoid(z) and sigmoid(z).
 */
export function classScores(outputs: Float32Array, count: number, classes: number): Float32Array {
  if (classes !== 2 || outputs.length !== count) return outputs;
  const scores = new Float32Array(2 * count);
  for (let row = 0; row < count; row++) scores[2 * row + 1] = at(outputs, row);
  return scores;
}

/** Arg max of each row. */
export function predictedClasses(outputs: Float32Array, count: number, width: number): Int32Array {
  const classes = new Int32Array(count);
  for (let row = 0; row < count; row++) {
    let best = 0;
    for (let column = 1; column < width; column++)
      if (at(outputs, row * width + column) > at(outputs, row * width + best)) best = column;
    classes[row] = best;
  }
  return classes;
}

/** rows: truth, columns: prediction. */
export function confusionOf({ outputs, targets, count }: Answers, classes: number): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  predictedClasses(classScores(outputs, count, classes), count, classes).forEach((predicted, row) => {
    const line = counts[Number(targets[row])];
    if (line) line[predicted] = (line[predicted] ?? 0) + 1;
  });
  return counts;
}

/** Of one row of logits; no overflow however large they are. */
export function softmax(logits: Iterable<number>): number[] {
  const values = [...logits];
  const largest = Math.max(...values);
  const powers = values.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/**
 * How sure one row of class scores is of each class: softmax of logits; outputs trained towards 0 and 1 as they are, within 0 to 1. Scores
 * of a hinge say nothing of that: 1 for the class they choose.
 */
export function probabilities(kind: LossName, outputs: Float32Array, row: number, width: number): number[] {
  const values = outputs.subarray(row * width, (row + 1) * width);
  if (kind === 'hinge') {
    const chosen = predictedClasses(values, 1, width)[0];
    return Array.from(values, (_, index) => (index === chosen ? 1 : 0));
  }
  return losses[kind].contains === null
    ? Array.from(values, (value) => Math.min(1, Math.max(0, value)))
    : softmax(values);
}

/** The class that each row of outputs chooses, of so many, and how sure it is (`probabilities`). */
export function classAnswers(
  loss: LossName,
  outputs: Float32Array,
  count: number,
  classes: number,
): { predicted: number; confidence: number }[] {
  const scores = classScores(outputs, count, classes);
  return Array.from(predictedClasses(scores, count, classes), (predicted, row) => ({
    predicted,
    confidence: probabilities(loss, scores, row, classes)[predicted] ?? NaN,
  }));
}

/** What errors are measured of: a column for each class, and probabilities rather than the logits of bce-logits (whose targets are numbers here). */
function asValues({ outputs, targets, count, width }: Answers, loss: LossName | null): Answers {
  const values = loss === 'bce-logits' ? outputs.map((logit) => 1 / (1 + Math.exp(-logit))) : outputs;
  return { outputs: values, targets: targetsFor('mse', targets, width), count, width };
}

function errorMetric(name: 'mae' | 'rmse' | 'r2', answers: Answers, scales: readonly number[]): number {
  const inUnits = (error: number, column: number): number => error * (scales[column] ?? 1);
  if (name === 'r2') return rSquared(answers);
  if (name === 'mae') return meanOf(answers, (output, target, column) => Math.abs(inUnits(output - target, column)));
  return Math.sqrt(meanOf(answers, (output, target, column) => inUnits(output - target, column) ** 2));
}

function accuracy(answers: Answers): number {
  const { outputs, targets, count, width } = answers;
  if (targets instanceof BigInt64Array) {
    const classes = predictedClasses(outputs, count, width);
    let right = 0;
    classes.forEach((predicted, row) => (right += predicted === Number(targets[row]) ? 1 : 0));
    return right / count;
  }
  return meanOf(answers, (output, target) => (output > 0 === target > 0.5 ? 1 : 0));
}

function meanOf(
  { outputs, targets, count, width }: Answers,
  value: (output: number, target: number, column: number) => number,
): number {
  let total = 0;
  for (let index = 0; index < count * width; index++)
    total += value(at(outputs, index), Number(targets[index]), index % width);
  return total / (count * width);
}

/** 1 - residual / total sum of squares, per output column and averaged; of a column that never changes 1 when met exactly, else 0. */
function rSquared({ outputs, targets, count, width }: Answers): number {
  let total = 0;
  for (let column = 0; column < width; column++) {
    let sum = 0;
    for (let row = 0; row < count; row++) sum += Number(targets[row * width + column]);
    const mean = sum / count;
    let residual = 0;
    let spread = 0;
    for (let row = 0; row < count; row++) {
      const target = Number(targets[row * width + column]);
      residual += (at(outputs, row * width + column) - target) ** 2;
      spread += (target - mean) ** 2;
    }
    if (spread > 0) total += 1 - residual / spread;
    else if (residual === 0) total += 1;
  }
  return total / width;
}

function logSumExp(values: Float32Array): number {
  let highest = -Infinity;
  for (const value of values) highest = Math.max(highest, value);
  let sum = 0;
  for (const value of values) sum += Math.exp(value - highest);
  return highest + Math.log(sum);
}

function at(values: Float32Array, index: number): number {
  return values[index] ?? NaN;
}
