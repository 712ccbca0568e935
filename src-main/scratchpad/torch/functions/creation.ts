import { PythonError, typeError, valueError } from '../../language/errors';
import type { CallContext } from '../../language/host';
import { typeName } from '../../language/type-names';
import { PyList, PyRange, PyTuple, type Value } from '../../language/values';
import { dtypeOfNumber, isNumber, toDType, toInt, toInts, toNumber, toTensor } from '../arguments';
import { Variable } from '../autograd/variable';
import type { Library } from '../library';
import { cast } from '../math/pointwise';
import type { Session } from '../session';
import { toDevice } from '../tensor/device';
import { bool, float32, float64, int64, normalise, wider, type DType } from '../tensor/dtype';
import { elementCount, sameShape, type Shape } from '../tensor/shape';
import { isTensor, Tensor } from '../tensor/tensor';

/** A tensor with the values of nested lists, of a number or of another tensor. */
export function tensorFrom(session: Session, data: Value, dtype: DType | null, context: CallContext): Tensor {
  if (isTensor(data)) {
    const array = session.tape.allocate(data.count, data.dtype);
    array.set(data.array);
    const copy = Variable.of(array, data.shape, data.dtype);
    return new Tensor(session, dtype ? cast(session.tape, copy, dtype) : copy, null, data.device);
  }
  const values: number[] = [];
  const found = { dtype: null as DType | null };
  const shape = collect(data, values, found, 0, context);
  const own = dtype ?? found.dtype ?? float32;
  const array = session.tape.allocate(values.length, own);
  array.set(values);
  return session.wrap(Variable.of(normalise(array, own), shape, own));
}

/** Appends the numbers of `data` and returns its shape. Throws ValueError where rows differ in length. */
function collect(
  data: Value,
  values: number[],
  found: { dtype: DType | null },
  depth: number,
  context: CallContext,
): number[] {
  if (isNumber(data)) {
    const own = dtypeOfNumber(data);
    found.dtype = found.dtype ? wider(found.dtype, own) : own;
    values.push(Number(data));
    return [];
  }
  if (isTensor(data)) {
    const own = data.dtype === float64 ? float32 : data.dtype;
    found.dtype = found.dtype ? wider(found.dtype, own) : own;
    for (const value of data.array) values.push(value);
    return [...data.shape];
  }
  if (!(data instanceof PyList || data instanceof PyTuple || data instanceof PyRange)) {
    if (depth > 0) throw typeError(`not a sequence`);
    throw new PythonError('RuntimeError', `Could not infer dtype of ${typeName(data)}`);
  }
  const items = data instanceof PyRange ? [...context.iterate(data)] : data.items;
  context.charge(items.length / 16);
  context.chargeMemory(items.length * 8);
  let inner: number[] | null = null;
  items.forEach((item) => {
    const shape = collect(item, values, found, depth + 1, context);
    if (inner && !sameShape(inner, shape))
      throw valueError(`expected sequence of length ${inner[0] ?? 0} at dim ${depth + 1} (got ${shape[0] ?? 0})`);
    inner = shape;
  });
  return [items.length, ...(inner ?? [])];
}

/** What creating functions share. */
const options = '*, dtype=None, device=None, requires_grad: bool=False';

