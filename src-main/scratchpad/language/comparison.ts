import { PyDict, PySet } from './containers';
import { typeError } from './errors';
import { HostObject, type CallContext, type CompareOperator } from './host';
import { callOverload } from './operators';
import { typeName } from './type-names';
import { PyInstance, PyList, PyMethod, PyRange, PyTuple, type Value } from './values';

const dunders: Readonly<Record<CompareOperator, string>> = {
  '==': '__eq__',
  '!=': '__ne__',
  '<': '__lt__',
  '<=': '__le__',
  '>': '__gt__',
  '>=': '__ge__',
};

const mirrored: Readonly<Record<CompareOperator, CompareOperator>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

/** left operator right. A host object may answer with anything (a tensor with a tensor). */
export function compare(operator: CompareOperator, left: Value, right: Value, context: CallContext): Value {
  if (left instanceof HostObject || right instanceof HostObject) {
    const result =
      (left instanceof HostObject ? left.compare?.(operator, right, context) : undefined) ??
      (right instanceof HostObject ? right.compare?.(mirrored[operator], left, context) : undefined);
    if (result !== undefined) return result;
  }
  if (left instanceof PyInstance || right instanceof PyInstance) {
    const result = compareInstances(operator, left, right, context);
    if (result !== undefined) return result;
  }
  if (operator === '==') return equalPlain(left, right, context);
  if (operator === '!=') return !equalPlain(left, right, context);
  return ordered(operator, left, right, context);
}

function compareInstances(
  operator: CompareOperator,
  left: Value,
  right: Value,
  context: CallContext,
): Value | undefined {
  if (left instanceof PyInstance) {
    const result = callOverload(left, dunders[operator], right, context);
    if (result !== undefined) return result;
  }
  if (right instanceof PyInstance) {
    const result = callOverload(right, dunders[mirrored[operator]], left, context);
    if (result !== undefined) return result;
  }
  if (operator !== '!=') return undefined;
  // As in Python, != is the opposite of == unless the class says otherwise.
  const equal = compareInstances('==', left, right, context);
  return equal === undefined ? undefined : !context.truth(equal);
}

/** left == right as a bool. */
export function equal(left: Value, right: Value, context: CallContext): boolean {
  if (left === right) return typeof left !== 'number' || !Number.isNaN(left);
  if (typeof left === 'string' && typeof right === 'string') return false;
  return context.truth(compare('==', left, right, context));
}

const isNumber = (value: Value): value is bigint | number | boolean =>
  typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean';

const plain = (value: bigint | number | boolean): bigint | number =>
  typeof value === 'boolean' ? Number(value) : value;

function equalPlain(left: Value, right: Value, context: CallContext): boolean {
  if (isNumber(left) && isNumber(right)) {
    const [a, b] = [plain(left), plain(right)];
    // JavaScript compares a bigint and a number by their exact values, as Python does.
    return typeof a === typeof b ? a === b : a <= b && a >= b;
  }
  if (left === right) return true;
  if (left instanceof PyList && right instanceof PyList) return equalItems(left.items, right.items, context);
  if (left instanceof PyTuple && right instanceof PyTuple) return equalItems(left.items, right.items, context);
  if (left instanceof PyDict && right instanceof PyDict) return equalDicts(left, right, context);
  if (left instanceof PySet && right instanceof PySet)
    return left.size === right.size && [...left.values()].every((item) => right.has(item));
  if (left instanceof PyRange && right instanceof PyRange)
    return (
      left.length === right.length &&
      (left.length === 0n || (left.start === right.start && (left.length === 1n || left.step === right.step)))
    );
  if (left instanceof PyMethod && right instanceof PyMethod)
    return left.self === right.self && left.callee === right.callee;
  return false;
}

function equalItems(left: readonly Value[], right: readonly Value[], context: CallContext): boolean {
  if (left.length !== right.length) return false;
  return left.every((item, index) => {
    context.charge(1);
    const other = right[index] as Value;
    return item === other || equal(item, other, context);
  });
}

function equalDicts(left: PyDict, right: PyDict, context: CallContext): boolean {
  if (left.size !== right.size) return false;
  for (const [key, value] of left.entries()) {
    context.charge(1);
    const other = right.get(key);
    if (other === undefined || (other !== value && !equal(value, other, context))) return false;
  }
  return true;
}

function ordered(
  operator: Exclude<CompareOperator, '==' | '!='>,
  left: Value,
  right: Value,
  context: CallContext,
): boolean {
  if (isNumber(left) && isNumber(right)) return decide(operator, plain(left), plain(right));
  if (typeof left === 'string' && typeof right === 'string') return decide(operator, compareText(left, right), 0);
  if ((left instanceof PyList && right instanceof PyList) || (left instanceof PyTuple && right instanceof PyTuple)) {
    const [a, b] = [left.items, right.items];
    for (let i = 0; i < a.length && i < b.length; i++) {
      context.charge(1);
      const [x, y] = [a[i] as Value, b[i] as Value];
      if (x !== y && !equal(x, y, context)) return context.truth(compare(operator, x, y, context));
    }
    return decide(operator, a.length, b.length);
  }
  if (left instanceof PySet && right instanceof PySet) {
    const within = (a: PySet, b: PySet): boolean => [...a.values()].every((item) => b.has(item));
    const [small, large] = operator.startsWith('<') ? [left, right] : [right, left];
    return within(small, large) && (operator.endsWith('=') || small.size < large.size);
  }
  throw typeError(`'${operator}' not supported between instances of '${typeName(left)}' and '${typeName(right)}'`);
}

/** By code points: UTF-16 units would put characters beyond U+FFFF before some below it. */
function compareText(left: string, right: string): number {
  if (left === right) return 0;
  const surrogate = /[\ud800-\udfff]/;
  if (!surrogate.test(left) && !surrogate.test(right)) return left < right ? -1 : 1;
  const [a, b] = [[...left], [...right]];
  for (let i = 0; i < a.length && i < b.length; i++) {
    const difference = (a[i]?.codePointAt(0) ?? 0) - (b[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function decide(operator: CompareOperator, left: bigint | number, right: bigint | number): boolean {
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    default:
      return left >= right;
  }
}
