import { PyDict, PySet } from './containers';
import * as values from './values';
import type { Value } from './values';

const names: readonly [new (...args: never[]) => object, string][] = [
  [values.PyList, 'list'],
  [values.PyTuple, 'tuple'],
  [PyDict, 'dict'],
  [PySet, 'set'],
  [values.PySlice, 'slice'],
  [values.PyRange, 'range'],
  [values.PyFunction, 'function'],
  [values.PyMethod, 'method'],
  [values.PyClass, 'type'],
  [values.PySuper, 'super'],
  [values.PyProperty, 'property'],
  [values.PyStaticMethod, 'staticmethod'],
  [values.PyClassMethod, 'classmethod'],
];

/** As errors call the type of a value. */
export function typeName(value: Value): string {
  if (value === null) return 'NoneType';
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'float';
    case 'string':
      return 'str';
  }
  if (value instanceof values.PyInstance) return value.type.name;
  if ('typeName' in value) return value.typeName;
  if (value instanceof values.PyEllipsis) return 'ellipsis';
  if (value instanceof values.PyNotImplemented) return 'NotImplementedType';
  return names.find(([type]) => value instanceof type)?.[1] ?? 'object';
}
