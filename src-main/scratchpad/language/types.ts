import { PyDict, PySet } from './containers';
import { integerOf, numberOf, sizeOf } from './convert';
import { typeError, valueError } from './errors';
import { parseFloatText, truncate } from './floats';
import { HostFunction, HostObject, type CallContext, type HostBody } from './host';

import { parseInteger, toFloat as integerToFloat } from './integers';
import { dictMethods, setMethods, updateDict } from './methods/dicts';
import { floatMethods, integerMethods } from './methods/numbers';
import { listMethods, tupleMethods } from './methods/sequences';
import { stringMethods } from './methods/strings';
import { quote } from './text';
import { typeName } from './type-names';
import {
  PyClass,
  PyClassMethod,
  PyEllipsis,
  PyFunction,
  PyInstance,
  PyIterator,
  PyList,
  PyMethod,
  PyNotImplemented,
  PyProperty,
  PyRange,
  PySlice,
  PyStaticMethod,
  PySuper,
  PyTuple,
  type Value,
} from './values';
import { elementBytes } from './sizes';

/** The classes of built-in values: callable, with their methods. */

function builtin(
  name: string,
  signature: string,
  body: HostBody,
  attributes: Iterable<readonly [string, Value]> = [],
  base: PyClass | null = null,
): PyClass {
  const construct = new HostFunction(name, signature, body);
  return new PyClass(name, base, attributes, { module: 'builtins', construct });
}

const hidden = (name: string): PyClass => new PyClass(name, null, [], { module: 'builtins' });

function collect(iterable: Value, context: CallContext): Value[] {
  const items: Value[] = [];
  for (const item of context.iterate(iterable)) {
    context.chargeMemory(elementBytes);
    items.push(item);
  }
  return items;
}

function toInteger([value, base]: Value[], context: CallContext): Value {
  const radix = base === null ? 10 : sizeOf(base as Value, context);
  if (typeof value === 'string') {
    if (radix !== 0 && (radix < 2 || radix > 36)) throw valueError('int() base must be >= 2 and <= 36, or 0');
    return parseInteger(value, radix, quote(value));
  }
  if (base !== null) throw typeError("int() can't convert non-string with explicit base");
  const number = numberOf(value as Value, context) ?? numberFrom(value as Value, ['__int__', '__index__'], context);
  if (number === undefined)
    throw typeError(
      `int() argument must be a string, a bytes-like object or a real number, not '${typeName(value as Value)}'`,
    );
  return typeof number === 'bigint' ? number : truncate(number);
}

function toFloat([value]: Value[], context: CallContext): Value {
  if (typeof value === 'string') return parseFloatText(value, quote(value));
  const number = numberOf(value as Value, context) ?? numberFrom(value as Value, ['__float__'], context);
  if (number === undefined)
    throw typeError(`float() argument must be a string or a real number, not '${typeName(value as Value)}'`);
  return typeof number === 'bigint' ? integerToFloat(number) : number;
}

/** What a class of the program gives for a number. */
function numberFrom(value: Value, names: readonly string[], context: CallContext): bigint | number | undefined {
  if (!(value instanceof PyInstance)) return undefined;
  for (const name of names) {
    const method = value.type.lookup(name);
    if (method !== undefined) return numberOf(context.call(method, [value]), context);
  }
  return undefined;
}

function toRange([first, second, third]: Value[], context: CallContext): Value {
  const start = integerOf(first as Value, context);
  if (second === null) return new PyRange(0n, start, 1n);
  const step = third === null ? 1n : integerOf(third as Value, context);
  if (step === 0n) throw valueError('range() arg 3 must not be zero');
  return new PyRange(start, integerOf(second as Value, context), step);
}

const int = builtin('int', 'x=0, /, base=None', toInteger, integerMethods);

export const types = {
  object: new PyClass('object', null, [], { module: 'builtins' }),
  int,
  bool: builtin('bool', 'x=False, /', ([value], context) => context.truth(value as Value), [], int),
  float: builtin('float', 'x=0.0, /', toFloat, floatMethods),
  str: builtin('str', "object='', /", ([value], context) => context.str(value as Value), stringMethods),
  list: builtin(
    'list',
    'iterable=(), /',
    ([value], context) => new PyList(collect(value as Value, context)),
    listMethods,
  ),
  tuple: builtin(
    'tuple',
    'iterable=(), /',
    ([value], context) => (value instanceof PyTuple ? value : new PyTuple(collect(value as Value, context))),
    tupleMethods,
  ),
  dict: builtin(
    'dict',
    'other=(), /, **kwargs',
    ([other, keywords], context) => {
      const dict = new PyDict();
      updateDict(dict, other as Value, context);
      updateDict(dict, keywords as Value, context);
      return dict;
    },
    dictMethods,
  ),
  set: builtin('set', 'iterable=(), /', ([value], context) => new PySet(collect(value as Value, context)), setMethods),
  range: builtin('range', 'start, stop=None, step=None, /', toRange),
  slice: builtin('slice', '*args', ([args]) => {
    const [first, second, third] = (args as PyTuple).items;
    if (first === undefined) throw typeError('slice expected at least 1 argument, got 0');
    return second === undefined ? new PySlice(null, first, null) : new PySlice(first, second, third ?? null);
  }),
  property: builtin(
    'property',
    'fget, fset=None',
    ([getter, setter]) => new PyProperty(getter as Value, setter as Value),
  ),
  staticmethod: builtin('staticmethod', 'function, /', ([callee]) => new PyStaticMethod(callee as Value)),
  classmethod: builtin('classmethod', 'function, /', ([callee]) => new PyClassMethod(callee as Value)),
  type: builtin('type', 'object, /', ([value]) => typeOf(value as Value)),
} as const;

const none = hidden('NoneType');
const others: readonly [new (...args: never[]) => object, PyClass][] = [
  [PyList, types.list],
  [PyTuple, types.tuple],
  [PyDict, types.dict],
  [PySet, types.set],
  [PyRange, types.range],
  [PySlice, types.slice],
  [PyClass, types.type],
  [PyFunction, hidden('function')],
  [PyMethod, hidden('method')],
  [HostFunction, hidden('builtin_function_or_method')],
  [PyProperty, types.property],
  [PyStaticMethod, types.staticmethod],
  [PyClassMethod, types.classmethod],
  [PySuper, hidden('super')],
];
const ellipsis = hidden('ellipsis');
const notImplemented = hidden('NotImplementedType');
const iteratorTypes = new Map<string, PyClass>();

/** type(value) */
export function typeOf(value: Value): PyClass {
  if (value === null) return none;
  switch (typeof value) {
    case 'boolean':
      return types.bool;
    case 'bigint':
      return types.int;
    case 'number':
      return types.float;
    case 'string':
      return types.str;
  }
  if (value instanceof PyInstance || value instanceof HostObject) return value.type;
  if (value instanceof PyIterator) {
    const known = iteratorTypes.get(value.typeName) ?? hidden(value.typeName);
    iteratorTypes.set(value.typeName, known);
    return known;
  }
  if (value === PyEllipsis.value) return ellipsis;
  if (value === PyNotImplemented.value) return notImplemented;
  return others.find(([constructor]) => value instanceof constructor)?.[1] ?? types.object;
}

/** isinstance(value, type) */
export function isInstance(value: Value, type: Value): boolean {
  if (type instanceof PyTuple) return type.items.some((one) => isInstance(value, one));
  if (!(type instanceof PyClass)) throw typeError('isinstance() arg 2 must be a type, a tuple of types, or a union');
  return type === types.object || typeOf(value).isSubclassOf(type);
}
