import type { BinaryOperator, CallContext, CompareOperator, UnaryOperator } from '../../language/host';
import type { Value } from '../../language/values';
import type { Tensor } from './tensor';

/** What Python's syntax does with a tensor. Written in functions/protocol.ts, on top of everything else. */
export interface TensorProtocol {
  /** torch.Tensor(…): values of a list, or memory of a shape. */
  construct(data: Value, context: CallContext): Value;
  attribute(tensor: Tensor, name: string): Value | undefined;
  attributeNames(tensor: Tensor): Iterable<string>;
  setAttribute(tensor: Tensor, name: string, value: Value, context: CallContext): void;
  binary(
    tensor: Tensor,
    operator: BinaryOperator,
    other: Value,
    reflected: boolean,
    context: CallContext,
  ): Value | undefined;
  inPlace(tensor: Tensor, operator: BinaryOperator, other: Value): Value | undefined;
  unary(tensor: Tensor, operator: UnaryOperator): Value | undefined;
  compare(tensor: Tensor, operator: CompareOperator, other: Value): Value | undefined;
  item(tensor: Tensor, index: Value, context: CallContext): Value;
  setItem(tensor: Tensor, index: Value, value: Value, context: CallContext): void;
  iterate(tensor: Tensor, context: CallContext): Iterable<Value>;
  number(tensor: Tensor): Value;
  describe(tensor: Tensor): string;
  print(tensor: Tensor): string;
}
