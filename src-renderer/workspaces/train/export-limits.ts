import type { DataSummary } from '../../../shared/api/data';
import { losses, type LossName } from '../../../shared/training/losses';
import type { DataRecipe } from '../../../shared/project/data';

/**
 * Input columns that can't be baked into a model: text turned into one-hot inputs has no numeric raw value. Empty: baking works.
 * `auto` makes one-hot inputs of text and yes/no columns.
 */
export function oneHotInputs(recipe: DataRecipe, summary: DataSummary | null): string[] {
  if (recipe.kind !== 'table') return [];
  const types = new Map(summary?.columns.map((column) => [column.name, column.type]) ?? []);
  return recipe.columns
    .filter((column) => column.role === 'input')
    .filter((column) => {
      const type = types.get(column.name);
      return column.encoding === 'one-hot' || (column.encoding === 'auto' && (type === 'text' || type === 'boolean'));
    })
    .map((column) => column.name);
}

/** Only losses on logits have probabilities behind them. */
export function hasProbabilities(loss: LossName): boolean {
  return losses[loss].contains !== null;
}
