import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ImportReport, OpenProject } from '../../../shared/api/contract';
import { importNotes } from '../../../shared/errors/import-notes';
import type { Initializer } from '../../../shared/network/graph';
import { parseModel } from '../../../src-main/onnx/decode';
import { testLab, untilState, type TestLab } from '../support/lab';

/** Weights that several layers of a file share stay shared: imported, trained, exported and imported again. */
let lab: TestLab;
beforeAll(async () => {
  lab = await testLab();
});
afterAll(() => lab.close());

const fixture = (name: string): string => join(import.meta.dirname, `../../golden/onnx/networks/${name}-older.onnx`);

async function importFile(path: string): Promise<{ project: OpenProject; report: ImportReport }> {
  return lab.lab.call('models.import', { path });
}

/** Each layer's ties, as "layer.weight = other.weight". */
const tiesOf = ({ document }: OpenProject): string[] =>
  document.network.layers.flatMap(({ id, tied = {} }) =>
    Object.entries(tied).map(([weight, other]) => `${id}.${weight} = ${other}`),
  );

test.each([
  ['tied-steps', ['table.weight'], ['answer-add.weight = table-gather.weight^T']],
  ['tied-row', ['table.weight'], ['answer-gemm.weight = table-gather.weight']],
  [
    'tied-linear',
    ['layer.weight', 'layer.bias'],
    ['layer-1', 'layer-2'].flatMap((id) =>
      ['weight', 'bias'].map((weight) => `${id}-gemm.${weight} = layer-gemm.${weight}`),
    ),
  ],
])('%s: the file’s shared weights are ties', async (name, tied, ties) => {
  const { project, report } = await importFile(fixture(name));
  expect(report).toMatchObject({ tied, untied: [], operators: 0 });
  expect(tiesOf(project)).toEqual(ties);
  expect(importNotes(report, 'en').join()).toContain(tied.join(', '));
});

test('an encoder layer used three times keeps one set of weights, spelt-out attention included', async () => {
  const { project, report } = await importFile(fixture('tied-encoder'));
  expect(report).toMatchObject({ untied: [], operators: 0 });
  const { layers } = project.document.network;
  const kinds = new Map(layers.map(({ id, kind }) => [id, kind]));
  const own = layers.filter(({ kind, tied }) => kind === 'attention' && !tied);
  expect(own).toHaveLength(1);
  // Attention has four weights, two layer norms two each, two linear layers two each.
  expect(tiesOf(project)).toHaveLength(2 * (4 + 2 * 2 + 2 * 2));
  for (const tie of tiesOf(project)) {
    const [from = '', to = ''] = tie.split(' = ');
    expect(kinds.get(to.split('.')[0] ?? '')).toBe(kinds.get(from.split('.')[0] ?? ''));
  }
});

/** Gives an imported project a table of `columns` inputs and classes, drawn from a formula. */
async function withTable(
  project: OpenProject,
  columns: number,
  classes: number,
  value: (at: number) => number,
): Promise<void> {
  const names = Array.from({ length: columns }, (_, at) => `x${at}`);
  const rows = Array.from({ length: 60 }, (_, row) =>
    [...names.map((_name, at) => value(row * columns + at)), `c${row % classes}`].join(','),
  );
  const path = join(lab.home, `${project.document.name}.csv`);
  writeFileSync(path, `${[...names, 'class'].join(',')}\n${rows.join('\n')}\n`);
  const columnsOf = [
    ...names.map((name) => ({ name, role: 'input', encoding: 'number', scale: 'none', blanks: 'mean' }) as const),
    { name: 'class', role: 'target', encoding: 'class', scale: 'none', blanks: 'mean' } as const,
  ];
  const { document, revision } = await lab.lab.call('data.import', { project: project.id, paths: [path], copy: true });
  if (document.data.kind !== 'table') throw new Error('no table');
  const changed = structuredClone({ ...document, data: { ...document.data, columns: columnsOf } });
  changed.training.lanes = [{ learningRate: 0.05 }, { learningRate: 0.01 }];
  changed.training.optimizer = { name: 'adam' };
  changed.training.epochs = 6;
  await lab.lab.call('projects.update', { project: project.id, revision, document: changed });
}

const float = ({ data }: Initializer): boolean => data instanceof Float32Array;

test.each([
  ['tied-row', 5, 7, (at: number) => (at * 5) % 7],
  ['tied-linear', 8, 3, (at: number) => Number(Math.sin(at * 12.9898).toFixed(3))],
])('%s trains, resumes, is exported and comes back', async (name, columns, classes, value) => {
  const { project } = await importFile(fixture(name));
  await withTable(project, columns, classes, value);
  const call = { project: project.id };
  const whole = await lab.lab.call('experiments.start', call);
  await untilState(lab, { ...call, experiment: whole.id }, 'finished');

  // Stopped half-way and gone on with, it is the same run to the byte.
  const half = await lab.lab.call('experiments.start', { ...call, paused: true });
  const stopped = { ...call, experiment: half.id };
  await lab.lab.call('experiments.step', { ...stopped, unit: 'epoch', count: 3 });
  await lab.lab.call('experiments.stop', stopped);
  expect((await lab.lab.call('experiments.get', stopped)).epoch).toBe(3);
  await lab.lab.call('experiments.resume', stopped);
  await untilState(lab, stopped, 'finished');
  const last = (experiment: string) =>
    readFileSync(join(project.path, 'experiments', experiment, 'lane-1', 'last.onnx'));
  expect(last(half.id).equals(last(whole.id))).toBe(true);

  const before = parseModel(readFileSync(fixture(name)), name).graph;
  const exported = await lab.lab.call('models.export', { ...call, experiment: whole.id, lane: 'lane-1' });
  expect(exported.verification.largestDifference).toBeLessThan(1e-5);
  const after = parseModel(readFileSync(exported.path), exported.path).graph;
  expect(after.initializers.filter(float)).toHaveLength(before.initializers.filter(float).length);

  const again = await importFile(exported.path);
  expect(again.report.tied).toHaveLength(name === 'tied-row' ? 1 : 2);
  expect(tiesOf(again.project)).toHaveLength(tiesOf(project).length);
});
