import type { SplitName, SplitRecipe } from '../../../shared/project/data';
import { Generator } from '../../../shared/random/generator';
import { at } from '../at';

export type RatioSplit = Extract<SplitRecipe, { kind: 'ratio' }>;
export type SplitRows = Record<SplitName, Int32Array>;

export const splitNames = ['training', 'validation', 'test'] as const;
const rounding = 1e-9;

/** More than everything was asked for; null where the shares are fine. Shares that add up to less than 1 are scaled up to it. */
export function tooLargeSum({ training, validation, test }: RatioSplit): number | null {
  const sum = training + validation + test;
  return sum > 1 + rounding ? Number(sum.toFixed(6)) : null;
}

/**
 * Rows of each split, in shuffled order: a permutation of the kept rows drawn from the seed, so that the same rows and the same
 * seed give the same split everywhere. With classes (by row), every class is divided in the same proportion.
 */
export function splitByRatio(kept: Int32Array, recipe: RatioSplit, classes: Int32Array | null): SplitRows {
  const order = new Generator(recipe.seed).randperm(kept.length);
  const counts = shareOut(kept.length, recipe);
  const assigned = classes && recipe.stratify ? stratified(kept, order, counts, classes) : consecutive(order, counts);
  const rows: SplitRows = {
    training: new Int32Array(counts[0]),
    validation: new Int32Array(counts[1]),
    test: new Int32Array(counts[2]),
  };
  const filled = [0, 0, 0];
  for (let index = 0; index < order.length; index += 1) {
    const split = at(assigned, index);
    rows[at(splitNames, split)][at(filled, split)] = at(kept, at(order, index));
    filled[split] = at(filled, split) + 1;
  }
  return rows;
}

/** Whole numbers that add up to `total`; a split that was asked for gets a row before training gets its second. */
function shareOut(total: number, recipe: RatioSplit): [number, number, number] {
  const sum = recipe.training + recipe.validation + recipe.test;
  const share = (ratio: number): number => {
    const count = Math.round((total * ratio) / sum);
    return ratio > 0 && total > 2 ? Math.max(1, count) : count;
  };
  const test = Math.min(share(recipe.test), Math.max(0, total - 1));
  const validation = Math.min(share(recipe.validation), Math.max(0, total - 1 - test));
  return [total - validation - test, validation, test];
}

function consecutive(order: ArrayLike<number>, [training, validation]: [number, number, number]): Uint8Array {
  return Uint8Array.from(order, (_, index) => (index < training ? 0 : index < training + validation ? 1 : 2));
}

/**
 * Walks through the rows class by class (shuffled within each) and gives every row to the split that is furthest behind its share
 * so far. Every class ends within one row of its share, and the totals are exact.
 */
function stratified(
  kept: Int32Array,
  order: ArrayLike<number>,
  counts: [number, number, number],
  classes: Int32Array,
): Uint8Array {
  const byClass = new Map<number, number[]>();
  for (let index = 0; index < order.length; index += 1) {
    const label = at(classes, at(kept, at(order, index)));
    const places = byClass.get(label);
    if (places) places.push(index);
    else byClass.set(label, [index]);
  }
  const assigned = new Uint8Array(order.length);
  const given = [0, 0, 0];
  let seen = 0;
  for (const [, places] of [...byClass].sort(([a], [b]) => a - b)) {
    for (const index of places) {
      seen += 1;
      let split = 0;
      let furthest = Number.NEGATIVE_INFINITY;
      for (let candidate = 0; candidate < 3; candidate += 1) {
        if (at(given, candidate) >= at(counts, candidate)) continue;
        const behind = (at(counts, candidate) * seen) / order.length - at(given, candidate);
        if (behind > furthest) {
          furthest = behind;
          split = candidate;
        }
      }
      given[split] = at(given, split) + 1;
      assigned[index] = split;
    }
  }
  return assigned;
}
