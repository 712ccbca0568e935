import type { LayerIssue } from '../../../shared/layers/definition';
import type { SplitRecipe } from '../../../shared/project/data';
import type { RejectionReason } from '../../../shared/errors/data-notes';
import {
  rejectedShown,
  rejectedTextLength,
  type LabelColumn,
  type Note,
  type Rejection,
  type RowSource,
} from '../source';
import { mostClasses, type ResolvedColumns, type UsedColumn } from './columns';
import { splitByRatio, splitNames, tooLargeSum, type SplitRows } from './split';
import { at } from '../at';

/** What becomes of every row. */
export interface RowPlan {
  splits: SplitRows;
  /** By row: 0 left out, otherwise 1 + index into `splitNames` (the first of them, where a set repeats rows). */
  splitOf: Uint8Array;
  /** Null unless the target is one column of classes. */
  classes: { column: string; names: string[]; codes: Int32Array } | null;
  rejectedCount: number;
  rejected: Rejection[];
  notes: Note[];
  issues: LayerIssue[];
}

export async function planRows(
  source: RowSource,
  { inputs, targets, issues: known }: ResolvedColumns,
  split: SplitRecipe,
  prescribed: SplitRows | null,
): Promise<RowPlan> {
  const notes: Note[] = [];
  const issues: LayerIssue[] = [];
  const hopeless = new Set(known.map(({ details }) => details['column']));
  const sifter = new Sifter(source);
  for (const column of [...inputs, ...targets]) if (!hopeless.has(column.name)) await sifter.sift(column, notes);

  let classes: RowPlan['classes'] = null;
  const [target] = targets;
  if (target && targets.length === 1 && target.kind === 'labels' && !hopeless.has(target.name)) {
    const labels = keptLabels(await source.labels(target.index), sifter.kept);
    classes = { column: target.name, names: labels.values, codes: labels.codes };
    const details = { column: target.name, count: labels.values.length, limit: mostClasses };
    if (labels.values.length > mostClasses) issues.push({ code: 'data.too-many-classes', details });
    if (labels.values.length === 1) {
      issues.push({ code: 'data.one-class', details: { column: target.name, class: at(labels.values, 0) } });
    }
  }

  const kept = Int32Array.from(keptRows(sifter.kept));
  if (kept.length === 0) {
    issues.push({ code: 'data.no-rows-left', details: { count: source.rows, column: sifter.worst } });
  }
  const splits = chooseRows(kept, split, prescribed, classes, issues);
  const splitOf = new Uint8Array(source.rows);
  for (const [index, name] of [...splitNames.entries()].reverse())
    for (const row of splits[name]) splitOf[row] = index + 1;
  if (classes && split.kind === 'ratio' && split.stratify) notes.push(...smallClasses(classes, splits));
  const rejected = await sifter.rejections();
  return { splits, splitOf, classes, rejectedCount: sifter.rejectedCount, rejected, notes, issues };
}

/** Takes out rows column by column: what can't be read, blanks that are to be dropped, rows without a target. */
class Sifter {
  readonly kept: Uint8Array;
  /** The column that cost the most rows. */
  worst = '';
  private worstCount = 0;
  private readonly reasons = new Map<number, { column: UsedColumn; reason: RejectionReason }>();

  constructor(private readonly source: RowSource) {
    this.kept = new Uint8Array(source.rows).fill(1);
  }

  get rejectedCount(): number {
    return this.reasons.size;
  }

