import { describe, expect, it } from 'vitest';
import type { ColumnSummary } from '../../../../../shared/api/data';
import { dataSchema, type DataRecipe } from '../../../../../shared/project/data';
import { changeColumns, common, listColumns } from '../../../../../src-renderer/workspaces/data/column-edits';
import { dataSummary } from '../../fake-lab';

const column = (name: string, type: ColumnSummary['type'] = 'number'): ColumnSummary => ({
  name,
  type,
  blanks: 0,
  distinct: 5,
  minimum: 0,
  maximum: 1,
  mean: 0.5,
  median: 0.5,
  deviation: 0.1,
  histogram: null,
  frequent: null,
});

function table(): DataRecipe {
  return dataSchema.parse({
    kind: 'table',
    path: 'a.csv',
    columns: [
      { name: 'species', role: 'target', encoding: 'class' },
      { name: 'colour', role: 'input', encoding: 'one-hot' },
      { name: 'length', role: 'input' },
    ],
  });
}
const roles = (data: DataRecipe) =>
  data.kind === 'table'
    ? Object.fromEntries(data.columns.map(({ name, role, encoding }) => [name, `${role} ${encoding}`]))
    : {};

describe('listColumns', () => {
  it('follows the order of the file and tells what each column comes to', () => {
    const summary = dataSummary({
      columns: [column('length'), column('colour', 'text'), column('id', 'integer'), column('species', 'text')],
      inputNames: ['length', 'colour = red', 'colour = a = b'],
      target: {
        kind: 'classes',
        classes: ['x', 'y'],
        balance: { training: [1, 1], validation: [0, 0], test: [0, 0] },
        suggestedLoss: 'cross-entropy',
      },
    });
    expect(listColumns(table(), summary).map(({ name, role, becomes }) => [name, role, becomes])).toEqual([
      ['length', 'input', 'number'],
      ['colour', 'input', 'one-hot'],
      ['id', 'ignore', null],
      ['species', 'target', 'classes'],
    ]);
  });

  it('finds the roles of a generated set from what it gives', () => {
    const recipe = dataSchema.parse({ kind: 'generated', generator: 'noisy-sine' });
    const summary = dataSummary({ kind: 'generated', columns: [column('x'), column('y')] });
    expect(listColumns(recipe, summary).map(({ role, recipe: own, becomes }) => [role, own, becomes])).toEqual([
      ['input', null, 'number'],
      ['target', null, 'number'],
    ]);
  });
});

describe('changeColumns', () => {
  it('makes the former target an input when another is chosen, and drops encodings that no longer fit', () => {
    const data = table();
    changeColumns(data, ['colour'], { role: 'target' });
    expect(roles(data)).toEqual({ species: 'input auto', colour: 'target auto', length: 'input auto' });
  });

  it('makes several targets when several columns are chosen together', () => {
    const data = table();
    changeColumns(data, ['colour', 'length'], { role: 'target' });
    expect(roles(data)).toEqual({ species: 'input auto', colour: 'target auto', length: 'target auto' });
  });

  it('leaves the target alone when others become inputs or are ignored', () => {
    const data = table();
    changeColumns(data, ['length', 'colour'], { role: 'ignore' });
    expect(roles(data)).toEqual({ species: 'target class', colour: 'ignore one-hot', length: 'ignore auto' });
  });

  it('adds a column the recipe does not know yet', () => {
    const data = table();
    changeColumns(data, ['new'], { role: 'input', scale: 'min-max' });
    expect(data.kind === 'table' && data.columns.at(-1)).toEqual({
      name: 'new',
      role: 'input',
      encoding: 'auto',
      scale: 'min-max',
      blanks: 'mean',
    });
  });

  it('keeps to a valid recipe', () => {
    const data = table();
    changeColumns(data, ['new', 'species'], { role: 'target', blanks: 'drop' });
    expect(dataSchema.safeParse(data).success).toBe(true);
  });
});

it('common is what all share', () => {
  expect(common([1, 1])).toBe(1);
  expect(common([1, 2])).toBeNull();
  expect(common([])).toBeNull();
});
