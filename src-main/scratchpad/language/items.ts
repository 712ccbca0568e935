import { PyDict, PySet } from './containers';
import { integerOf } from './convert';
import { indexError, typeError, valueError } from './errors';
import { keyError } from './exceptions';
import { HostObject, type CallContext } from './host';
import { placeOf, sliceRange, takeSlice } from './slices';
import { characterAt, codePoints, textLength } from './text';
import { typeName } from './type-names';
import { PyClass, PyInstance, PyList, PyRange, PySlice, PyTuple, type Value } from './values';
import { entryBytes, referenceBytes } from './sizes';

/** container[index] and what assigns to it and deletes it. */

function position(index: Value, length: number, name: string, context: CallContext, outside: string): number {
  const integer =
    typeof index === 'bigint'
      ? index
      : integerOf(index, context, (type) => `${name} indices must be integers or slices, not ${type}`);
  const place = placeOf(integer, length);
  if (place === undefined) throw indexError(outside);
  return place;
}

export function getItem(container: Value, index: Value, context: CallContext): Value {
  if (container instanceof PyList || container instanceof PyTuple) {
    const name = container instanceof PyList ? 'list' : 'tuple';
    const { items } = container;
    if (!(index instanceof PySlice))
      return items[position(index, items.length, name, context, `${name} index out of range`)] as Value;
    const range = sliceRange(index, items.length, context);
    context.charge(range.count >> 4);
    context.chargeMemory(referenceBytes * range.count);
    const taken = takeSlice(items as Value[], range);
    return name === 'list' ? new PyList(taken) : new PyTuple(taken);
  }
  if (container instanceof PyDict) {
    const found = container.get(index);
    if (found === undefined) throw keyError(index, context);
    return found;
  }
  if (typeof container === 'string') return stringItem(container, index, context);
  if (container instanceof HostObject && container.item) return container.item(index, context);
  if (container instanceof PyRange) return rangeItem(container, index, context);
  if (container instanceof PyInstance) {
    const method = container.type.lookup('__getitem__');
    if (method !== undefined) return context.call(method, [container, index]);
  }
  if (container instanceof PyClass) throw typeError(`type '${container.name}' is not subscriptable`);
  throw typeError(`'${typeName(container)}' object is not subscriptable`);
}

function stringItem(text: string, index: Value, context: CallContext): Value {
  if (!(index instanceof PySlice)) {
    const integer = integerOf(index, context, (type) => `string indices must be integers, not '${type}'`);
    const place = placeOf(integer, textLength(text));
    if (place === undefined) throw indexError('string index out of range');
    return characterAt(text, place);
  }
  const range = sliceRange(index, textLength(text), context);
  const points = codePoints(text);
  if (!points && range.step === 1) return text.slice(range.start, range.start + range.count);
  context.charge(range.count >> 2);
  context.chargeMemory(range.count);
  return takeSlice(points ?? text.split(''), range).join('');
}

function rangeItem(range: PyRange, index: Value, context: CallContext): Value {
  const { start, step, length } = range;
  if (!(index instanceof PySlice)) {
    const integer = integerOf(index, context, (type) => `range indices must be integers or slices, not ${type}`);
    const place = integer < 0n ? integer + length : integer;
    if (place < 0n || place >= length) throw indexError('range object index out of range');
    return start + place * step;
  }
  if (length > Number.MAX_SAFE_INTEGER) throw valueError('a slice of so long a range is not supported here');
  const taken = sliceRange(index, Number(length), context);
  const first = start + BigInt(taken.start) * step;
  const stride = step * BigInt(taken.step);
  return new PyRange(first, first + stride * BigInt(taken.count), stride);
}

export function setItem(container: Value, index: Value, value: Value, context: CallContext): void {
  if (container instanceof PyList) {
    const { items } = container;
    if (index instanceof PySlice) setSlice(items, index, value, context);
    else items[position(index, items.length, 'list', context, 'list assignment index out of range')] = value;
  } else if (container instanceof PyDict) {
    context.chargeMemory(entryBytes);
    container.set(index, value);
  } else if (container instanceof HostObject && container.setItem) {
    container.setItem(index, value, context);
  } else {
    const method = container instanceof PyInstance ? container.type.lookup('__setitem__') : undefined;
    if (method === undefined) throw typeError(`'${typeName(container)}' object does not support item assignment`);
    context.call(method, [container, index, value]);
  }
}

