import type { Tensor as ConstantTensor } from '../../../engine/native';
import type { AttributeValue } from '../../../../shared/network/graph';
import type { Variable } from './variable';

/** Is told what runs in ONNX's terms: so a forward call becomes a network. */
export interface OperationListener {
  /** One operator of ONNX. An input that is no variable is fixed numbers, or null where it is left out. */
  operator(
    opType: string,
    inputs: readonly (Variable | ConstantTensor | null)[],
    attributes: Record<string, AttributeValue>,
    outputs: readonly Variable[],
  ): void;
  /** `to` has the values of `from`, kept in another way. */
  same(from: Variable, to: Variable): void;
  /** `output` was computed by something that ONNX has no operator for. */
  foreign(name: string, inputs: readonly Variable[], output: Variable): void;
  /** The program looks at the numbers of a tensor: what it does next may depend on them. */
  looked(at: Variable, how: string): void;
}
