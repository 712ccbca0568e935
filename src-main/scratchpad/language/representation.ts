import { PyDict, PySet } from './containers';
import { typeError } from './errors';
import { baseException, exceptionText } from './exceptions';
import { formatFloat as formatFloatSpec, formatInt, formatString } from './format';
import { formatFloat } from './floats';
import { HostFunction, HostObject, type CallContext } from './host';
import { formatInteger } from './integers';
import { quote } from './text';
import { typeName } from './type-names';
import {
  PyClass,
  PyEllipsis,
  PyFunction,
  PyInstance,
  PyList,
  PyMethod,
  PyRange,
  PySlice,
  PyTuple,
  type Value,
} from './values';

/** Containers whose text is being made: one inside itself is written as [...]. */
const active = new Set<object>();

function guarded(value: object, recursive: string, write: () => string): string {
  if (active.has(value)) return recursive;
  active.add(value);
  try {
    return write();
  } finally {
    active.delete(value);
  }
}

function list(items: Iterable<Value>, context: CallContext): string {
  const parts: string[] = [];
  for (const item of items) {
    context.charge(1);
    const text = context.repr(item);
    context.chargeMemory(text.length + 2);
    parts.push(text);
  }
  return parts.join(', ');
}

/** repr(value) */
export function repr(value: Value, context: CallContext): string {
  switch (typeof value) {
    case 'boolean':
      return value ? 'True' : 'False';
    case 'bigint':
      return formatInteger(value);
    case 'number':
      return formatFloat(value);
    case 'string':
      context.charge(value.length >> 6);
      return quote(value);
  }
  if (value === null) return 'None';
  if (value instanceof PyList) return guarded(value, '[...]', () => `[${list(value.items, context)}]`);
  if (value instanceof PyTuple) {
    const comma = value.items.length === 1 ? ',' : '';
    return guarded(value, '(...)', () => `(${list(value.items, context)}${comma})`);
  }
  if (value instanceof PyDict) return guarded(value, '{...}', () => `{${entries(value, context)}}`);
  if (value instanceof PySet) return value.size === 0 ? 'set()' : `{${list(value.values(), context)}}`;
  if (value instanceof HostObject) return value.repr(context);
  if (value instanceof PyInstance) return reprInstance(value, context);
  return reprOther(value, context);
}

function entries(dict: PyDict, context: CallContext): string {
  const parts: string[] = [];
  for (const [key, value] of dict.entries()) {
    context.charge(1);
    const text = `${context.repr(key)}: ${context.repr(value)}`;
    context.chargeMemory(text.length + 2);
    parts.push(text);
  }
  return parts.join(', ');
}

function reprInstance(value: PyInstance, context: CallContext): string {
  const method = value.type.lookup('__repr__');
  if (method !== undefined) return textOf(context.call(method, [value]), '__repr__');
  const args = value.attributes.get('args');
  if (value.type.isSubclassOf(baseException) && args instanceof PyTuple)
    return `${value.type.name}(${list(args.items, context)})`;
  return `<${qualified(value.type)} object>`;
}

const qualified = (type: PyClass): string => (type.module === 'builtins' ? type.name : `${type.module}.${type.name}`);

function reprOther(value: Exclude<Value, null | boolean | bigint | number | string>, context: CallContext): string {
  if (value instanceof PyClass) return `<class '${qualified(value)}'>`;
  if (value instanceof PyFunction) return `<function ${value.code.signature.functionName}>`;
  if (value instanceof HostFunction) return `<built-in function ${value.name}>`;
  if (value instanceof PyMethod) return `<bound method ${typeName(value.self)}.${value.callee.name}>`;
  if (value instanceof PyRange) {
    const { start, stop, step } = value;
    return step === 1n ? `range(${start}, ${stop})` : `range(${start}, ${stop}, ${step})`;
  }
  if (value instanceof PySlice) return `slice(${list([value.start, value.stop, value.step], context)})`;
  if (value instanceof PyEllipsis) return 'Ellipsis';
  return typeName(value) === 'NotImplementedType' ? 'NotImplemented' : `<${typeName(value)} object>`;
}

function textOf(value: Value, method: string): string {
  if (typeof value !== 'string') throw typeError(`${method} returned non-string (type ${typeName(value)})`);
  return value;
}

/** str(value) */
export function str(value: Value, context: CallContext): string {
  if (typeof value === 'string') return value;
  if (value instanceof HostObject && value.str) return value.str(context);
  if (value instanceof PyInstance) {
    const method = value.type.lookup('__str__');
    if (method !== undefined) return textOf(context.call(method, [value]), '__str__');
    if (value.type.isSubclassOf(baseException)) return exceptionText(value, context);
  }
  return context.repr(value);
}

/** format(value, spec) */
export function format(value: Value, spec: string, context: CallContext): string {
  if (value instanceof HostObject && value.format) return value.format(spec, context);
  if (value instanceof PyInstance) {
    const method = value.type.lookup('__format__');
    if (method !== undefined) return textOf(context.call(method, [value, spec]), '__format__');
  }
  if (spec === '') return context.str(value);
  switch (typeof value) {
    case 'string':
      return formatString(value, spec);
    case 'bigint':
      return formatInt(value, spec);
    case 'boolean':
      return formatInt(value ? 1n : 0n, spec, 'bool');
    case 'number':
      return formatFloatSpec(value, spec, formatFloat);
    default:
      throw typeError(`unsupported format string passed to ${typeName(value)}.__format__`);
  }
}