function setSlice(items: Value[], slice: PySlice, value: Value, context: CallContext): void {
  const fresh = [...context.iterate(value)];
  const { start, step, count } = sliceRange(slice, items.length, context);
  context.charge(items.length >> 4);
  context.chargeMemory(referenceBytes * fresh.length);
  if (step === 1) {
    // Not one splice with all of them as arguments: there may be more than the stack holds.
    const tail = items.splice(start);
    for (const item of fresh) items.push(item);
    for (let i = count; i < tail.length; i++) items.push(tail[i] as Value);
    return;
  }
  if (fresh.length !== count)
    throw valueError(`attempt to assign sequence of size ${fresh.length} to extended slice of size ${count}`);
  fresh.forEach((item, i) => (items[start + i * step] = item));
}

export function deleteItem(container: Value, index: Value, context: CallContext): void {
  if (container instanceof PyList) {
    const { items } = container;
    context.charge(items.length >> 6);
    if (index instanceof PySlice) {
      const { start, step, count } = sliceRange(index, items.length, context);
      const gone = new Set(Array.from({ length: count }, (_, i) => start + i * step));
      const kept = items.filter((_, place) => !gone.has(place));
      items.length = 0;
      for (const item of kept) items.push(item);
    } else {
      items.splice(position(index, items.length, 'list', context, 'list assignment index out of range'), 1);
    }
  } else if (container instanceof PyDict) {
    if (!container.delete(index)) throw keyError(index, context);
  } else if (container instanceof HostObject && container.deleteItem) {
    container.deleteItem(index, context);
  } else {
    const method = container instanceof PyInstance ? container.type.lookup('__delitem__') : undefined;
    if (method === undefined) throw typeError(`'${typeName(container)}' object doesn't support item deletion`);
    context.call(method, [container, index]);
  }
}

/** len(value) */
export function lengthOf(value: Value, context: CallContext): number {
  if (typeof value === 'string') return textLength(value);
  if (value instanceof PyList || value instanceof PyTuple) return value.items.length;
  if (value instanceof PyDict || value instanceof PySet) return value.size;
  if (value instanceof PyRange) return Number(value.length);
  if (value instanceof HostObject && value.length) return value.length(context);
  const method = value instanceof PyInstance ? value.type.lookup('__len__') : undefined;
  if (method === undefined) throw typeError(`object of type '${typeName(value)}' has no len()`);
  const length = integerOf(context.call(method, [value]), context);
  if (length < 0n) throw valueError('__len__() should return >= 0');
  return Number(length);
}

/** item in container */
export function contains(container: Value, item: Value, context: CallContext): boolean {
  if (container instanceof PyDict || container instanceof PySet) return container.has(item);
  if (typeof container === 'string') {
    if (typeof item !== 'string')
      throw typeError(`'in <string>' requires string as left operand, not ${typeName(item)}`);
    chargeSearch(container, item, context);
    return container.includes(item);
  }
  if (container instanceof PyRange && typeof item === 'bigint') {
    const { start, step, length } = container;
    const steps = (item - start) / step;
    return start + steps * step === item && steps >= 0n && steps < length;
  }
  if (container instanceof HostObject && container.contains) return container.contains(item, context);
  if (container instanceof PyInstance) {
    const method = container.type.lookup('__contains__');
    if (method !== undefined) return context.truth(context.call(method, [container, item]));
  }
  for (const candidate of context.iterate(container))
    if (candidate === item || context.equal(candidate, item)) return true;
  return false;
}

/** Looking for a text in a text takes, at worst, the product of their lengths. */
export function chargeSearch(text: string, pattern: string, context: CallContext): void {
  context.charge((text.length >> 6) * (1 + (pattern.length >> 8)));
}
