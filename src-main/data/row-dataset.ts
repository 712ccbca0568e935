import type { DataPage, DataPoints, DataSummary, TargetSummary } from '../../shared/api/data';
import { LabError } from '../../shared/errors';
import type { ColumnRecipe, SplitName, SplitRecipe } from '../../shared/project/data';
import type { DataColumn, Dataset, PreparedData } from './dataset';
import { PreparedOnce } from './prepared-once';
import { resolveColumns, type ResolvedColumns } from './recipe/columns';
import { bySplit, findCategories, inputNames, prepareColumns } from './recipe/prepare';
import { guessRoles } from './recipe/roles';
import { planRows, type RowPlan } from './recipe/rows';
import { splitNames, type SplitRows } from './recipe/split';
import { rejectedShown, type Note, type RowSource } from './source';
import type { TensorCache } from './tensor-cache';
import { at } from './at';

const pointsPerSplit = 2000;

export interface RowDatasetOptions {
  /** Empty: guessed. */
  columns: ColumnRecipe[];
  split: SplitRecipe;
  /** The split the set itself prescribes, if it does. */
  prescribed: SplitRows | null;
  notes: Note[];
  cache: TensorCache | null;
}

/** A table or a generated set under a recipe. */
export async function openRows(source: RowSource, options: RowDatasetOptions): Promise<Dataset> {
  const columns = options.columns.length > 0 ? options.columns : guessRoles(source);
  const resolved = resolveColumns(source, columns);
  const plan = await planRows(source, resolved, options.split, options.prescribed);
  const issues = [...resolved.issues, ...plan.issues];
  // Categories of a column that has an issue of its own would be of no use.
  const usable = resolved.issues.length === 0 ? resolved.inputs : [];
  const names = inputNames(usable, await findCategories(source, usable, plan.splits.training));
  const rejected = [...source.report.rejected, ...plan.rejected].sort((a, b) => a.line - b.line);
  const summary: DataSummary = {
    kind: source.kind,
    rows: source.rows,
    columns: source.columns.map((column) => column.summary),
    report: {
      ...source.report,
      rejectedCount: source.report.rejectedCount + plan.rejectedCount,
      rejected: rejected.slice(0, rejectedShown),
      notes: [...source.report.notes, ...options.notes, ...resolved.notes, ...plan.notes],
    },
    splits: bySplit((name) => plan.splits[name].length),
    inputShape: names.length > 0 ? [names.length] : null,
    inputNames: names,
    target: summariseTarget(resolved, plan),
    issues,
  };
  return new RowDataset(source, resolved, plan, summary, options.cache);
}

function summariseTarget({ targets }: ResolvedColumns, plan: RowPlan): TargetSummary | null {
  if (plan.classes) {
    const { names, codes } = plan.classes;
    return {
      kind: 'classes',
      classes: names,
      balance: classBalance(plan.splits, codes, names.length),
      suggestedLoss: 'cross-entropy',
    };
  }
  if (targets.length === 0 || targets.some(({ kind }) => kind === 'labels')) return null;
  return { kind: 'numbers', names: targets.map(({ name }) => name), suggestedLoss: 'mse' };
}

export function classBalance(rows: SplitRows, codes: Int32Array, classes: number): Record<SplitName, number[]> {
  return bySplit((name) => {
    const counts = new Array<number>(classes).fill(0);
    for (const row of rows[name]) counts[at(codes, row)] = at(counts, at(codes, row)) + 1;
    return counts;
  });
}

class RowDataset implements Dataset {
  private readonly prepared: PreparedOnce;

  constructor(
    private readonly source: RowSource,
    private readonly resolved: ResolvedColumns,
    private readonly plan: RowPlan,
    readonly summary: DataSummary,
    cache: TensorCache | null,
  ) {
    this.prepared = new PreparedOnce(cache);
  }

  async rows(offset: number, limit: number): Promise<DataPage> {
    const rows = await this.source.page(offset, limit);
    return {
      offset,
      total: this.source.rows,
      columns: this.summary.columns.map(({ name }) => name),
      rows,
      splits: rows.map((_, index) => splitNames[at(this.plan.splitOf, offset + index) - 1] ?? null),
    };
  }

  rowsAt(rows: readonly number[]): Promise<DataPage['rows']> {
    return this.source.rowsAt(rows);
  }

  async images(): Promise<null> {
    return null;
  }

  async points(): Promise<DataPoints | null> {
    const { inputs, targets } = this.resolved;
    const plain = inputs.every(({ kind }) => kind === 'number');
    if (this.summary.issues.length > 0 || !plain || inputs.length > 2) return null;
    const x = await this.columnValues(inputs);
    const y = this.plan.classes ? [] : await this.columnValues(targets);
    const points: DataPoints['points'] = [];
    for (const split of splitNames) {
      // Rows are shuffled already, so the first ones are a fair sample.
      for (const row of this.plan.splits[split].subarray(0, pointsPerSplit)) {
        const valueOf = (column: Float64Array): number => at(column, row);
        const point = {
          split,
          x: x.map(valueOf),
          y: y.map(valueOf),
          classIndex: this.plan.classes?.codes[row] ?? null,
        };
        if (point.x.every(Number.isFinite)) points.push(point);
      }
    }
    return {
      inputNames: inputs.map(({ name }) => name),
      targetNames: targets.map(({ name }) => name),
      classes: this.plan.classes?.names ?? null,
      points,
    };
  }

  async column(index: number): Promise<DataColumn> {
    const { type } = at(this.summary.columns, index);
    if (type === 'text' || type === 'boolean') {
      const { codes, values } = await this.source.labels(index);
      return { kind: 'classes', codes, classes: values };
    }
    const { values } = await this.source.numbers(index, type === 'date' ? 'date' : 'number');
    return { kind: 'numbers', shape: [], values: Float32Array.from(values) };
  }

  async tensors(): Promise<PreparedData> {
    const [issue] = this.summary.issues;
    if (issue) throw new LabError(issue.code, issue.details);
    const make = (): Promise<PreparedData> => prepareColumns(this.source, this.resolved, this.plan);
    return this.prepared.get(make);
  }

  async close(): Promise<void> {
    this.prepared.drop();
    await this.source.close();
  }

  private async columnValues(columns: ResolvedColumns['inputs']): Promise<Float64Array[]> {
    const found: Float64Array[] = [];
    for (const { index, kind } of columns) {
      found.push((await this.source.numbers(index, kind === 'date' ? 'date' : 'number')).values);
    }
    return found;
  }
}
