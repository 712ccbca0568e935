import { parseCells } from '../../../shared/python/cells';

/** The programs of docs/examples, in the order a course would take them; each a notebook with `# %%` above its cells. */
const files = import.meta.glob<string>('../../../docs/examples/*.py', {
  query: '?raw',
  import: 'default',
  eager: true,
});

export const exampleNames = [
  'tensors',
  'automatic-differentiation',
  'computational-graph',
  'regression-by-hand',
  'regression-with-optimizer',
  'devices',
  'two-moons',
  'project-data',
  'backpropagation-by-hand',
] as const;
export type ExampleName = (typeof exampleNames)[number];

/** Its cells. */
export function exampleCells(name: ExampleName): string[] {
  const text = files[`../../../docs/examples/${name}.py`];
  if (text === undefined) throw new Error(`docs/examples/${name}.py is missing`);
  return parseCells(text);
}
