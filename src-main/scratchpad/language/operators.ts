import { PyDict, PySet } from './containers';
import { typeError, type PythonError } from './errors';
import * as floats from './floats';
import { HostObject, type BinaryOperator, type CallContext, type UnaryOperator } from './host';
import * as integers from './integers';
import { numberOf } from './convert';
import { percentFormat } from './percent';
import { typeName } from './type-names';
import { PyInstance, PyList, PyNotImplemented, PyTuple, type Value } from './values';
import { entryBytes, referenceBytes } from './sizes';

const dunders: Readonly<Record<BinaryOperator, string>> = {
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'truediv',
  '//': 'floordiv',
  '%': 'mod',
  '**': 'pow',
  '@': 'matmul',
  '&': 'and',
  '|': 'or',
  '^': 'xor',
  '<<': 'lshift',
  '>>': 'rshift',
};

/** left operator right, for all types. */
export function binary(operator: BinaryOperator, left: Value, right: Value, context: CallContext): Value {
  const result = tryBinary(operator, left, right, context);
  if (result === undefined) throw unsupported(operator, left, right);
  return result;
}

/** left operator= right: a new value, or left itself after it was changed. */
export function inPlace(operator: BinaryOperator, left: Value, right: Value, context: CallContext): Value {
  if (left instanceof PyList && operator === '+') {
    const added = right instanceof PyList ? right.items.slice() : [...context.iterate(right)];
    context.chargeMemory(referenceBytes * added.length);
    for (const item of added) left.items.push(item);
    return left;
  }
  if (left instanceof HostObject && left.inPlace) {
    const result = left.inPlace(operator, right, context);
    if (result !== undefined) return result;
  }
  if (left instanceof PyInstance) {
    const method = left.type.lookup(`__i${dunders[operator]}__`);
    if (method !== undefined) {
      const result = context.call(method, [left, right]);
      if (!(result instanceof PyNotImplemented)) return result;
    }
  }
  if (left instanceof PySet && right instanceof PySet && '|&-^'.includes(operator)) {
    const result = setOperation(operator, left, right) as PySet;
    const kept = [...result.values()];
    left.clear();
    for (const item of kept) left.add(item);
    return left;
  }
  const result = tryBinary(operator, left, right, context);
  if (result === undefined) throw unsupported(operator, left, right, '=');
  return result;
}

function tryBinary(operator: BinaryOperator, left: Value, right: Value, context: CallContext): Value | undefined {
  if (!(left instanceof HostObject) && !(right instanceof HostObject)) {
    const a = numberOf(left, context);
    const b = numberOf(right, context);
    if (a !== undefined && b !== undefined) {
      const both = typeof left === 'boolean' && typeof right === 'boolean';
      if (both && operator === '&') return left && right;
      if (both && operator === '|') return left || right;
      if (both && operator === '^') return left !== right;
      return typeof a === 'bigint' && typeof b === 'bigint'
        ? integerOperation(operator, a, b, context)
        : floatOperation(operator, a, b);
    }
    const result = sequenceOperation(operator, left, right, context);
    if (result !== undefined) return result;
  }
  return overloaded(operator, left, right, context);
}

function overloaded(operator: BinaryOperator, left: Value, right: Value, context: CallContext): Value | undefined {
  if (left instanceof HostObject) {
    const result = left.binary?.(operator, right, false, context);
    if (result !== undefined) return result;
  }
  if (left instanceof PyInstance) {
    const result = callOverload(left, `__${dunders[operator]}__`, right, context);
    if (result !== undefined) return result;
  }
  if (right instanceof HostObject) return right.binary?.(operator, left, true, context);
  if (right instanceof PyInstance) return callOverload(right, `__r${dunders[operator]}__`, left, context);
  return undefined;
}

/** What a class of the program defines for an operator; undefined: nothing, or NotImplemented. */
export function callOverload(object: PyInstance, name: string, other: Value, context: CallContext): Value | undefined {
  const method = object.type.lookup(name);
  if (method === undefined || method === null) return undefined;
  const result = context.call(method, [object, other]);
  return result instanceof PyNotImplemented ? undefined : result;
}

export function integerOperation(
  operator: BinaryOperator,
  a: bigint,
  b: bigint,
  context: CallContext,
): Value | undefined {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return integers.multiply(a, b, context);
    case '/':
      return integers.trueDivide(a, b);
    case '//':
      return integers.floorDivide(a, b);
    case '%':
      return integers.modulo(a, b);
    case '**':
      return b < 0n ? floats.powerFloats(integers.toFloat(a), integers.toFloat(b)) : integers.power(a, b, context);
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '<<':
      return integers.shiftLeft(a, b);
    case '>>':
      return integers.shiftRight(a, b);
    case '@':
      return undefined;
  }
}

function floatOperation(operator: BinaryOperator, left: bigint | number, right: bigint | number): Value | undefined {
  const a = typeof left === 'bigint' ? integers.toFloat(left) : left;
  const b = typeof right === 'bigint' ? integers.toFloat(right) : right;
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return floats.divideFloats(a, b);
    case '//':
      return floats.floorDivideFloats(a, b);
    case '%':
      return floats.moduloFloats(a, b);
    case '**':
      return floats.powerFloats(a, b);
    default:
      return undefined;
  }
}

