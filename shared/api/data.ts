import type { LayerIssue } from '../layers/definition';
import type { SplitName } from '../project/data';
import type { LossName } from '../training/settings';

/** What the data turned out to be, after the recipe: everything the page shows about it except the rows themselves. */
export interface DataSummary {
  kind: 'table' | 'idx' | 'generated';
  /** Rows as imported; `splits` counts those that remain after dropping blanks. */
  rows: number;
  columns: ColumnSummary[];
  report: ImportReport;
  splits: Record<SplitName, number>;
  /** Null until an input is chosen. */
  inputShape: number[] | null;
  /** Names of the network's inputs, in order ("colour = red" for a one-hot one); empty for images. */
  inputNames: string[];
  /** Null until a target is chosen. */
  target: TargetSummary | null;
  /** What stops training, in the order to fix it. Empty: ready. */
  issues: LayerIssue[];
}

export type TargetSummary =
  | {
      kind: 'classes';
      /** In the order of the class index. */
      classes: string[];
      /** Samples of each class, by split. */
      balance: Record<SplitName, number[]>;
      suggestedLoss: LossName;
    }
  | { kind: 'numbers'; names: string[]; suggestedLoss: LossName };

export interface ColumnSummary {
  name: string;
  /** As found in the file. */
  type: 'number' | 'integer' | 'text' | 'boolean' | 'date' | 'image';
  blanks: number;
  distinct: number;
  /** Of numbers and dates (milliseconds since 1970). */
  minimum: number | null;
  maximum: number | null;
  mean: number | null;
  median: number | null;
  deviation: number | null;
  /** 24 equal bins from minimum to maximum. */
  histogram: number[] | null;
  /** Of text: most frequent first, at most 20. */
  frequent: { value: string; count: number }[] | null;
}

/** How the file was read and what was left out. */
export interface ImportReport {
  file: string;
  bytes: number;
  separator: string | null;
  decimal: '.' | ',' | null;
  encoding: string | null;
  quote: string | null;
  header: boolean | null;
  rejectedCount: number;
  /** The first 100. Lines count from 1, the header included. */
  rejected: { line: number; column: string | null; reason: string; text: string }[];
  /** Remarks that are no errors: "dates were read as day.month.year". Codes with details, translated by the page. */
  notes: { code: string; details: Record<string, string | number> }[];
}

export interface DataPage {
  offset: number;
  total: number;
  columns: string[];
  /** Cells as the file shows them; null is a blank. */
  rows: (string | number | boolean | null)[][];
  /** Split of each row, null where the recipe dropped it. */
  splits: (SplitName | null)[];
}

/** Some images, as grey levels 0..255, for the gallery. */
export interface DataImages {
  height: number;
  width: number;
  channels: number;
  items: { row: number; label: string; split: SplitName | null; pixels: Uint8Array }[];
}

/** Samples of a problem with one or two numeric inputs, raw values, for the plots: at most 2,000 of each split. */
export interface DataPoints {
  inputNames: string[];
  targetNames: string[];
  classes: string[] | null;
  points: { split: SplitName; x: number[]; y: number[]; classIndex: number | null }[];
}
