import { PyDict, PySet } from '../containers';
import { PythonError, typeError } from '../errors';
import { errorOf, exceptionClasses, keyError, newException } from '../exceptions';
import type { CallContext } from '../host';
import { isIterable } from '../iteration';
import { setOperation } from '../operators';
import { type PyClass, PyTuple, type Value } from '../values';
import { DictView } from '../views';
import { methodTable } from './table';
import { entryBytes } from '../sizes';

/** Pairs, or another dict. */
export function updateDict(dict: PyDict, source: Value, context: CallContext): void {
  if (source instanceof PyDict) {
    context.chargeMemory(entryBytes * source.size);
    for (const [key, value] of [...source.entries()]) dict.set(key, value);
    return;
  }
  let index = 0;
  for (const pair of context.iterate(source)) {
    if (!isIterable(pair)) throw typeError(`cannot convert dictionary update sequence element #${index} to a sequence`);
    const items = [...context.iterate(pair)];
    if (items.length !== 2) {
      const message = `dictionary update sequence element #${index} has length ${items.length}; 2 is required`;
      throw new PythonError('ValueError', message);
    }
    context.chargeMemory(entryBytes);
    dict.set(items[0] as Value, items[1] as Value);
    index++;
  }
}

const pair = ([key, value]: [Value, Value]): Value => new PyTuple([key, value]);

function emptied(what: string, context: CallContext): PythonError {
  return errorOf(newException(exceptionClasses.get('KeyError') as PyClass, [what]), context);
}

export const dictMethods = methodTable('dict', (value): value is PyDict => value instanceof PyDict, {
  keys: ['', (self) => new DictView(self, 'dict_keys'), 'The keys.'],
  values: ['', (self) => new DictView(self, 'dict_values'), 'The values.'],
  items: ['', (self) => new DictView(self, 'dict_items'), 'Pairs of key and value.'],
  get: [
    'key, default=None, /',
    (self, [key, fallback]) => {
      const found = self.get(key as Value);
      return found === undefined ? (fallback as Value) : found;
    },
    'The value of a key, or the default.',
  ],
  pop: [
    'key, *default',
    (self, [key, rest], context) => {
      const found = self.get(key as Value);
      const [fallback] = (rest as PyTuple).items;
      if (found === undefined) {
        if (fallback === undefined) throw keyError(key as Value, context);
        return fallback;
      }
      self.delete(key as Value);
      return found;
    },
    'Takes out a key and returns its value.',
  ],
  popitem: [
    '',
    (self, _, context) => {
      const last = [...self.entries()].at(-1);
      if (!last) throw emptied('popitem(): dictionary is empty', context);
      context.charge(self.size >> 2);
      self.delete(last[0]);
      return pair(last);
    },
    'Takes out the last pair.',
  ],
  setdefault: [
    'key, default=None, /',
    (self, [key, fallback], context) => {
      const found = self.get(key as Value);
      if (found !== undefined) return found;
      context.chargeMemory(entryBytes);
      self.set(key as Value, fallback as Value);
      return fallback as Value;
    },
    'The value of a key, which is set to the default first where it is missing.',
  ],
  update: [
    'other=(), /, **kwargs',
    (self, [other, keywords], context) => {
      updateDict(self, other as Value, context);
      updateDict(self, keywords as Value, context);
      return null;
    },
    'Takes over all pairs of another dict.',
  ],
  clear: ['', (self) => (self.clear(), null), 'Takes out everything.'],
  copy: [
    '',
    (self, _, context) => {
      context.chargeMemory(entryBytes * self.size);
      return new PyDict(self.entries());
    },
    'A new dict of the same pairs.',
  ],
});

function combined(operator: '|' | '&' | '-' | '^', self: PySet, others: Value, context: CallContext): PySet {
  return (others as PyTuple).items.reduce<PySet>((result, other) => {
    const right = other instanceof PySet ? other : new PySet(context.iterate(other));
    context.charge((result.size + right.size) >> 2);
    return setOperation(operator, result, right) as PySet;
  }, new PySet(self.values()));
}

const isWithin = (small: PySet, large: PySet): boolean => [...small.values()].every((item) => large.has(item));
const asSet = (value: Value, context: CallContext): PySet =>
  value instanceof PySet ? value : new PySet(context.iterate(value));

export const setMethods = methodTable('set', (value): value is PySet => value instanceof PySet, {
  add: [
    'value, /',
    (self, [value], context) => {
      context.chargeMemory(entryBytes);
      self.add(value as Value);
      return null;
    },
    'Adds a value.',
  ],
  discard: ['value, /', (self, [value]) => (self.delete(value as Value), null), 'Takes out a value if it is there.'],
  remove: [
    'value, /',
    (self, [value], context) => {
      if (!self.delete(value as Value)) throw keyError(value as Value, context);
      return null;
    },
    'Takes out a value.',
  ],
  pop: [
    '',
    (self, _, context) => {
      const first = self.values().next();
      if (first.done) throw emptied('pop from an empty set', context);
      self.delete(first.value);
      return first.value;
    },
    'Takes out one value.',
  ],
  clear: ['', (self) => (self.clear(), null), 'Takes out everything.'],
  copy: ['', (self) => new PySet(self.values()), 'A new set of the same values.'],
  update: [
    '*others',
    (self, [others], context) => {
      for (const other of (others as PyTuple).items) for (const item of [...context.iterate(other)]) self.add(item);
      return null;
    },
    'Adds all values of others.',
  ],
  union: [
    '*others',
    (self, [others], context) => combined('|', self, others as Value, context),
    'Values of any of them.',
  ],
  intersection: [
    '*others',
    (self, [others], context) => combined('&', self, others as Value, context),
    'Values of all.',
  ],
  difference: [
    '*others',
    (self, [others], context) => combined('-', self, others as Value, context),
    'Values of no other.',
  ],
  symmetric_difference: [
    'other, /',
    (self, [other], context) => combined('^', self, new PyTuple([other as Value]), context),
    'Values of one of the two.',
  ],
  issubset: [
    'other, /',
    (self, [other], context) => isWithin(self, asSet(other as Value, context)),
    'Whether all are in other.',
  ],
  issuperset: [
    'other, /',
    (self, [other], context) => isWithin(asSet(other as Value, context), self),
    'Whether it has all of other.',
  ],
  isdisjoint: [
    'other, /',
    (self, [other], context) => [...asSet(other as Value, context).values()].every((item) => !self.has(item)),
    'Whether they have nothing in common.',
  ],
});
