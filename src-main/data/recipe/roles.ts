import { columnSchema, type ColumnRecipe } from '../../../shared/project/data';
import type { RowSource, SourceColumn } from '../source';
import { at } from '../at';

/** What people call the column to predict, most telling first. */
const targetNames = [
  ['target', 'class', 'label', 'цель', 'класс', 'метка'],
  ['species', 'digit', 'outcome', 'diagnosis', 'category', 'quality', 'вид', 'категория', 'диагноз', 'исход'],
  ['y', 'd', 'output', 'answer', 'ответ', 'выход'],
];
const idName = /^(id|uid|uuid|index|idx|row|no|nr|n|№|номер|код|unnamed.*|.*[_ ]id)$/i;
const mostInputCategories = 50;

/** A first guess of what to predict from what; a person corrects it on the Data page. */
export function guessRoles(source: RowSource): ColumnRecipe[] {
  const target = guessTarget(source);
  const inputs = source.columns.filter((column) => column !== target && isUsefulInput(column, source));
  // A table of one counting column and a target is a curve, not a list of row numbers.
  const fallback = source.columns.filter(
    (column) => column !== target && isNumeric(column) && column.summary.distinct > 1,
  );
  const chosen = new Set(inputs.length > 0 ? inputs : fallback);
  return source.columns.map((column) => {
    const role = column === target ? 'target' : chosen.has(column) ? 'input' : 'ignore';
    return columnSchema.parse({ name: column.summary.name, role });
  });
}

function isNumeric({ summary }: SourceColumn): boolean {
  return summary.type === 'number' || summary.type === 'integer';
}

function guessTarget(source: RowSource): SourceColumn | null {
  const filled = source.columns.filter(({ summary }) => summary.blanks < source.rows);
  for (const names of targetNames) {
    const found = filled.find(({ summary }) => names.includes(summary.name.toLowerCase()));
    if (found) return found;
  }
  const classes = filled.filter(({ summary }) => {
    const isLabel = summary.type === 'text' || summary.type === 'boolean';
    return isLabel && summary.distinct >= 2 && summary.distinct <= Math.min(50, source.rows / 2);
  });
  if (classes.length === 1) return at(classes, 0);
  const values = filled.filter((column) => !isIdentifier(column, source) && column.summary.type !== 'date');
  return values.findLast(({ summary }) => summary.type !== 'text' || summary.distinct <= 1000) ?? null;
}

function isUsefulInput(column: SourceColumn, source: RowSource): boolean {
  const { type, distinct, blanks } = column.summary;
  if (blanks >= source.rows || type === 'date' || isIdentifier(column, source)) return false;
  return type !== 'text' || (distinct >= 2 && distinct <= mostInputCategories && distinct < source.rows);
}

/** Different in every row, and called so or simply counting up. */
function isIdentifier({ summary }: SourceColumn, source: RowSource): boolean {
  const { type, name, distinct, minimum, maximum } = summary;
  if (type === 'number' || type === 'boolean' || distinct < source.rows) return false;
  if (idName.test(name.trim())) return true;
  const first = source.columns[0]?.summary === summary;
  return first && type === 'integer' && source.rows > 2 && (maximum ?? 0) - (minimum ?? 0) === source.rows - 1;
}
