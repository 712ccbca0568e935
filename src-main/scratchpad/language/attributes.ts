import { PyDict } from './containers';
import { attributeError, typeError, withHint, type PythonError } from './errors';
import { stopIteration } from './exceptions';
import { HostFunction, HostModule, HostObject, type CallContext } from './host';
import { typeName } from './type-names';
import { typeOf } from './types';
import {
  PyClass,
  PyClassMethod,
  PyFunction,
  PyInstance,
  PyIterator,
  PyMethod,
  PyProperty,
  PyStaticMethod,
  PySuper,
  PyTuple,
  type Value,
} from './values';
import { entryBytes } from './sizes';

/**
 * value.name. Everything is looked up in tables that the host filled on purpose, or that the program filled itself; nothing here
 * reads a property of a JavaScript object by a name of the program.
 */

/** What `object.__init__` and the like are for classes that define none. */
const emptyInit = new HostFunction('__init__', 'self, /, *args, **kwargs', () => null);
const plainSetAttribute = new HostFunction('__setattr__', 'self, name: str, value, /', ([self, name, value]) => {
  (self as PyInstance).attributes.set(name as string, value as Value);
  return null;
});

/** Undefined: there is none. */
export function findAttribute(value: Value, name: string, context: CallContext): Value | undefined {
  if (value instanceof PyInstance) return instanceAttribute(value, name, context);
  if (value instanceof HostObject) {
    // None is an answer, too.
    const own = value.attribute(name, context);
    return own === undefined ? commonAttribute(value, name) : own;
  }
  if (value instanceof PyClass) return classAttribute(value, name);
  if (value instanceof PySuper) return superAttribute(value, name, context);
  if (value instanceof PyFunction) return functionAttribute(value, name);
  if (value instanceof PyMethod) {
    if (name === '__self__') return value.self;
    return name === '__func__' ? value.callee : findAttribute(value.callee, name, context);
  }
  if (value instanceof HostFunction) {
    if (name === '__name__') return value.name;
    return name === '__doc__' ? value.help : commonAttribute(value, name);
  }
  if (value instanceof PyIterator) return iteratorAttribute(value, name);
  if (value instanceof PyProperty && name === 'setter')
    return new HostFunction('setter', 'function, /', ([setter]) => new PyProperty(value.getter, setter as Value));
  const found = typeOf(value).lookup(name);
  if (found instanceof HostFunction) return new PyMethod(value, found);
  return commonAttribute(value, name);
}

const commonAttribute = (value: Value, name: string): Value | undefined =>
  name === '__class__' ? typeOf(value) : name === '__doc__' ? null : undefined;

/** An attribute of a class as its instance sees it. */
function bound(found: Value, self: Value, type: PyClass, context: CallContext): Value {
  if (found instanceof PyFunction || found instanceof HostFunction) return new PyMethod(self, found);
  if (found instanceof PyProperty) return context.call(found.getter, [self]);
  if (found instanceof PyStaticMethod) return found.callee;
  if (found instanceof PyClassMethod) return new PyMethod(type, found.callee as PyFunction);
  return found;
}

function instanceAttribute(value: PyInstance, name: string, context: CallContext): Value | undefined {
  const { type } = value;
  const found = type.lookup(name);
  if (found instanceof PyProperty) return context.call(found.getter, [value]);
  const own = value.attributes.get(name);
  if (own !== undefined) return own;
  if (found !== undefined) return bound(found, value, type, context);
  if (name === '__dict__') return new PyDict(value.attributes);
  if (name === '__class__') return type;
  const fallback = type.lookup('__getattr__');
  if (fallback !== undefined) return context.call(fallback, [value, name]);
  return commonAttribute(value, name);
}

function classAttribute(type: PyClass, name: string): Value | undefined {
  const found = type.lookup(name);
  if (found instanceof PyStaticMethod) return found.callee;
  if (found instanceof PyClassMethod) return new PyMethod(type, found.callee as PyFunction);
  if (found !== undefined) return found;
  if (name === '__name__' || name === '__qualname__') return type.name;
  if (name === '__module__') return type.module;
  if (name === '__init__') return emptyInit;
  return commonAttribute(type, name);
}

function superAttribute({ type, self }: PySuper, name: string, context: CallContext): Value | undefined {
  const found = type.base?.lookup(name);
  if (found !== undefined) return bound(found, self, self.type, context);
  if (name === '__init__') return new PyMethod(self, emptyInit);
  return name === '__setattr__' ? new PyMethod(self, plainSetAttribute) : undefined;
}

function functionAttribute(value: PyFunction, name: string): Value | undefined {
  if (name === '__name__') return value.attributes.get(name) ?? value.name;
  if (name === '__qualname__') return value.attributes.get(name) ?? value.code.signature.functionName;
  if (name === '__doc__') return value.attributes.get(name) ?? value.code.documentation;
  if (name === '__defaults__') return new PyTuple(value.code.defaults.filter((one) => one !== undefined));
  return value.attributes.get(name) ?? commonAttribute(value, name);
}