export function addCreation(library: Library): void {
  const { session } = library;
  const { tape } = session;
  /** Puts a new tensor where it is wanted, and asks for its gradient. */
  const finish = (variable: Variable, device: Value, requiresGrad: Value | undefined): Tensor => {
    const tensor = new Tensor(session, variable, null, toDevice(session, device));
    tensor.variable.buffer.settle();
    if (requiresGrad === true) tensor.setRequiresGrad(true);
    return tensor;
  };
  const filled = (shape: Shape, value: number, dtype: DType): Variable => {
    for (const size of shape)
      if (size < 0)
        throw new PythonError(
          'RuntimeError',
          `Trying to create tensor with negative dimension ${size}: [${shape.join(', ')}]`,
        );
    const array = tape.allocate(elementCount(shape), dtype);
    if (value !== 0) array.fill(value);
    return Variable.of(normalise(array, dtype), shape, dtype);
  };

  library.function(
    'tensor',
    `data, ${options}`,
    ([data = null, dtype, device = null, requiresGrad], context) => {
      const tensor = tensorFrom(session, data, toDType(dtype), context);
      const own = isTensor(data) && data.type !== session.arrayClass ? data.device : null;
      return finish(tensor.variable, device ?? own, requiresGrad);
    },
    'A tensor with the values of (nested) lists.',
  );
  const converted = ([data = null, dtype]: Value[], context: CallContext): Tensor => {
    if (!isTensor(data)) return tensorFrom(session, data, toDType(dtype), context);
    const wanted = toDType(dtype) ?? data.dtype;
    if (data.type !== session.arrayClass && wanted === data.dtype) return data;
    return new Tensor(session, cast(tape, data.variable, wanted), null, data.device);
  };
  library.function('as_tensor', 'data, dtype=None, device=None', (args, context) => {
    const [, , device = null] = args;
    const made = converted(args, context);
    if (device === null || toDevice(session, device) === made.device) return made;
    return finish(made.variable.alias(made.shape, made.edge), device, false);
  });
  library.function('asarray', 'data, dtype=None', converted);
  library.function(
    'from_numpy',
    'array',
    ([array]) => {
      const x = toTensor(array, 'ndarray');
      // The same memory, as in PyTorch.
      return new Tensor(session, x.variable.alias(x.shape, null), {
        base: x.view?.base ?? x,
        offset: x.view?.offset ?? 0,
        strides: x.strides,
        detached: true,
      });
    },
    'A tensor that shares the memory of a NumPy array.',
  );
  library.function('FloatTensor', 'data', ([data = null], context) => tensorFrom(session, data, float32, context));
  library.function('LongTensor', 'data', ([data = null], context) => tensorFrom(session, data, int64, context));
  library.function('BoolTensor', 'data', ([data = null], context) => tensorFrom(session, data, bool, context));

  for (const [name, value] of [
    ['zeros', 0],
    ['ones', 1],
    ['empty', 0],
  ] as const) {
    library.function(
      name,
      `*size, ${options.slice(3)}`,
      ([size, dtype, device = null, requiresGrad], context) =>
        finish(filled(toInts(size, context), value, toDType(dtype) ?? float32), device, requiresGrad),
      `A tensor of ${name}, of the shape that is given.`,
    );
    library.function(`${name}_like`, `input, ${options}`, ([input, dtype, device, requiresGrad]) => {
      const x = toTensor(input);
      return finish(filled(x.shape, value, toDType(dtype) ?? x.dtype), device ?? x.device, requiresGrad);
    });
    library.method(`new_${name}`, 'self, *size, dtype=None', ([self, size, dtype], context) => {
      const x = toTensor(self);
      return finish(filled(toInts(size, context), value, toDType(dtype) ?? x.dtype), x.device, false);
    });
  }
  library.function(
    'full',
    `size, fill_value, ${options}`,
    ([size, value = null, dtype, device = null, requiresGrad], context) => {
      const own = isNumber(value) ? dtypeOfNumber(value) : float32;
      return finish(
        filled(toInts(size, context), toNumber(value, context), toDType(dtype) ?? own),
        device,
        requiresGrad,
      );
    },
    'A tensor of one value.',
  );
  library.function(
    'full_like',
    `input, fill_value, ${options}`,
    ([input, value, dtype, device, requiresGrad], context) => {
      const x = toTensor(input);
      return finish(
        filled(x.shape, toNumber(value, context), toDType(dtype) ?? x.dtype),
        device ?? x.device,
        requiresGrad,
      );
    },
  );
  library.method('new_tensor', 'self, data, *, dtype=None', ([self, data = null, dtype], context) =>
    tensorFrom(session, data, toDType(dtype) ?? toTensor(self).dtype, context),
  );
  library.method('new_full', 'self, size, fill_value', ([self, size, value], context) =>
    finish(filled(toInts(size, context), toNumber(value, context), toTensor(self).dtype), null, false),
  );
  library.function(
    'eye',
    `n: int, m=None, ${options}`,
    ([n, m, dtype, device = null, requiresGrad], context) => {
      const rows = toInt(n, context);
      const columns = m === null || m === undefined ? rows : toInt(m, context);
      const result = filled([rows, columns], 0, toDType(dtype) ?? float32);
      for (let i = 0; i < Math.min(rows, columns); i++) result.array[i * (columns + 1)] = 1;
      return finish(result, device, requiresGrad);
    },
    'Ones on the diagonal.',
  );
  library.function(
    'arange',
    `start, end=None, step=1, ${options}`,
    ([start = null, end = null, step = null, dtype, device = null, requiresGrad], context) => {
      const given = end === null ? [0n, start, step] : [start, end, step];
      const [from = 0, to = 0, by = 1] = given.map((value) => toNumber(value, context));
      if (by === 0) throw new PythonError('RuntimeError', 'step must be nonzero');
      if ((to - from) / by < 0)
        throw new PythonError('RuntimeError', 'upper bound and lower bound inconsistent with step sign');
      const whole = given.every((value) => typeof value === 'bigint');
      const own = toDType(dtype) ?? (whole ? int64 : float32);
      const array = tape.allocate(Math.ceil((to - from) / by), own);
      for (let i = 0; i < array.length; i++) array[i] = from + i * by;
      return finish(Variable.of(normalise(array, own), [array.length], own), device, requiresGrad);
    },
    'start, start + step, … up to end, which is left out.',
  );
  const spaced = (name: string, value: (x: number, base: number) => number): void =>
    library.function(
      name,
      `start, end, steps, ${name === 'logspace' ? 'base=10.0, ' : ''}${options}`,
      (args, context) => {
        const [start, end, steps] = args;
        const [dtype, device = null, requiresGrad] = args.slice(name === 'logspace' ? 4 : 3);
        const base = name === 'logspace' ? toNumber(args[3], context) : 0;
        const [from, to, count] = [toNumber(start, context), toNumber(end, context), toInt(steps, context)];
        if (count < 0) throw new PythonError('RuntimeError', 'number of steps must be non-negative');
        const own = toDType(dtype) ?? float32;
        const array = tape.allocate(count, own);
        const rounded = own === float32 ? Math.fround : (x: number): number => x;
        const step = count > 1 ? rounded((rounded(to) - rounded(from)) / (count - 1)) : 0;
        // From both ends, as PyTorch does: the middle is where rounding would meet.
        for (let i = 0; i < count; i++)
          array[i] = value(i < count / 2 ? rounded(from) + step * i : rounded(to) - step * (count - 1 - i), base);
        return finish(Variable.of(normalise(array, own), [count], own), device, requiresGrad);
      },
      'So many values from start to end, both included.',
    );
  spaced('linspace', (x) => x);
  spaced('logspace', (x, base) => base ** x);
}
