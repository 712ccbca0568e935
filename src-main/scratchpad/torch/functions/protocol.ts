import { attributeError, PythonError, typeError } from '../../language/errors';
import { percentFormat } from '../../language/percent';
import { typeName } from '../../language/type-names';
import { PyTuple, type Value } from '../../language/values';
import type { Library } from '../library';
import { tellForeign } from '../network/foreign';
import { arrayAttribute, arrayAttributes } from '../numpy/array';
import { describeArray, printArray } from '../numpy/print';
import { compute } from '../math/pointwise';
import type { Session } from '../session';
import { bool, float32 } from '../tensor/dtype';
import { describeTensor } from '../tensor/print';
import type { TensorProtocol } from '../tensor/protocol';
import { sameShape, shapeText } from '../tensor/shape';
import { Size } from '../tensor/size';
import { isTensor, type Tensor } from '../tensor/tensor';
import { arithmetic, negative } from './arithmetic';
import { tensorFrom } from './creation';
import { gradientFunctionOf, detached } from './autograd';
import { comparison, inverted } from './comparison';
import { itemOfScalar } from './conversion';
import { itemOf, setItemOf } from './indexing';
import { permuted, transposed } from './shaping';

const properties: Record<string, (x: Tensor) => Value> = {
  shape: (x) => new Size(x.shape),
  dtype: (x) => x.dtype,
  device: (x) => x.device,
  grad: (x) => x.grad,
  grad_fn: gradientFunctionOf,
  requires_grad: (x) => x.requiresGrad,
  is_leaf: (x) => x.isLeaf,
  retains_grad: (x) => x.retainsGrad,
  ndim: (x) => BigInt(x.shape.length),
  is_cuda: (x) => x.device.kind === 'cuda',
  itemsize: (x) => BigInt(x.dtype.size),
  nbytes: (x) => BigInt(x.dtype.size * x.count),
  _version: (x) => BigInt(x.counter.value),
  data: detached,
  T: (x) => (x.shape.length === 2 ? permuted(x, [1, 0], 'PermuteBackward0') : turned(x)),
  mT: (x) =>
    permuted(
      x,
      [...x.shape.keys()].map((i) => (i < x.shape.length - 2 ? i : 2 * x.shape.length - 3 - i)),
      'TransposeBackward0',
    ),
};

const turned = (x: Tensor): Tensor =>
  x.shape.length < 2 ? transposed(x) : permuted(x, [...x.shape.keys()].reverse(), 'PermuteBackward0');

export function protocolOf({ session }: Library): TensorProtocol {
  const isArray = (x: Tensor): boolean => x.type === session.arrayClass;
  const tell = (operator: string, operands: Value[], result: Value | undefined): void => {
    if (session.tape.listener) tellForeign(session.tape.listener, operator, operands, result);
  };
  const protocol: TensorProtocol = {
    construct: (data, context) => {
      const items = data instanceof PyTuple ? data.items : [];
      const shape = items.every((item) => typeof item === 'bigint');
      return shape
        ? session.wrap(session.zeros(items.map(Number), float32))
        : tensorFrom(session, items[0] ?? null, float32, context);
    },
    attribute: (x, name) => {
      if (isArray(x)) return arrayAttribute(x, name);
      return Object.hasOwn(properties, name) ? properties[name]?.(x) : undefined;
    },
    attributeNames: (x) => (isArray(x) ? arrayAttributes : Object.keys(properties)),
    setAttribute: (x, name, value) => setAttribute(session, x, name, value),
    binary: (x, operator, other, reflected, context) => {
      if (reflected && operator === '%' && typeof other === 'string')
        return percentFormat(other, itemOfScalar(x), context);
      const result = reflected ? arithmetic(session, operator, other, x) : arithmetic(session, operator, x, other);
      tell(operator, [x, other], result);
      return result;
    },
    inPlace: (x, operator, other) => {
      x.refuseLeaf();
      const result = arithmetic(session, operator, x, other);
      tell(operator, [x, other], result);
      return result && x.become(result);
    },
    unary: (x, operator) => {
      if (operator === '+') return x;
      if (operator === '-') return negative(session, x);
      if (x.dtype === bool) return inverted(session, x);
      if (x.dtype.kind === 'float')
        throw typeError('~ (operator.invert) is only implemented on integer and Boolean-type tensors');
      return session.wrap(
        compute(session.tape, x.variable, x.dtype, (value) => -value - 1),
        [x],
      );
    },
    compare: (x, operator, other) => {
      const result = comparison(session, operator, x, other);
      tell(operator, [x, other], result);
      return result;
    },
    item: (x, index, context) => {
      const found = itemOf(x, index, context);
      // NumPy gives numbers where PyTorch gives tensors without dimensions.
      return isArray(x) && found.shape.length === 0 ? itemOfScalar(found) : found;
    },
    setItem: setItemOf,
    iterate: function* (x, context) {
      if (x.shape.length === 0) throw typeError('iteration over a 0-d tensor');
      for (let i = 0; i < (x.shape[0] as number); i++) yield protocol.item(x, BigInt(i), context);
    },
    number: itemOfScalar,
    describe: (x) => (isArray(x) ? describeArray(x) : describeTensor(x)),
    print: (x) => (isArray(x) ? printArray(x) : describeTensor(x)),
  };
  return protocol;
}

function setAttribute(session: Session, x: Tensor, name: string, value: Value): void {
  if (name === 'requires_grad') {
    x.setRequiresGrad(value === true);
  } else if (name === 'grad') {
    if (value === null) x.grad = null;
    else if (!isTensor(value))
      throw typeError(`assigned grad expected to be a Tensor or None but got grad of type ${typeName(value)}`);
    else if (!sameShape(value.shape, x.shape))
      throw new PythonError(
        'RuntimeError',
        `assigned grad has data of a different size: ${shapeText(value.shape)} instead of ${shapeText(x.shape)}`,
      );
    else x.grad = value;
  } else if (name === 'data') {
    if (!isTensor(value)) throw typeError(`Variable data has to be a tensor, but got ${typeName(value)}`);
    session.withoutRecording(() => x.replace(value.variable));
  } else {
    throw attributeError(
      `'Tensor' object has no attribute '${name}' that can be set. Hint: to change values write x[…] = …, or x.data = …`,
    );
  }
}
