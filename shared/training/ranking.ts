import type { Answers } from './answers';

/** Share of rows whose class is among the `most` largest outputs; of equal outputs the first comes first. Class indices only. */
export function topShare({ outputs, targets, count, width }: Answers, most: number): number {
  let right = 0;
  for (let row = 0; row < count; row++) {
    const values = outputs.subarray(row * width, (row + 1) * width);
    const label = Number(targets[row]);
    const own = values[label] ?? NaN;
    let rank = Number.isNaN(own) ? width : 0;
    values.forEach((value, column) => (rank += value > own || (value === own && column < label) ? 1 : 0));
    if (rank < most) right++;
  }
  return right / count;
}

/**
 * Area under the ROC curve, exact by ranks with ties counting half: the mean over the classes (or outputs) that have both positives and
 * negatives, each against the rest; NaN when none has. `logits`: classes are ranked by their softmax.
 */
export function areaUnderCurve({ outputs, targets, count, width }: Answers, logits: boolean): number {
  const scores = Float64Array.from(outputs);
  if (scores.some(Number.isNaN)) return NaN;
  for (let row = 0; logits && row < count; row++) toShares(scores.subarray(row * width, (row + 1) * width));
  const areas: number[] = [];
  for (let column = 0; column < width; column++) {
    const ranked = Array.from({ length: count }, (_, row) => ({
      score: scores[row * width + column] ?? NaN,
      positive:
        targets instanceof BigInt64Array
          ? Number(targets[row]) === column
          : Number(targets[row * width + column]) > 0.5,
    }));
    const area = areaOf(ranked);
    if (!Number.isNaN(area)) areas.push(area);
  }
  return areas.length === 0 ? NaN : areas.reduce((sum, area) => sum + area, 0) / areas.length;
}

function toShares(values: Float64Array): void {
  const largest = values.reduce((most, value) => Math.max(most, value), -Infinity);
  let sum = 0;
  values.forEach((value, index) => (sum += values[index] = Math.exp(value - largest)));
  values.forEach((value, index) => (values[index] = value / sum));
}

/** Share of pairs (positive, negative) in which the positive has the larger score. */
function areaOf(ranked: { score: number; positive: boolean }[]): number {
  ranked.sort((a, b) => a.score - b.score);
  let [positives, negatives, wins] = [0, 0, 0];
  for (let begin = 0; begin < ranked.length;) {
    let end = begin;
    let positivesHere = 0;
    while (end < ranked.length && ranked[end]?.score === ranked[begin]?.score)
      positivesHere += ranked[end++]?.positive ? 1 : 0;
    const negativesHere = end - begin - positivesHere;
    wins += positivesHere * (negatives + negativesHere / 2);
    positives += positivesHere;
    negatives += negativesHere;
    begin = end;
  }
  return positives > 0 && negatives > 0 ? wins / (positives * negatives) : NaN;
}
