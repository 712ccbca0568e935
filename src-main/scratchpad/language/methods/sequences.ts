import { integerOf, sizeOf } from '../convert';
import { indexError, valueError } from '../errors';
import type { CallContext } from '../host';
import { compare } from '../comparison';
import { placeOf, sliceRange } from '../slices';
import { PyList, PySlice, PyTuple, type Value } from '../values';
import { methodTable } from './table';
import { elementBytes, referenceBytes } from '../sizes';

/** Sorted by `<` alone, stable, `key` called once for each. */
export function sorted(items: readonly Value[], key: Value, reverse: boolean, context: CallContext): Value[] {
  context.chargeMemory(32 * items.length);
  const keyed = items.map((item) => {
    context.charge(1);
    return { item, key: key === null ? item : context.call(key, [item]) };
  });
  const less = (left: Value, right: Value): boolean => {
    context.charge(1);
    return context.truth(compare('<', left, right, context));
  };
  // Reversed twice, so that equal ones stay in their order.
  if (reverse) keyed.reverse();
  keyed.sort((a, b) => (less(a.key, b.key) ? -1 : less(b.key, a.key) ? 1 : 0));
  if (reverse) keyed.reverse();
  return keyed.map(({ item }) => item);
}

function indexOf(items: readonly Value[], [wanted, start, end]: Value[], context: CallContext): number {
  const range = sliceRange(new PySlice(start ?? null, end ?? null, null), items.length, context);
  for (let i = range.start; i < range.start + range.count; i++) {
    context.charge(1);
    if (items[i] === wanted || context.equal(items[i] as Value, wanted as Value)) return i;
  }
  return -1;
}

function count(items: readonly Value[], [wanted]: Value[], context: CallContext): bigint {
  let times = 0n;
  for (const item of items) {
    context.charge(1);
    if (item === wanted || context.equal(item, wanted as Value)) times++;
  }
  return times;
}

export const listMethods = methodTable('list', (value): value is PyList => value instanceof PyList, {
  append: [
    'object, /',
    ({ items }, [item], context) => {
      context.chargeMemory(elementBytes);
      items.push(item as Value);
      return null;
    },
    'Adds a value at the end.',
  ],
  extend: [
    'iterable, /',
    ({ items }, [more], context) => {
      for (const item of [...context.iterate(more as Value)]) {
        context.chargeMemory(elementBytes);
        items.push(item);
      }
      return null;
    },
    'Adds all values of the iterable at the end.',
  ],
  insert: [
    'index, object, /',
    ({ items }, [index, item], context) => {
      const written = sizeOf(index as Value, context);
      context.charge(items.length >> 6);
      context.chargeMemory(elementBytes);
      items.splice(Math.max(0, written < 0 ? written + items.length : written), 0, item as Value);
      return null;
    },
    'Puts a value before the one at index.',
  ],
  pop: [
    'index=-1, /',
    ({ items }, [index], context) => {
      if (items.length === 0) throw indexError('pop from empty list');
      if (index === -1n) return items.pop() as Value;
      const place = placeOf(integerOf(index as Value, context), items.length);
      if (place === undefined) throw indexError('pop index out of range');
      context.charge(items.length >> 6);
      return items.splice(place, 1)[0] as Value;
    },
    'Takes out the value at index (the last one) and returns it.',
  ],
  remove: [
    'value, /',
    ({ items }, args, context) => {
      const place = indexOf(items, args, context);
      if (place < 0) throw valueError('list.remove(x): x not in list');
      items.splice(place, 1);
      return null;
    },
    'Takes out the first value that is equal.',
  ],
  clear: ['', ({ items }) => ((items.length = 0), null), 'Takes out everything.'],
  index: [
    'value, start=None, end=None, /',
    ({ items }, args, context) => {
      const place = indexOf(items, args, context);
      if (place < 0) throw valueError(`${context.repr(args[0] as Value)} is not in list`);
      return BigInt(place);
    },
    'Index of the first value that is equal.',
  ],
  count: ['value, /', ({ items }, args, context) => count(items, args, context), 'How many values are equal.'],
  sort: [
    '*, key=None, reverse=False',
    ({ items }, [key, reverse], context) => {
      const result = sorted(items, key as Value, context.truth(reverse as Value), context);
      for (let i = 0; i < result.length; i++) items[i] = result[i] as Value;
      return null;
    },
    'Sorts the list itself.',
  ],
  reverse: ['', ({ items }) => (items.reverse(), null), 'Turns the list itself round.'],
  copy: [
    '',
    ({ items }, _, context) => {
      context.chargeMemory(referenceBytes * items.length);
      return new PyList(items.slice());
    },
    'A new list of the same values.',
  ],
});

export const tupleMethods = methodTable('tuple', (value): value is PyTuple => value instanceof PyTuple, {
  index: [
    'value, start=None, end=None, /',
    ({ items }, args, context) => {
      const place = indexOf(items, args, context);
      if (place < 0) throw valueError('tuple.index(x): x not in tuple');
      return BigInt(place);
    },
    'Index of the first value that is equal.',
  ],
  count: ['value, /', ({ items }, args, context) => count(items, args, context), 'How many values are equal.'],
});
