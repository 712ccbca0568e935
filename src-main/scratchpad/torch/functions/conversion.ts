import { PythonError, valueError } from '../../language/errors';
import { PyList, PyTuple, type Value } from '../../language/values';
import { toDim, toDType, toNumber, toTensor } from '../arguments';
import { Variable } from '../autograd/variable';
import type { Library } from '../library';
import { cast } from '../math/pointwise';
import { cpu, Device, toDevice } from '../tensor/device';
import type { DType } from '../tensor/dtype';
import { bool, float32, float64, int32, int64, uint8, wider } from '../tensor/dtype';
import { elementCount, type Shape } from '../tensor/shape';
import { isTensor, Tensor } from '../tensor/tensor';
import { Size } from '../tensor/size';

/** One element as a Python number. */
export function pythonNumber(value: number, dtype: DType): Value {
  if (dtype.kind === 'float') return value;
  return dtype === bool ? value !== 0 : BigInt(value);
}

/** item() */
export function itemOfScalar(x: Tensor): Value {
  if (x.count !== 1)
    throw new PythonError('RuntimeError', `a Tensor with ${x.count} elements cannot be converted to Scalar`);
  return pythonNumber(x.array[0] as number, x.dtype);
}

export function toList(x: Tensor): Value {
  const { array, dtype, shape } = x;
  x.session.tape.context?.chargeMemory(array.length * 16);
  const build = (dim: number, offset: number, stride: number): Value => {
    if (dim === shape.length) return pythonNumber(array[offset] as number, dtype);
    const size = shape[dim] as number;
    const inner = size === 0 ? 0 : stride / size;
    return new PyList(Array.from({ length: size }, (_, i) => build(dim + 1, offset + i * inner, inner)));
  };
  return build(0, 0, array.length);
}

