import type { LossName } from './settings';

/** Model outputs and what they should have been: rows of `width` values, or one class index per row. */
export interface Answers {
  outputs: Float32Array;
  targets: Float32Array | BigInt64Array;
  count: number;
  width: number;
}

/** Targets as a loss wants them: cross-entropy takes class indices, the others a column of 0 or 1 for each class. */
export function targetsFor(
  kind: LossName,
  targets: Float32Array | BigInt64Array,
  width: number,
): Float32Array | BigInt64Array {
  if (targets instanceof Float32Array || kind === 'cross-entropy') return targets;
  const columns = new Float32Array(targets.length * width);
  targets.forEach((label, row) => (columns[row * width + Number(label)] = 1));
  return columns;
}

/** Mean loss over the rows, in double precision; the losses of src-main/engine/native.ts. */
export function lossOf(kind: LossName, { outputs, targets: given, count, width }: Answers): number {
  const targets = targetsFor(kind, given, width);
  let total = 0;
  for (let row = 0; row < count; row++) {
    if (kind === 'cross-entropy') {
      total += logSumExp(outputs, row, width) - at(outputs, row * width + Number(targets[row]));
      continue;
    }
    let sum = 0;
    for (let column = 0; column < width; column++) {
      const output = at(outputs, row * width + column);
      const target = Number(targets[row * width + column]);
      // log(1 + e^-|z|) + max(z, 0) - z·t never overflows.
      if (kind === 'bce-logits') sum += Math.max(output, 0) - output * target + Math.log1p(Math.exp(-Math.abs(output)));
      else sum += (output - target) ** 2;
    }
    total += kind === 'half-squared' ? sum / 2 : sum / width;
  }
  return total / count;
}

/** accuracy: share of right classes; mae, rmse, r2 over all values of the rows. */
export function metricsOf(names: readonly string[], answers: Answers): Record<string, number> {
  const values: Record<string, number> = {};
  for (const name of names) {
    if (name === 'accuracy') values[name] = accuracy(answers);
    else if (name === 'mae') values[name] = meanOf(answers, (output, target) => Math.abs(output - target));
    else if (name === 'rmse') values[name] = Math.sqrt(meanOf(answers, (output, target) => (output - target) ** 2));
    else if (name === 'r2') values[name] = rSquared(answers);
  }
  return values;
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
export function confusionOf({ outputs, targets, count, width }: Answers): number[][] {
  const counts = Array.from({ length: width }, () => new Array<number>(width).fill(0));
  predictedClasses(outputs, count, width).forEach((predicted, row) => {
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

/** How sure one row of outputs is of each class: softmax of logits; outputs trained towards 0 and 1 as they are, within 0 to 1. */
export function probabilities(kind: LossName, outputs: Float32Array, row: number, width: number): number[] {
  const values = outputs.subarray(row * width, (row + 1) * width);
  return kind === 'cross-entropy' ? softmax(values) : Array.from(values, (value) => Math.min(1, Math.max(0, value)));
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
  value: (output: number, target: number) => number,
): number {
  let total = 0;
  for (let index = 0; index < count * width; index++) total += value(at(outputs, index), Number(targets[index]));
  return total / (count * width);
}

/** 1 - residual / total sum of squares, per output column and averaged; 0 for a column that never changes. */
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
    total += spread === 0 ? 0 : 1 - residual / spread;
  }
  return total / width;
}

function logSumExp(outputs: Float32Array, row: number, width: number): number {
  let highest = -Infinity;
  for (let column = 0; column < width; column++) highest = Math.max(highest, at(outputs, row * width + column));
  let sum = 0;
  for (let column = 0; column < width; column++) sum += Math.exp(at(outputs, row * width + column) - highest);
  return highest + Math.log(sum);
}

function at(values: Float32Array, index: number): number {
  return values[index] ?? NaN;
}
