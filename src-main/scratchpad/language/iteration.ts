import { PyDict, PySet } from './containers';
import { PythonError, typeError } from './errors';
import { HostObject, type CallContext } from './host';
import { codePoints } from './text';
import { typeName } from './type-names';
import { PyInstance, PyIterator, PyList, PyRange, PyTuple, type Value } from './values';

/** for … in value. Throws TypeError for what cannot be iterated over. */
export function iteratorOf(value: Value, context: CallContext): Iterator<Value> {
  if (value instanceof PyList) return listIterator(value);
  if (value instanceof PyTuple) return value.items[Symbol.iterator]();
  if (value instanceof PyRange) return rangeIterator(value);
  if (value instanceof PyIterator) return value.iterator;
  if (typeof value === 'string') return (codePoints(value) ?? value)[Symbol.iterator]();
  if (value instanceof PyDict) return guarded(value, value.keys(), 'dictionary');
  if (value instanceof PySet) return guarded(value, value.values(), 'Set');
  if (value instanceof HostObject && value.iterate) return value.iterate(context)[Symbol.iterator]();
  if (value instanceof PyInstance) {
    const iterate = value.type.lookup('__iter__');
    if (iterate !== undefined) return objectIterator(context.call(iterate, [value]), context);
    const item = value.type.lookup('__getitem__');
    if (item !== undefined) return itemIterator(value, item, context);
  }
  throw typeError(`'${typeName(value)}' object is not iterable`);
}

export function isIterable(value: Value): boolean {
  if (typeof value === 'string') return true;
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof PyInstance)
    return ['__iter__', '__getitem__'].some((name) => value.type.lookup(name) !== undefined);
  if (value instanceof HostObject) return value.iterate !== undefined;
  return [PyList, PyTuple, PyDict, PySet, PyRange, PyIterator].some((type) => value instanceof type);
}

/** Sees what is appended on the way, as Python does. */
function listIterator({ items }: PyList): Iterator<Value> {
  let at = 0;
  return {
    next: () => (at < items.length ? { done: false, value: items[at++] as Value } : { done: true, value: null }),
  };
}

function rangeIterator({ start, step, length }: PyRange): Iterator<Value> {
  let next = start;
  const end = start + step * length;
  return {
    next: () => {
      if (next === end) return { done: true, value: null };
      const value = next;
      next += step;
      return { done: false, value };
    },
  };
}

export function* guarded<Item>(
  collection: { readonly size: number },
  values: Iterable<Item>,
  name: string,
): Generator<Item> {
  const { size } = collection;
  for (const value of values) {
    yield value;
    if (collection.size !== size) throw new PythonError('RuntimeError', `${name} changed size during iteration`);
  }
}

/** An object with `__next__`, or anything that can be iterated over. */
function objectIterator(iterator: Value, context: CallContext): Iterator<Value> {
  if (!(iterator instanceof PyInstance)) return iteratorOf(iterator, context);
  const next = iterator.type.lookup('__next__');
  if (next === undefined) throw typeError(`iter() returned non-iterator of type '${iterator.type.name}'`);
  return stopping(() => context.call(next, [iterator]), 'StopIteration');
}

/** The old protocol: `__getitem__` with 0, 1, 2, … */
function itemIterator(value: Value, item: Value, context: CallContext): Iterator<Value> {
  let index = 0n;
  return stopping(() => context.call(item, [value, index++]), 'IndexError');
}

function stopping(next: () => Value, end: 'StopIteration' | 'IndexError'): Iterator<Value> {
  return {
    next: () => {
      try {
        return { done: false, value: next() };
      } catch (error) {
        if (error instanceof PythonError && error.kind === end) return { done: true, value: null };
        throw error;
      }
    },
  };
}