export function addConversion(library: Library): void {
  const { session } = library;
  const { tape } = session;
  const looked = (value: Value | undefined, how: string): Tensor => {
    const x = toTensor(value);
    tape.listener?.looked(x.variable, how);
    return x;
  };
  library.method('item', 'self', ([self]) => itemOfScalar(looked(self, 'item()')), 'The only element as a number.');
  library.method('tolist', 'self', ([self]) => toList(looked(self, 'tolist()')), 'Nested lists of numbers.');
  library.method(
    'numpy',
    'self, *, force: bool=False',
    ([self]) => {
      const x = toTensor(self);
      if (x.requiresGrad)
        throw new PythonError(
          'RuntimeError',
          "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
        );
      if (x.device !== cpu)
        throw new PythonError(
          'TypeError',
          `can't convert ${x.device.name} device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first.`,
        );
      const shared = x.viewed(x.variable.alias(x.shape, null), x.view?.offset ?? 0, x.strides, true);
      return new Tensor(session, shared.variable, shared.view, cpu, session.arrayClass);
    },
    'A NumPy array of the same memory.',
  );

  const moved = (x: Tensor, dtype: DType | null, device: Device | null, copy = false): Tensor => {
    const same = (!dtype || dtype === x.dtype) && (!device || device === x.device);
    if (same && !copy) return x;
    const variable = cast(tape, x.variable, dtype ?? x.dtype);
    const own = variable === x.variable ? tape.apply('Identity', [variable], { name: 'ToCopyBackward0' }) : variable;
    const made = new Tensor(session, own, null, device ?? x.device);
    made.variable.buffer.settle();
    return made;
  };
  library.method(
    'to',
    'self, *args, dtype=None, device=None, copy: bool=False, non_blocking: bool=False',
    ([self, args, dtype, device, copy]) => {
      const x = toTensor(self);
      let type = toDType(dtype);
      let place = device === null || device === undefined ? null : toDevice(session, device);
      for (const arg of args instanceof PyTuple ? args.items : []) {
        if (isTensor(arg)) [type, place] = [arg.dtype, arg.device];
        else if (typeof arg === 'string' || arg instanceof Device) place = toDevice(session, arg);
        else type = toDType(arg);
      }
      return moved(x, type, place, copy === true);
    },
    'Another dtype or device.',
  );
  library.method('cpu', 'self', ([self]) => moved(toTensor(self), null, cpu));
  library.method('cuda', 'self, device=None', ([self, device]) =>
    moved(toTensor(self), null, toDevice(session, device ?? 'cuda')),
  );
  const types: Record<string, DType> = { float: float32, double: float64, int: int32, long: int64, bool, byte: uint8 };
  for (const [name, dtype] of Object.entries(types))
    library.method(name, 'self', ([self]) => moved(toTensor(self), dtype, null));
  library.method('type', 'self, dtype=None', ([self, dtype]) => {
    const x = toTensor(self);
    return dtype === null || dtype === undefined ? `torch.${x.dtype.scalarName}Tensor` : moved(x, toDType(dtype), null);
  });
  library.method('type_as', 'self, other', ([self, other]) => moved(toTensor(self), toTensor(other).dtype, null));

  library.method(
    'size',
    'self, dim=None',
    ([self, dim], context) => {
      const x = toTensor(self);
      return dim === null || dim === undefined
        ? new Size(x.shape)
        : BigInt(x.shape[toDim(dim, x.shape.length, context)] ?? 1);
    },
    'The shape, or its size along dim.',
  );
  library.method('stride', 'self, dim=None', ([self, dim], context) => {
    const x = toTensor(self);
    if (dim !== null && dim !== undefined) return BigInt(x.strides[toDim(dim, x.shape.length, context)] ?? 1);
    return new PyTuple(x.strides.map(BigInt));
  });
  library.method('dim', 'self', ([self]) => BigInt(toTensor(self).shape.length), 'How many dimensions there are.');
  library.alias('dim', 'ndimension');
  library.both('numel', 'input', ([input]) => BigInt(toTensor(input).count), 'How many elements there are.');
  library.alias('numel', 'nelement');
  library.method('element_size', 'self', ([self]) => BigInt(toTensor(self).dtype.size));
  library.method('is_contiguous', 'self', ([self]) => toTensor(self).contiguous);
  library.method('is_floating_point', 'self', ([self]) => toTensor(self).dtype.kind === 'float');
  library.method('get_device', 'self', ([self]) => BigInt(toTensor(self).device.index ?? -1));
  library.method('data_ptr', 'self', () => {
    throw valueError('there are no addresses here');
  });

  // In place.
  const fill = (name: string, signature: string, value: (args: Value[]) => Value): void =>
    library.method(name, signature, (args, context) => {
      const x = toTensor(args[0]);
      const given = value(args);
      const number = isTensor(given) ? (given.array[0] as number) : toNumber(given, context);
      x.refuseLeaf();
      const array = tape.allocate(x.count, x.dtype).fill(number);
      x.assign(Variable.of(array, x.shape, x.dtype));
      return x;
    });
  fill('fill_', 'self, value', ([, value = 0n]) => value);
  fill('zero_', 'self', () => 0n);
  library.method('copy_', 'self, src', ([self, source]) => {
    const [x, from] = [toTensor(self), toTensor(source, 'other', 2)];
    x.refuseLeaf();
    return x.become(session.wrap(cast(tape, spreadTo(from, x.shape), x.dtype)));
  });
  const spreadTo = (from: Tensor, shape: Shape): Variable =>
    from.count === elementCount(shape) && from.shape.length === shape.length
      ? from.variable
      : tape.apply('Expand', [from.variable, { dims: [shape.length], data: BigInt64Array.from(shape, BigInt) }]);
  library.method('fill_diagonal_', 'self, fill_value', ([self, value]) => {
    const x = toTensor(self);
    x.refuseLeaf();
    const [rows = 0, columns = 0] = x.shape;
    const array = x.array.slice();
    for (let i = 0; i < Math.min(rows, columns); i++) array[i * (columns + 1)] = Number(value);
    x.assign(Variable.of(array, x.shape, x.dtype));
    return x;
  });
  library.function('numel', 'input', ([input]) => BigInt(toTensor(input).count));
  library.function('is_floating_point', 'input', ([input]) => toTensor(input).dtype.kind === 'float');
  library.function('result_type', 'tensor1, tensor2', ([a, b]) => wider(toTensor(a).dtype, toTensor(b).dtype));
}
