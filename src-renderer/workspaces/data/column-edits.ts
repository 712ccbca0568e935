import type { ColumnSummary, DataSummary } from '../../../shared/api/data';
import { columnSchema, type ColumnRecipe, type DataRecipe } from '../../../shared/project/data';

export type Role = ColumnRecipe['role'];

/** One column of the table as the page shows it. */
export interface Column {
  name: string;
  summary: ColumnSummary;
  role: Role;
  /** Null where the kind of data sets no roles (generated sets, images). */
  recipe: ColumnRecipe | null;
  /** What it comes to for the network; null for an ignored one. */
  becomes: 'number' | 'one-hot' | 'classes' | null;
}

/** The columns in the file's order, each with its role. One that the recipe does not know is ignored. */
export function listColumns(data: DataRecipe, summary: DataSummary): Column[] {
  const recipes = new Map(data.kind === 'table' ? data.columns.map((column) => [column.name, column]) : []);
  const numbers = new Set(summary.inputNames);
  const oneHot = new Set(summary.inputNames.filter((name) => name.includes(' = ')).map(beforeValue));
  return summary.columns.map((column) => {
    const recipe = data.kind === 'table' ? (recipes.get(column.name) ?? newRecipe(column.name)) : null;
    const role = recipe?.role ?? (numbers.has(column.name) || column.type === 'image' ? 'input' : 'target');
    return { name: column.name, summary: column, role, recipe, becomes: becomes(column.name, role) };
  });

  function becomes(name: string, role: Role): Column['becomes'] {
    if (role === 'target') return summary.target?.kind === 'classes' ? 'classes' : summary.target ? 'number' : null;
    if (role === 'ignore') return null;
    if (numbers.has(name)) return 'number';
    return oneHot.has(name) ? 'one-hot' : null;
  }
}

/** 'colour = red' is an input made of 'colour'; the value may hold the same sign. */
function beforeValue(inputName: string): string {
  return inputName.slice(0, inputName.indexOf(' = '));
}

function newRecipe(name: string): ColumnRecipe {
  return columnSchema.parse({ name, role: 'ignore' });
}

/** Applies `change` to the named columns, adding those that the recipe does not have yet. */
export function changeColumns(
  data: DataRecipe,
  names: readonly string[],
  change: Partial<Omit<ColumnRecipe, 'name'>>,
): void {
  if (data.kind !== 'table') return;
  const chosen = new Set(names);
  for (const name of names) {
    if (!data.columns.some((column) => column.name === name)) data.columns.push(newRecipe(name));
  }
  for (const column of data.columns) {
    if (chosen.has(column.name)) Object.assign(column, change, fittingEncoding({ ...column, ...change }));
    // What was to be predicted becomes an ordinary input when something else is.
    else if (change.role === 'target' && column.role === 'target') {
      Object.assign(column, { role: 'input' }, fittingEncoding({ ...column, role: 'input' }));
    }
  }
}

/** Classes are for targets, one-hot for inputs; the other role finds its own. */
function fittingEncoding(column: ColumnRecipe): Pick<ColumnRecipe, 'encoding'> {
  const wrong = { input: 'class', target: 'one-hot', ignore: null }[column.role];
  return { encoding: column.encoding === wrong ? 'auto' : column.encoding };
}

export const encodings: Record<Role, readonly ColumnRecipe['encoding'][]> = {
  input: ['auto', 'number', 'one-hot', 'date'],
  target: ['auto', 'class', 'number'],
  ignore: [],
};

/** The value all share, or null where they differ. */
export function common<Value>(values: readonly Value[]): Value | null {
  const first = values[0];
  return first !== undefined && values.every((value) => value === first) ? first : null;
}
