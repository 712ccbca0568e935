import { PythonError } from '../../language/errors';
import type { CallContext } from '../../language/host';
import type { Value } from '../../language/values';
import { isNumber, numberVariable, dtypeOfNumber, toTensor, toNumber } from '../arguments';
import type { ApplyOptions } from '../autograd/tape';
import type { Variable } from '../autograd/variable';
import type { Library } from '../library';
import { binary, cast, computePairs, mul, numberOf, sub, unary } from '../math/pointwise';
import { matmul } from '../math/products';
import type { Session } from '../session';
import { bool, float32, resultType, type DType } from '../tensor/dtype';
import { isTensor, type Tensor } from '../tensor/tensor';

/** Operands of one operation as variables of one dtype. */
export interface Operands {
  a: Variable;
  b: Variable;
  dtype: DType;
  tensors: Tensor[];
  /** The second one is a Python number. */
  secondIsNumber: boolean;
}

/** Tensors and numbers with the dtype PyTorch gives their result. Null: one is neither. */
export function operandsOf(session: Session, left: Value, right: Value, asFloat = false): Operands | null {
  const values = [left, right];
  if (!values.every((value) => isTensor(value) || isNumber(value))) return null;
  const tensors = values.filter(isTensor);
  const common = resultType(
    values.map((value) =>
      isTensor(value)
        ? { dtype: value.dtype, weight: value.shape.length > 0 ? 'tensor' : 'scalar tensor' }
        : { dtype: dtypeOfNumber(value as number), weight: 'number' },
    ),
  );
  const dtype = asFloat && common.kind !== 'float' ? float32 : common;
  const [a, b] = values.map((value) =>
    isTensor(value) ? cast(session.tape, value.variable, dtype) : numberVariable(value as number, dtype),
  );
  return { a: a as Variable, b: b as Variable, dtype, tensors, secondIsNumber: isNumber(right) };
}

function required(session: Session, args: readonly Value[], asFloat = false): Operands {
  const [left = null, right = null] = args;
  const operands = operandsOf(session, left, right, asFloat);
  if (operands) return operands;
  const second = isTensor(left) || isNumber(left);
  toTensor(second ? right : left, second ? 'other' : 'input', second ? 2 : 1);
  throw new Error('unreachable');
}

/** Python's operators on tensors; undefined: not for these operands. */
export function arithmetic(session: Session, operator: string, left: Value, right: Value): Tensor | undefined {
  if (operator === '@') {
    if (!isTensor(left) || !isTensor(right)) return undefined;
    return session.wrap(matmul(session.tape, left.variable, right.variable), [left, right]);
  }
  const operands = operandsOf(session, left, right, operator === '/');
  const f = operations[operator as '+'];
  if (!operands || !f) return undefined;
  return session.wrap(f(session, operands), operands.tensors);
}

type Operation = (session: Session, operands: Operands) => Variable;

const plain =
  (opType: string, options?: ApplyOptions): Operation =>
  ({ tape }, { a, b }) =>
    binary(tape, opType, a, b, options);

const operations: Record<'+' | '-' | '*' | '/' | '//' | '%' | '**' | '&' | '|' | '^', Operation> = {
  '+': plain('Add'),
  '-': (session, operands) => {
    if (operands.dtype === bool)
      throw new PythonError(
        'RuntimeError',
        'Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead.',
      );
    return plain('Sub')(session, operands);
  },
  '*': plain('Mul'),
  '/': plain('Div'),
  '//': ({ tape }, { a, b, dtype }) => {
    refuseZero(b, dtype);
    return computePairs(tape, a, b, dtype, (x, y) => Math.floor(x / y));
  },
  '%': ({ tape }, { a, b, dtype }) => {
    refuseZero(b, dtype);
    if (!tape.records([a, b])) return computePairs(tape, a, b, dtype, remainder);
    const quotient = computePairs(tape, a, b, dtype, (x, y) => Math.floor(x / y));
    return sub(tape, a, mul(tape, b, quotient));
  },
  '**': ({ tape }, operands) => power(tape, operands),
  '&': bitwise((x, y) => x & y),
  '|': bitwise((x, y) => x | y),
  '^': bitwise((x, y) => x ^ y),
};

function refuseZero(divisor: Variable, dtype: DType): void {
  if (dtype.kind !== 'float' && divisor.array.includes(0)) throw new PythonError('RuntimeError', 'ZeroDivisionError');
}

/** With the sign of the divisor, as in Python. */
function remainder(x: number, y: number): number {
  const rest = x % y;
  return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
}

function bitwise(f: (x: bigint, y: bigint) => bigint): Operation {
  return ({ tape }, { a, b, dtype }) => {
    if (dtype.kind === 'float')
      throw new PythonError(
        'RuntimeError',
        `"bitwise" not implemented for '${dtype.scalarName}'. Hint: it takes bool and whole numbers; compare first, (x > 0) & (y > 0).`,
      );
    return computePairs(tape, a, b, dtype, (x, y) => Number(f(BigInt(x), BigInt(y))));
  };
}

