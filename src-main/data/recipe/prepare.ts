import { totalmem } from 'node:os';
import { LabError } from '../../../shared/errors';
import type { InputColumn, Preprocessing } from '../../../shared/project/preprocessing';
import type { PreparedData, PreparedSplit } from '../dataset';
import type { RowSource } from '../source';
import type { ResolvedColumns, UsedColumn } from './columns';
import type { RowPlan } from './rows';
import { splitNames, type SplitRows } from './split';
import { fitNumbers, type NumberFit } from './statistics';
import { at } from '../at';

/** Categories of each text input, from the training rows alone; what only validation has is all zeros, as it will be in use. */
export async function findCategories(
  source: RowSource,
  inputs: UsedColumn[],
  training: Int32Array,
): Promise<Map<string, string[]>> {
  const categories = new Map<string, string[]>();
  for (const column of inputs) {
    if (column.kind !== 'labels') continue;
    const { codes, values } = await source.labels(column.index);
    const seen = new Uint8Array(values.length);
    for (const row of training) if (at(codes, row) >= 0) seen[at(codes, row)] = 1;
    categories.set(
      column.name,
      values.filter((_, code) => seen[code] === 1),
    );
  }
  return categories;
}

export function inputNames(inputs: UsedColumn[], categories: Map<string, string[]>): string[] {
  return inputs.flatMap(({ name, kind }) =>
    kind === 'labels' ? (categories.get(name) ?? []).map((value) => `${name} = ${value}`) : [name],
  );
}

/** Samples as the network takes them. Reads one column at a time, so that only the result has to fit into memory. */
export async function prepareColumns(
  source: RowSource,
  { inputs, targets }: ResolvedColumns,
  plan: RowPlan,
): Promise<PreparedData> {
  const categories = await findCategories(source, inputs, plan.splits.training);
  const width = inputNames(inputs, categories).length;
  const targetWidth = plan.classes ? 1 : targets.length;
  checkMemory(source.report.file, plan.splits, width + targetWidth);

  const inputValues = matrices(plan.splits, width);
  const inputColumns: InputColumn[] = [];
  let place = 0;
  for (const column of inputs) {
    if (column.kind === 'labels') {
      const values = categories.get(column.name) ?? [];
      if (values.length === 0) continue;
      const labels = await source.labels(column.index);
      const positions = labels.values.map((value) => values.indexOf(value));
      fillOneHot(inputValues, plan.splits, { width, place }, labels.codes, positions);
      inputColumns.push({ encoding: 'one-hot', column: column.name, values });
      place += values.length;
    } else {
      const { values } = await source.numbers(column.index, column.kind);
      const fit = fitNumbers(values, plan.splits.training, column);
      fillNumbers(inputValues, plan.splits, { width, place }, values, fit);
      inputColumns.push(numberColumn(column, fit));
      place += 1;
    }
  }

  const target = plan.classes
    ? classTargets(plan.splits, plan.classes)
    : await numberTargets(source, targets, plan.splits);
  const splits = bySplit((name): PreparedSplit => ({
    count: plan.splits[name].length,
    inputs: inputValues[name],
    targets: target.values[name],
    rows: plan.splits[name],
  }));
  return {
    inputShape: [width],
    targetShape: target.shape,
    splits,
    preprocessing: { format: 1, input: { kind: 'columns', columns: inputColumns }, target: target.preprocessing },
  };
}

export function bySplit<Value>(
  make: (name: (typeof splitNames)[number]) => Value,
): Record<(typeof splitNames)[number], Value> {
  return { training: make('training'), validation: make('validation'), test: make('test') };
}

/** Class indices of every split, for PreparedData. */
export function classTargets(
  rows: SplitRows,
  classes: { column: string; names: string[]; codes: Int32Array },
): {
  shape: number[];
  values: Record<(typeof splitNames)[number], BigInt64Array>;
  preprocessing: Preprocessing['target'];
} {
  return {
    shape: [classes.names.length],
    values: bySplit((name) => {
      const values = new BigInt64Array(rows[name].length);
      for (const [sample, row] of rows[name].entries()) values[sample] = BigInt(at(classes.codes, row));
      return values;
    }),
    preprocessing: { kind: 'classes', column: classes.column, classes: classes.names },
  };
}

async function numberTargets(
  source: RowSource,
  targets: UsedColumn[],
  rows: SplitRows,
): Promise<{
  shape: number[];
  values: Record<(typeof splitNames)[number], Float32Array>;
  preprocessing: Preprocessing['target'];
}> {
  const width = targets.length;
  const filled = matrices(rows, width);
  const columns: { column: string; offset: number; scale: number }[] = [];
  for (const [place, column] of targets.entries()) {
    const { values } = await source.numbers(column.index, column.kind === 'date' ? 'date' : 'number');
    const fit = fitNumbers(values, rows.training, column);
    fillNumbers(filled, rows, { width, place }, values, fit);
    columns.push({ column: column.name, offset: fit.offset, scale: fit.scale });
  }
  return { shape: [width], values: filled, preprocessing: { kind: 'numbers', columns } };
}

function numberColumn(column: UsedColumn, { offset, scale, blank }: NumberFit): InputColumn {
  const isDate = column.kind === 'date';
  const shared = { encoding: 'number', column: column.name, date: isDate, offset, scale, blank } as const;
  return isDate && column.dateFormat !== null ? { ...shared, dateFormat: column.dateFormat } : shared;
}

type Matrices = Record<(typeof splitNames)[number], Float32Array>;

/** [rows of the split, width] */
function matrices(rows: SplitRows, width: number): Matrices {
  return bySplit((name) => new Float32Array(rows[name].length * width));
}

function fillNumbers(
  into: Matrices,
  rows: SplitRows,
  { width, place }: { width: number; place: number },
  values: Float64Array,
  { offset, scale, blank }: NumberFit,
): void {
  const whereBlank = ((blank ?? offset) - offset) / scale;
  for (const name of splitNames) {
    const target = into[name];
    const order = rows[name];
    for (let sample = 0; sample < order.length; sample += 1) {
      const raw = at(values, at(order, sample));
      target[sample * width + place] = Number.isNaN(raw) ? whereBlank : (raw - offset) / scale;
    }
  }
}

function fillOneHot(
  into: Matrices,
  rows: SplitRows,
  { width, place }: { width: number; place: number },
  codes: Int32Array,
  positions: number[],
): void {
  for (const name of splitNames) {
    for (const [sample, row] of rows[name].entries()) {
      const position = positions[at(codes, row)] ?? -1;
      if (position >= 0) into[name][sample * width + place + position] = 1;
    }
  }
}

/** Refuses before memory is taken. */
export function checkMemory(file: string, rows: SplitRows, valuesPerSample: number): void {
  const samples = splitNames.reduce((sum, name) => sum + rows[name].length, 0);
  const needed = samples * valuesPerSample * 4;
  const available = totalmem() / 2;
  if (needed <= available) return;
  const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);
  throw new LabError('data.too-large', { file, needed: gigabytes(needed), available: gigabytes(available) });
}