  async sift(column: UsedColumn, notes: Note[]): Promise<void> {
    const { summary, unreadable } = at(this.source.columns, column.index);
    const dropBlanks = summary.blanks > 0 && (column.role === 'target' || column.blanks === 'drop');
    const isText = column.kind === 'labels';
    if (!dropBlanks && (isText || unreadable === 0)) return;
    const before = this.count();
    let blanks = 0;
    if (isText) {
      const { codes } = await this.source.labels(column.index);
      for (let row = 0; row < codes.length; row += 1) if (codes[row] === -1) blanks += this.drop(row);
    } else {
      const numbers = await this.source.numbers(column.index, column.kind === 'date' ? 'date' : 'number');
      const reason = column.kind === 'date' ? 'not-a-date' : 'not-a-number';
      for (const row of numbers.unreadable) {
        this.drop(row);
        if (!this.reasons.has(row)) this.reasons.set(row, { column, reason });
      }
      if (dropBlanks) {
        for (let row = 0; row < numbers.values.length; row += 1) {
          if (Number.isNaN(at(numbers.values, row))) blanks += this.drop(row);
        }
      }
    }
    if (blanks > 0) {
      const isTarget = column.role === 'target';
      const code = isTarget ? 'data.note.blank-target' : 'data.note.blank-dropped';
      notes.push({ code, details: { count: blanks, column: column.name } });
    }
    const lost = before - this.count();
    if (lost > this.worstCount) {
      this.worstCount = lost;
      this.worst = column.name;
    }
  }

  /** Lines and texts of the first rejected rows. */
  async rejections(): Promise<Rejection[]> {
    const rows = [...this.reasons.keys()].sort((a, b) => a - b).slice(0, rejectedShown);
    const places = await this.source.locate(rows);
    const rejections: Rejection[] = [];
    for (const { row, line, text } of places) {
      const found = this.reasons.get(row);
      if (!found) continue;
      const { column, reason } = found;
      const [cells] = await this.source.page(row, 1);
      const cell = cells?.[column.index];
      rejections.push({
        line,
        column: column.name,
        reason,
        text: (cell === null || cell === undefined ? text : String(cell)).slice(0, rejectedTextLength),
      });
    }
    return rejections;
  }

  private drop(row: number): number {
    const was = at(this.kept, row);
    this.kept[row] = 0;
    return was;
  }

  private count(): number {
    let count = 0;
    for (const flag of this.kept) count += flag;
    return count;
  }
}

function* keptRows(kept: Uint8Array): Generator<number> {
  for (let row = 0; row < kept.length; row += 1) if (kept[row] === 1) yield row;
}

/** Classes of the rows that are left: one that lost all its rows needs no output. */
function keptLabels({ codes, values }: LabelColumn, kept: Uint8Array): LabelColumn {
  const alive = new Uint8Array(values.length);
  for (const row of keptRows(kept)) if (at(codes, row) >= 0) alive[at(codes, row)] = 1;
  const place: number[] = [];
  let next = 0;
  for (const flag of alive) place.push(flag === 1 ? next++ : -1);
  return {
    codes: codes.map((code) => (code < 0 ? -1 : at(place, code))),
    values: values.filter((_, code) => alive[code] === 1),
  };
}

function chooseRows(
  kept: Int32Array,
  split: SplitRecipe,
  prescribed: SplitRows | null,
  classes: RowPlan['classes'],
  issues: LayerIssue[],
): SplitRows {
  const none: SplitRows = { training: new Int32Array(0), validation: new Int32Array(0), test: new Int32Array(0) };
  if (split.kind === 'generated') {
    if (!prescribed) issues.push({ code: 'data.no-generated-split', details: {} });
    return prescribed ?? none;
  }
  const sum = tooLargeSum(split);
  if (sum !== null) {
    issues.push({ code: 'data.split-sum', details: { sum } });
    return none;
  }
  return splitByRatio(kept, split, classes?.codes ?? null);
}

function smallClasses({ names, codes }: NonNullable<RowPlan['classes']>, splits: SplitRows): Note[] {
  const asked = splitNames.filter((name) => splits[name].length > 0);
  const totals = new Array<number>(names.length).fill(0);
  const seen = asked.map((name) => {
    const counts = new Array<number>(names.length).fill(0);
    for (const row of splits[name]) counts[at(codes, row)] = at(counts, at(codes, row)) + 1;
    counts.forEach((count, code) => (totals[code] = at(totals, code) + count));
    return counts;
  });
  return names.flatMap((name, code): Note[] =>
    seen.some((counts) => counts[code] === 0)
      ? [{ code: 'data.note.small-class', details: { class: name, count: at(totals, code) } }]
      : [],
  );
}