function sequenceOperation(
  operator: BinaryOperator,
  left: Value,
  right: Value,
  context: CallContext,
): Value | undefined {
  if (operator === '+') {
    if (typeof left === 'string' && typeof right === 'string') {
      context.chargeMemory(left.length + right.length);
      return left + right;
    }
    if (left instanceof PyList && right instanceof PyList) return new PyList(joined(left.items, right.items, context));
    if (left instanceof PyTuple && right instanceof PyTuple)
      return new PyTuple(joined(left.items, right.items, context));
  } else if (operator === '*') {
    return repeated(left, right, context) ?? repeated(right, left, context);
  } else if (operator === '%' && typeof left === 'string') {
    return percentFormat(left, right, context);
  } else if (left instanceof PySet && right instanceof PySet) {
    context.charge((left.size + right.size) >> 2);
    return setOperation(operator, left, right);
  } else if (operator === '|' && left instanceof PyDict && right instanceof PyDict) {
    context.chargeMemory(entryBytes * (left.size + right.size));
    return new PyDict([...left.entries(), ...right.entries()]);
  }
  return undefined;
}

function joined(left: readonly Value[], right: readonly Value[], context: CallContext): Value[] {
  context.chargeMemory(referenceBytes * (left.length + right.length));
  context.charge((left.length + right.length) >> 4);
  return left.concat(right);
}

/** Longer arrays that are made in one go are sparse ones for V8, and slow. */
const longestPart = 2 ** 24;

function repeatItems(items: readonly Value[], total: number): Value[] {
  const { length } = items;
  if (length === 0) return [];
  const size = Math.min(total, Math.max(length, longestPart - (longestPart % length)));
  const part = new Array<Value>(size);
  for (let i = 0; i < size; i++) part[i] = items[i % length] as Value;
  let all = part;
  while (all.length < total) all = all.concat(total - all.length < size ? part.slice(0, total - all.length) : part);
  return all;
}

function repeated(sequence: Value, count: Value, context: CallContext): Value | undefined {
  if (typeof count !== 'bigint' && typeof count !== 'boolean') return undefined;
  const times = Math.max(0, Number(count));
  if (typeof sequence === 'string') {
    context.chargeMemory(sequence.length * times);
    return sequence.repeat(sequence === '' ? 0 : times);
  }
  if (!(sequence instanceof PyList) && !(sequence instanceof PyTuple)) return undefined;
  const { items } = sequence;
  context.chargeMemory(referenceBytes * items.length * times);
  context.charge((items.length * times) >> 4);
  const all = repeatItems(items, items.length * times);
  return sequence instanceof PyList ? new PyList(all) : new PyTuple(all);
}

export function setOperation(operator: BinaryOperator, left: PySet, right: PySet): PySet | undefined {
  const a = [...left.values()];
  const b = [...right.values()];
  switch (operator) {
    case '|':
      return new PySet([...a, ...b]);
    case '&':
      return new PySet(a.filter((item) => right.has(item)));
    case '-':
      return new PySet(a.filter((item) => !right.has(item)));
    case '^':
      return new PySet([...a.filter((item) => !right.has(item)), ...b.filter((item) => !left.has(item))]);
    default:
      return undefined;
  }
}

function unsupported(operator: BinaryOperator, left: Value, right: Value, suffix = ''): PythonError {
  const [a, b] = [typeName(left), typeName(right)];
  const isSequence = (value: Value): boolean =>
    typeof value === 'string' || value instanceof PyList || value instanceof PyTuple;
  if (operator === '+' && isSequence(left)) return typeError(`can only concatenate ${a} (not "${b}") to ${a}`);
  if (operator === '*' && isSequence(left)) return typeError(`can't multiply sequence by non-int of type '${b}'`);
  if (operator === '*' && isSequence(right)) return typeError(`can't multiply sequence by non-int of type '${a}'`);
  const shown = operator === '**' && suffix === '' ? '** or pow()' : operator + suffix;
  return typeError(`unsupported operand type(s) for ${shown}: '${a}' and '${b}'`);
}

const unaryNames: Readonly<Record<UnaryOperator, string>> = { '-': '__neg__', '+': '__pos__', '~': '__invert__' };

export function unary(operator: UnaryOperator, operand: Value, context: CallContext): Value {
  if (operand instanceof HostObject) {
    const result = operand.unary?.(operator, context);
    if (result !== undefined) return result;
  } else if (operand instanceof PyInstance) {
    const method = operand.type.lookup(unaryNames[operator]);
    if (method !== undefined) return context.call(method, [operand]);
  } else {
    const number = numberOf(operand, context);
    if (typeof number === 'bigint') return operator === '-' ? -number : operator === '~' ? ~number : number;
    if (number !== undefined && operator !== '~') return operator === '-' ? -number : number;
  }
  throw typeError(`bad operand type for unary ${operator}: '${typeName(operand)}'`);
}
