import { typeError } from './errors';
import { PyInstance, PyList, PySlice, PyTuple, type Value } from './values';

/** Equal values have equal keys, and different values different ones: 1, 1.0 and True are one key. */
type Key = string | number | bigint | null | object;

let lastIdentity = 0;
const identities = new WeakMap<object, number>();

/** A number of its own for every object, as id() gives. */
export function identityOf(value: object): number {
  let identity = identities.get(value);
  if (identity === undefined) identities.set(value, (identity = ++lastIdentity));
  return identity;
}

/** Throws TypeError for what Python calls unhashable. */
function keyOf(value: Value): Key {
  if (typeof value === 'string') return value.startsWith('\0') ? `\0s${value}` : value;
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (value === null) return null;
  if (value instanceof PyTuple) return `\0t${encodeTuple(value)}`;
  if (value instanceof PyList) throw typeError("unhashable type: 'list'");
  if (value instanceof PyDict) throw typeError("unhashable type: 'dict'");
  if (value instanceof PySet) throw typeError("unhashable type: 'set'");
  if (value instanceof PySlice) throw typeError("unhashable type: 'slice'");
  if (value instanceof PyInstance && value.type.lookup('__eq__') !== undefined)
    throw typeError(`unhashable type: '${value.type.name}'. Use a tuple of its attributes as the key`);
  return value;
}

/** Parts with their lengths, so that no two tuples have one text. */
function encodeTuple(tuple: PyTuple): string {
  return tuple.items
    .map((item) => {
      if (item instanceof PyTuple) return `t${encodeTuple(item)};`;
      const key = keyOf(item);
      if (typeof key === 'string') return `s${key.length}:${key}`;
      if (typeof key === 'object') return key === null ? 'n' : `o${identityOf(key)};`;
      return `${typeof key === 'bigint' ? 'i' : 'f'}${key};`;
    })
    .join('');
}

/** A dict, in the order of insertion. */
export class PyDict {
  private readonly table = new Map<Key, { key: Value; value: Value }>();

  constructor(entries: Iterable<readonly [Value, Value]> = []) {
    for (const [key, value] of entries) this.set(key, value);
  }

  get size(): number {
    return this.table.size;
  }

  get(key: Value): Value | undefined {
    return this.table.get(keyOf(key))?.value;
  }

  has(key: Value): boolean {
    return this.table.has(keyOf(key));
  }

  set(key: Value, value: Value): void {
    const hashed = keyOf(key);
    const entry = this.table.get(hashed);
    if (entry) entry.value = value;
    else this.table.set(hashed, { key, value });
  }

  delete(key: Value): boolean {
    return this.table.delete(keyOf(key));
  }

  clear(): void {
    this.table.clear();
  }

  *keys(): Generator<Value> {
    for (const { key } of this.table.values()) yield key;
  }

  *values(): Generator<Value> {
    for (const { value } of this.table.values()) yield value;
  }

  *entries(): Generator<[Value, Value]> {
    for (const { key, value } of this.table.values()) yield [key, value];
  }
}

/** A set, in the order of insertion (Python's own order is left open by its documentation). */
export class PySet {
  private readonly table = new Map<Key, Value>();

  constructor(values: Iterable<Value> = []) {
    for (const value of values) this.add(value);
  }

  get size(): number {
    return this.table.size;
  }

  has(value: Value): boolean {
    return this.table.has(keyOf(value));
  }

  add(value: Value): void {
    const key = keyOf(value);
    if (!this.table.has(key)) this.table.set(key, value);
  }

  delete(value: Value): boolean {
    return this.table.delete(keyOf(value));
  }

  clear(): void {
    this.table.clear();
  }

  values(): IterableIterator<Value> {
    return this.table.values();
  }
}
