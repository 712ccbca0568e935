import type { EagerArray, Tensor as ConstantTensor } from '../../../engine/native';
import type { AttributeValue } from '../../../../shared/network/graph';
import type { Shape } from '../tensor/shape';

/** One forward call as operators of ONNX, whoever recorded it: a module that is called, or the tape behind a tensor. */
export interface Recording {
  /** Steps and ends name them by place. */
  values: readonly RecordedValue[];
  steps: readonly Step[];
  inputs: readonly number[];
  output: number;
}

export type RecordedValue = { shape: Shape } & (
  | { kind: 'input'; name: string }
  | { kind: 'computed' }
  | {
      kind: 'constant';
      array: EagerArray;
      /** A weight: training changes it. */
      trained: boolean;
      /** fc1.weight; null: it has none. */
      name: string | null;
    }
  /** Made by an operation that ONNX does not have. */
  | { kind: 'foreign'; operation: string; line: number | null }
);

export interface Step {
  opType: string;
  attributes: Record<string, AttributeValue>;
  /** Values, fixed numbers, or null for what is left out. */
  inputs: readonly (number | ConstantTensor | null)[];
  outputs: readonly number[];
  /** Of the cell; null: not known. */
  line: number | null;
  /** The call of a layer that ran it; null: none, or not known. */
  layer: { call: number; name: string } | null;
}
