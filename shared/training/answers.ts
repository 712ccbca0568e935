/** Model outputs and what they should have been: rows of `width` values, or one class index per row. */
export interface Answers {
  outputs: Float32Array;
  targets: Float32Array | BigInt64Array;
  count: number;
  width: number;
}
