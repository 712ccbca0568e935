import type { LayerIssue } from '../../../shared/layers/definition';
import type { ColumnRecipe } from '../../../shared/project/data';
import type { Note, RowSource, SourceColumn } from '../source';
import { at } from '../at';

/** A column that is used, with "auto" decided. */
export interface UsedColumn {
  /** Its place in the source. */
  index: number;
  name: string;
  role: 'input' | 'target';
  kind: 'number' | 'date' | 'labels';
  scale: ColumnRecipe['scale'];
  blanks: ColumnRecipe['blanks'];
  dateFormat: string | null;
}

export interface ResolvedColumns {
  inputs: UsedColumn[];
  targets: UsedColumn[];
  issues: LayerIssue[];
  notes: Note[];
}

/** A whole-number target with at most this many different values is read as classes. */
const fewValues = 20;
export const mostCategories = 256;
export const mostClasses = 1000;

/** Matches the recipe with the columns that are there, by name; columns in the order of the file. */
export function resolveColumns(source: RowSource, recipe: ColumnRecipe[]): ResolvedColumns {
  const wanted = new Map(recipe.map((column) => [column.name, column]));
  const there = new Set(source.columns.map(({ summary }) => summary.name));
  const issues: LayerIssue[] = [];
  const notes: Note[] = [];
  for (const { name, role } of recipe) {
    if (role === 'ignore' || there.has(name)) continue;
    issues.push({ code: 'data.unknown-column', details: { column: name, file: source.report.file } });
  }
  const used: UsedColumn[] = [];
  for (const [index, column] of source.columns.entries()) {
    const wish = wanted.get(column.summary.name);
    if (!wish) notes.push({ code: 'data.note.new-column', details: { column: column.summary.name } });
    else if (wish.role !== 'ignore') used.push(decide(column, wish, wish.role, index, source.rows));
  }
  const inputs = used.filter(({ role }) => role === 'input');
  const targets = used.filter(({ role }) => role === 'target');
  if (targets.length === 0) issues.push({ code: 'data.no-target', details: {} });
  if (inputs.length === 0) issues.push({ code: 'data.no-input', details: {} });
  for (const column of used) {
    const issue = columnIssue(column, source);
    if (issue) issues.push(issue);
    const { minimum, maximum } = at(source.columns, column.index).summary;
    if (column.role === 'input' && minimum !== null && minimum === maximum) {
      notes.push({ code: 'data.note.constant-column', details: { column: column.name } });
    }
  }
  const labels = targets.find(({ kind }) => kind === 'labels');
  if (labels && targets.length > 1) issues.push({ code: 'data.mixed-targets', details: { column: labels.name } });
  return { inputs, targets, issues, notes };
}

function decide(
  { summary, dateFormat }: SourceColumn,
  wish: ColumnRecipe,
  role: 'input' | 'target',
  index: number,
  rows: number,
): UsedColumn {
  return {
    index,
    name: summary.name,
    role,
    kind: kindOf(summary, wish.encoding, role, rows),
    scale: wish.scale,
    blanks: wish.blanks,
    dateFormat,
  };
}

function kindOf(
  { type, distinct, blanks }: SourceColumn['summary'],
  encoding: ColumnRecipe['encoding'],
  role: 'input' | 'target',
  rows: number,
): UsedColumn['kind'] {
  if (encoding === 'class' || encoding === 'one-hot') return 'labels';
  if (encoding === 'date' || type === 'date') return 'date';
  if (encoding === 'number') return 'number';
  if (type === 'text' || type === 'boolean') return 'labels';
  const repeats = distinct === 2 || distinct * 2 <= rows - blanks;
  return role === 'target' && type === 'integer' && distinct <= fewValues && repeats ? 'labels' : 'number';
}

function columnIssue(column: UsedColumn, source: RowSource): LayerIssue | null {
  const { summary, unreadable, dateFormat } = at(source.columns, column.index);
  const filled = source.rows - summary.blanks;
  const details = { column: column.name };
  if (filled === 0) return { code: 'data.empty-column', details };
  const example = summary.frequent?.[0]?.value ?? String(summary.minimum ?? '');
  if (column.kind === 'date' && dateFormat === null)
    return { code: 'data.not-dates', details: { ...details, example } };
  if (column.kind === 'number' && unreadable >= filled)
    return { code: 'data.not-numbers', details: { ...details, example } };
  if (column.kind === 'labels' && column.role === 'input' && summary.distinct > mostCategories) {
    const count = summary.distinct;
    return { code: 'data.too-many-categories', details: { ...details, count, limit: mostCategories } };
  }
  if (column.kind === 'labels' && column.role === 'target' && summary.distinct > mostClasses) {
    return { code: 'data.too-many-classes', details: { ...details, count: summary.distinct, limit: mostClasses } };
  }
  if (column.kind === 'labels' && column.role === 'target' && summary.distinct < 2) {
    return { code: 'data.one-class', details: { ...details, class: example } };
  }
  return null;
}