function power(tape: Session['tape'], { a, b, dtype, tensors, secondIsNumber }: Operands): Variable {
  if (dtype.kind !== 'float' && b.array.some((exponent) => exponent < 0))
    throw new PythonError('RuntimeError', 'Integers to negative integer powers are not allowed.');
  // Which of both was a number.
  const form = tensors.length > 1 ? 1 : secondIsNumber ? 0 : 2;
  return binary(tape, 'Pow', a, b, { name: `PowBackward${form}` });
}

export function addArithmetic(library: Library): void {
  const { session } = library;
  const { tape } = session;
  const operation =
    (operator: keyof typeof operations) =>
    (args: Value[]): Tensor => {
      const operands = required(session, args, operator === '/');
      return session.wrap(operations[operator](session, operands), operands.tensors);
    };
  /** input ± alpha · other */
  const scaled =
    (operator: '+' | '-') =>
    ([input = null, other = null, alpha = 1n]: Value[], context: CallContext): Tensor => {
      const factor = toNumber(alpha, context);
      return operation(operator)([input, factor === 1 ? other : operation('*')([other, alpha])]);
    };
  library.withInPlace('add', 'input, other, *, alpha=1', scaled('+'), 'input + alpha · other, with broadcasting.');
  library.withInPlace('sub', 'input, other, *, alpha=1', scaled('-'), 'input - alpha · other.');
  library.withInPlace('mul', 'input, other', operation('*'), 'input · other, element by element.');
  library.withInPlace(
    'div',
    'input, other, *, rounding_mode=None',
    ([input = null, other = null, mode = null]) => {
      if (mode === 'floor') return operation('//')([input, other]);
      const quotient = operation('/')([input, other]);
      if (mode !== 'trunc') return quotient;
      const whole = computePairs(tape, quotient.variable, numberOf(0, quotient.dtype), quotient.dtype, Math.trunc);
      return session.wrap(cast(tape, whole, required(session, [input, other]).dtype), [quotient]);
    },
    'input / other.',
  );
  library.withInPlace('pow', 'input, exponent', operation('**'), 'input to a power.');
  library.withInPlace('remainder', 'input, other', operation('%'), 'The rest of a division, with the sign of other.');
  library.withInPlace('floor_divide', 'input, other', operation('//'));
  library.withInPlace('fmod', 'input, other', (args) => {
    const { a, b, dtype, tensors } = required(session, args);
    return session.wrap(
      computePairs(tape, a, b, dtype, (x, y) => x % y),
      tensors,
    );
  });
  for (const [name, operator] of [
    ['bitwise_and', '&'],
    ['bitwise_or', '|'],
    ['bitwise_xor', '^'],
  ] as const)
    library.withInPlace(name, 'input, other', operation(operator));
  library.withInPlace('neg', 'input', ([input]) => negative(session, toTensor(input)), '-input.');
  library.both('rsub', 'input, other', ([input = null, other = null]) => operation('-')([other, input]));
  for (const [name, opType] of [
    ['maximum', 'Max'],
    ['minimum', 'Min'],
  ] as const)
    library.both(
      name,
      'input, other',
      (args) => {
        const { a, b, tensors } = required(session, args);
        return session.wrap(
          binary(tape, opType, a, b, { name: `${name[0]?.toUpperCase()}${name.slice(1)}Backward0` }),
          tensors,
        );
      },
      `The ${name === 'maximum' ? 'larger' : 'smaller'} of each pair.`,
    );
  library.both('atan2', 'input, other', (args) => {
    const { a, b, dtype, tensors } = required(session, args, true);
    return session.wrap(computePairs(tape, a, b, dtype, Math.atan2), tensors);
  });
  library.withInPlace(
    'addcmul',
    'input, tensor1, tensor2, *, value=1',
    ([input = null, x = null, y = null, value = 1n]) =>
      operation('+')([input, operation('*')([operation('*')([x, y]), value])]),
  );
  library.withInPlace(
    'addcdiv',
    'input, tensor1, tensor2, *, value=1',
    ([input = null, x = null, y = null, value = 1n]) =>
      operation('+')([input, operation('*')([operation('/')([x, y]), value])]),
  );
  library.withInPlace('lerp', 'input, end, weight', ([input = null, end = null, weight = null]) =>
    operation('+')([input, operation('*')([weight, operation('-')([end, input])])]),
  );
  library.alias('sub', 'subtract');
  library.alias('mul', 'multiply');
  library.alias('div', 'divide', 'true_divide');
  library.alias('neg', 'negative');
}

export function negative(session: Session, input: Tensor): Tensor {
  if (input.dtype === bool)
    throw new PythonError(
      'RuntimeError',
      'Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.',
    );
  return session.wrap(unary(session.tape, 'Neg', input.variable), [input]);
}