function iteratorAttribute(value: PyIterator, name: string): Value | undefined {
  const step = (result: IteratorResult<Value, Value>): Value => {
    if (result.done) throw stopIteration(result.value);
    return result.value;
  };
  switch (name) {
    case '__next__':
      return new HostFunction('__next__', '', () => step(value.iterator.next(null)));
    case '__iter__':
      return new HostFunction('__iter__', '', () => value);
    case 'send':
      if (!value.iterator.return) return undefined;
      return new HostFunction('send', 'value, /', ([sent]) => step(value.iterator.next(sent as Value)));
    case 'close':
      return value.iterator.return && new HostFunction('close', '', () => (value.iterator.return?.(null), null));
    default:
      return commonAttribute(value, name);
  }
}

export function getAttribute(value: Value, name: string, context: CallContext): Value {
  const found = findAttribute(value, name, context);
  if (found === undefined) throw missingAttribute(value, name);
  return found;
}

export function missingAttribute(value: Value, name: string): PythonError {
  const similar = closest(name, attributeNames(value));
  return withHint(
    attributeError(
      value instanceof HostModule
        ? `module '${value.name}' has no attribute '${name}'`
        : value instanceof PyClass
          ? `type object '${value.name}' has no attribute '${name}'`
          : `'${typeName(value)}' object has no attribute '${name}'`,
    ),
    similar === null ? null : `did you mean ${similar}?`,
  );
}

export function setAttribute(value: Value, name: string, assigned: Value, context: CallContext): void {
  if (value instanceof PyInstance) {
    const property = value.type.lookup(name);
    const override = value.type.lookup('__setattr__');
    if (override !== undefined) {
      context.call(override, [value, name, assigned]);
    } else if (property instanceof PyProperty) {
      if (property.setter === null)
        throw attributeError(`property '${name}' of '${value.type.name}' object has no setter`);
      context.call(property.setter, [value, assigned]);
    } else {
      context.chargeMemory(entryBytes);
      value.attributes.set(name, assigned);
    }
  } else if (value instanceof HostObject) {
    if (!value.setAttribute) throw missingOrReadOnly(value, name, context);
    value.setAttribute(name, assigned, context);
  } else if (value instanceof PyClass && value.module === '__main__') {
    context.chargeMemory(entryBytes);
    value.attributes.set(name, assigned);
  } else if (value instanceof PyClass) {
    throw typeError(`cannot set '${name}' attribute of immutable type '${value.name}'`);
  } else if (value instanceof PyFunction) {
    value.attributes.set(name, assigned);
  } else {
    throw missingOrReadOnly(value, name, context);
  }
}

function missingOrReadOnly(value: Value, name: string, context: CallContext): PythonError {
  if (findAttribute(value, name, context) === undefined) return missingAttribute(value, name);
  return attributeError(`'${typeName(value)}' object attribute '${name}' is read-only`);
}

export function deleteAttribute(value: Value, name: string): void {
  const own =
    value instanceof PyInstance ||
    (value instanceof PyClass && value.module === '__main__') ||
    value instanceof PyFunction
      ? value.attributes
      : null;
  if (!own?.delete(name)) throw missingAttribute(value, name);
}

/** Names after a dot: for suggestions, dir() and hints. */
export function attributeNames(value: Value): Set<string> {
  const names = new Set<string>();
  const addClass = (type: PyClass | null): void => {
    for (let at = type; at; at = at.base) for (const name of at.attributes.keys()) names.add(name);
  };
  if (value instanceof HostObject) for (const name of value.attributeNames()) names.add(name);
  else if (value instanceof PyInstance) for (const name of value.attributes.keys()) names.add(name);
  if (value instanceof PyFunction) for (const name of value.attributes.keys()) names.add(name);
  addClass(value instanceof PyClass ? value : value instanceof HostObject ? null : typeOf(value));
  return names;
}

/** The name that was most likely meant; null: none is near. */
export function closest(name: string, candidates: Iterable<string>): string | null {
  let best: string | null = null;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= least || candidate.startsWith('__')) continue;
    const distance = editDistance(name, candidate);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** Letters added, left out, changed, or two neighbours exchanged. */
function editDistance(left: string, right: string): number {
  if (left.length > 50 || right.length > 50) return Infinity;
  let beforeThat: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const row = [i];
    for (let j = 1; j <= right.length; j++) {
      const change = (previous[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      const exchanged = i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      const exchange = exchanged ? (beforeThat[j - 2] ?? 0) + 1 : Infinity;
      row.push(Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, change, exchange));
    }
    [beforeThat, previous] = [previous, row];
  }
  return previous[right.length] ?? 0;
}

/** Whether a class of the program may be derived from it. */
export function assertBase(base: Value): PyClass {
  if (!(base instanceof PyClass)) throw typeError(`a base of a class must be a class, not '${typeName(base)}'`);
  if (base.construct !== null)
    throw withHint(
      typeError(`type '${base.name}' is not an acceptable base type here`),
      `keep the ${base.name} in an attribute of the class`,
    );
  return base;
}
