import { PyList, PyTuple, type Value } from '../../language/values';
import type { OperationListener } from '../autograd/listener';
import { isTensor, type Tensor } from '../tensor/tensor';

/** Functions that answer with a truth about the form of a tensor, not about its numbers. */
const aboutForm = /^is_/;

/**
 * Tells of a function that has run. Results that a listener has heard of as operators are known to it; the others were computed by
 * something ONNX has no operator for. One truth made of many numbers counts as looking at them.
 */
export function tellForeign(
  listener: OperationListener,
  name: string,
  args: readonly Value[],
  result: Value | undefined,
): void {
  const operands = tensorsIn(args);
  if (operands.length === 0) return;
  if (typeof result === 'boolean' && !aboutForm.test(name))
    for (const { variable } of operands) listener.looked(variable, `${name}()`);
  const made = tensorsIn([result ?? null]);
  const inputs = operands.map(({ variable }) => variable);
  for (const { variable } of made) listener.foreign(name, inputs, variable);
}

function tensorsIn(values: readonly Value[]): Tensor[] {
  return values.flatMap((value): Tensor[] => {
    if (isTensor(value)) return [value];
    const items: readonly Value[] = value instanceof PyTuple || value instanceof PyList ? value.items : [];
    return items.filter(isTensor);
  });
}
