import type { DataImages, DataPage, DataPoints, DataSummary } from '../../shared/api/data';
import type { SplitName } from '../../shared/project/data';
import type { Preprocessing } from '../../shared/project/preprocessing';

/** A project's data under one recipe: read once, then asked for rows, plots and tensors. */
export interface Dataset {
  readonly summary: DataSummary;
  rows(offset: number, limit: number): Promise<DataPage>;
  /** Imported rows by index, in the order asked for; the columns are those of `summary`. */
  rowsAt(rows: readonly number[]): Promise<DataPage['rows']>;
  /** Null where the data are no images. */
  images(offset: number, limit: number): Promise<DataImages | null>;
  /** Null where there are more than two numeric inputs, or any input that is no number. */
  points(): Promise<DataPoints | null>;
  /** Every imported row of a column of `summary.columns`, before the recipe. */
  column(index: number): Promise<DataColumn>;
  /** Preprocessed samples; throws the first of `summary.issues` when the data are not ready. */
  tensors(): Promise<PreparedData>;
  close(): Promise<void>;
}

export type DataColumn =
  /** [rows, …shape]. Blanks and what cannot be read are NaN; dates are days since 1970, pixels 0 to 255. */
  | { kind: 'numbers'; shape: number[]; values: Float32Array }
  /** Indices into `classes` (by number where all are numbers, otherwise by character); -1 is a blank. */
  | { kind: 'classes'; codes: Int32Array; classes: string[] };

export interface PreparedData {
  /** Of one sample, without the batch: [4], [1, 28, 28]. */
  inputShape: number[];
  /** [C] logits for classes, [number of target columns] for numbers. */
  targetShape: number[];
  splits: Record<SplitName, PreparedSplit>;
  preprocessing: Preprocessing;
}

export interface PreparedSplit {
  count: number;
  /** [count, ...inputShape] */
  inputs: Float32Array;
  /** [count, ...targetShape], or class indices [count]. */
  targets: Float32Array | BigInt64Array;
  /** The imported row each sample came from. */
  rows: Int32Array;
}
