import { attributeNames, deleteAttribute, findAttribute, getAttribute, setAttribute } from './attributes';
import { compare } from './comparison';
import { identityOf, type PyDict } from './containers';
import { integerOf, numberOf, sizeOf } from './convert';
import { typeError, valueError } from './errors';
import { exceptionClasses, stopIteration } from './exceptions';
import { roundFloat, roundToInteger } from './floats';
import { formatInt } from './format';
import { HostFunction, HostObject, type CallContext, type HostBody } from './host';
import { bitLength, mostBits, powerModulo } from './integers';
import { lengthOf } from './items';
import { iteratorOf } from './iteration';
import { sorted } from './methods/sequences';
import { binary } from './operators';
import { format } from './representation';
import { codePoints, escapeNonAscii, textLength } from './text';
import { typeName } from './type-names';
import { isInstance, types } from './types';
import {
  PyClass,
  PyFunction,
  PyInstance,
  PyIterator,
  PyList,
  PyMethod,
  PyNotImplemented,
  PyRange,
  PySuper,
  PyTuple,
  type Value,
} from './values';
import { elementBytes } from './sizes';

/** The functions that every program has without an import. */

const entries: readonly (readonly [name: string, signature: string, body: HostBody, help: string])[] = [
  ['print', "*args, sep=' ', end=None, file=None, flush=False", print, 'Writes values under the cell.'],
  ['len', 'obj, /', ([value], context) => BigInt(lengthOf(value as Value, context)), 'Number of elements.'],
  ['repr', 'obj, /', ([value], context) => context.repr(value as Value), 'A value as it would be written.'],
  ['ascii', 'obj, /', ([value], context) => escapeNonAscii(context.repr(value as Value)), 'As repr, with ASCII alone.'],
  [
    'format',
    "value, format_spec: str='', /",
    ([value, spec], context) => format(value as Value, spec as string, context),
    'A value as an f-string shows it.',
  ],
  ['abs', 'x, /', ([value], context) => absolute(value as Value, context), 'Without its sign.'],
  ['round', 'number, ndigits=None', round, 'To so many decimals; without them, to an int.'],
  [
    'divmod',
    'x, y, /',
    ([x, y], context) =>
      new PyTuple([binary('//', x as Value, y as Value, context), binary('%', x as Value, y as Value, context)]),
    'Quotient and rest.',
  ],
  ['pow', 'base, exp, mod=None', pow, 'A power.'],
  ['sum', 'iterable, /, start=0', sum, 'All elements added up.'],
  ['min', '*args, key=None, **default', (args, context) => extreme('min', args, context), 'The smallest.'],
  ['max', '*args, key=None, **default', (args, context) => extreme('max', args, context), 'The largest.'],
  [
    'sorted',
    'iterable, /, *, key=None, reverse=False',
    ([iterable, key, reverse], context) =>
      new PyList(sorted(collect(iterable as Value, context), key as Value, context.truth(reverse as Value), context)),
    'A sorted list.',
  ],
  [
    'reversed',
    'sequence, /',
    ([sequence], context) => reversed(sequence as Value, context),
    'From the end to the start.',
  ],
  [
    'enumerate',
    'iterable, start=0',
    ([iterable, start], context) =>
      new PyIterator('enumerate', enumerate(iterable as Value, integerOf(start as Value, context), context)),
    'Pairs of index and value.',
  ],
  [
    'zip',
    '*iterables, strict=False',
    ([iterables, strict], context) =>
      new PyIterator('zip', zip((iterables as PyTuple).items, context.truth(strict as Value), context)),
    'Tuples of elements that stand at one place.',
  ],
  [
    'map',
    'function, *iterables',
    ([callee, iterables], context) =>
      new PyIterator('map', map(callee as Value, (iterables as PyTuple).items, context)),
    'The results of a function.',
  ],
  [
    'filter',
    'function, iterable, /',
    ([callee, iterable], context) => new PyIterator('filter', filter(callee as Value, iterable as Value, context)),
    'Elements for which a function is true.',
  ],
  [
    'iter',
    'object, /',
    ([value], context) => new PyIterator(`${typeName(value as Value)}_iterator`, iteratorOf(value as Value, context)),
    'An iterator over it.',
  ],
  ['next', 'iterator, *default', next, 'The next element of an iterator.'],
  [
    'all',
    'iterable, /',
    ([iterable], context) => some(iterable as Value, false, context) === null,
    'Whether every element is true.',
  ],
  [
    'any',
    'iterable, /',
    ([iterable], context) => some(iterable as Value, true, context) !== null,
    'Whether one element is true.',
  ],
  [
    'isinstance',
    'obj, class_or_tuple, /',
    ([value, type]) => isInstance(value as Value, type as Value),
    'Whether it is of a type.',
  ],
  [
    'issubclass',
    'cls, class_or_tuple, /',
    ([type, other]) => isSubclass(type as Value, other as Value),
    'Whether a class is derived from another.',
  ],
  ['callable', 'obj, /', ([value]) => isCallable(value as Value), 'Whether it can be called.'],
  ['getattr', 'obj, name, *default', getattr, 'An attribute by its name.'],
  [
    'hasattr',
    'obj, name: str, /',
    ([value, name], context) => findAttribute(value as Value, name as string, context) !== undefined,
    'Whether there is such an attribute.',
  ],
  [
    'setattr',
    'obj, name: str, value, /',
    ([value, name, assigned], context) => (
      setAttribute(value as Value, name as string, assigned as Value, context),
      null
    ),
    'Sets an attribute by its name.',
  ],
  [
    'delattr',
    'obj, name: str, /',
    ([value, name]) => (deleteAttribute(value as Value, name as string), null),
    'Deletes an attribute by its name.',
  ],
  ['dir', 'obj, /', ([value]) => new PyList([...attributeNames(value as Value)].sort()), 'Names of the attributes.'],
  [
    'id',
    'obj, /',
    ([value]) => BigInt(typeof value === 'object' && value !== null ? identityOf(value) : 0),
    'A number of its own.',
  ],
  ['chr', 'i: int, /', ([code]) => character(code as bigint), 'The character of a code.'],
  ['ord', 'c, /', ([value]) => code(value as Value), 'The code of a character.'],
  ['bin', 'number, /', ([value], context) => formatInt(integerOf(value as Value, context), '#b'), 'Binary digits.'],
  ['oct', 'number, /', ([value], context) => formatInt(integerOf(value as Value, context), '#o'), 'Octal digits.'],
  [
    'hex',
    'number, /',
    ([value], context) => formatInt(integerOf(value as Value, context), '#x'),
    'Hexadecimal digits.',
  ],
  [
    'super',
    'type, object_, /',
    ([type, self]) => explicitSuper(type as Value, self as Value),
    'The classes above, for a method.',
  ],
];

export const builtins: ReadonlyMap<string, Value> = new Map<string, Value>([
  ...entries.map(([name, signature, body, help]) => [name, new HostFunction(name, signature, body, help)] as const),
  ...Object.entries(types),
  ...exceptionClasses,
  ['NotImplemented', PyNotImplemented.value],
  ['__name__', '__main__'],
]);

function print([args, separator, end, file]: Value[], context: CallContext): Value {
  if (file !== null) throw valueError('print can write only under the cell; leave out file');
  const between = separator === null ? ' ' : separator;
  const last = end === null ? '\n' : end;
  if (typeof between !== 'string') throw typeError(`sep must be None or a string, not ${typeName(between as Value)}`);
  if (typeof last !== 'string') throw typeError(`end must be None or a string, not ${typeName(last as Value)}`);
  context.print((args as PyTuple).items.map((value) => context.str(value)).join(between) + last);
  return null;
}

function collect(iterable: Value, context: CallContext): Value[] {
  const items: Value[] = [];
  for (const item of context.iterate(iterable)) {
    context.chargeMemory(elementBytes);
    items.push(item);
  }
  return items;
}

/** The result of a method that a class of the program may have. */
function ofInstance(value: Value, name: string, args: Value[], context: CallContext): Value | undefined {
  const method = value instanceof PyInstance ? value.type.lookup(name) : undefined;
  if (method !== undefined) return context.call(method, [value, ...args]);
  const own = value instanceof HostObject ? value.attribute(name, context) : undefined;
  return own === undefined ? undefined : context.call(own, args);
}

function absolute(value: Value, context: CallContext): Value {
  const own =
    ofInstance(value, '__abs__', [], context) ??
    (value instanceof HostObject ? ofInstance(value, 'abs', [], context) : undefined);
  if (own !== undefined) return own;
  const number = numberOf(value, context);
  if (number === undefined) throw typeError(`bad operand type for abs(): '${typeName(value)}'`);
  return typeof number === 'bigint' ? (number < 0n ? -number : number) : Math.abs(number);
}

function round([value, digits]: Value[], context: CallContext): Value {
  const own = ofInstance(value as Value, '__round__', digits === null ? [] : [digits as Value], context);
  if (own !== undefined) return own;
  const number = numberOf(value as Value, context);
  if (number === undefined) throw typeError(`type ${typeName(value as Value)} doesn't define __round__ method`);
  if (digits === null) return typeof number === 'bigint' ? number : roundToInteger(number);
  const decimals = sizeOf(digits as Value, context);
  if (typeof number === 'number') return roundFloat(number, decimals);
  if (decimals >= 0) return number;
  if (-decimals > bitLength(number)) return 0n;
  const unit = 10n ** BigInt(-decimals);
  const twice = (number < 0n ? -number : number) * 2n;
  const quotient = (twice + unit) / (2n * unit);
  const even = (twice + unit) % (2n * unit) === 0n && quotient % 2n === 1n ? quotient - 1n : quotient;
  return (number < 0n ? -even : even) * unit;
}

function pow([base, exponent, modulus]: Value[], context: CallContext): Value {
  if (modulus === null) return binary('**', base as Value, exponent as Value, context);
  const [b, e, m] = [base, exponent, modulus].map((value) => integerOf(value as Value, context)) as [
    bigint,
    bigint,
    bigint,
  ];
  if (bitLength(e) > mostBits) throw valueError('the exponent is too large');
  return powerModulo(b, e, m, context);
}

function sum([iterable, start]: Value[], context: CallContext): Value {
  if (typeof start === 'string') throw typeError("sum() can't sum strings [use ''.join(seq) instead]");
  let total = start as Value;
  for (const item of context.iterate(iterable as Value)) {
    if (typeof total === 'bigint' && typeof item === 'bigint') total += item;
    else if (typeof total === 'number' && typeof item === 'number') total += item;
    else total = binary('+', total, item, context);
  }
  return total;
}

function extreme(name: 'min' | 'max', [args, key, rest]: Value[], context: CallContext): Value {
  const given = (args as PyTuple).items;
  const options = rest as PyDict;
  const fallback = options.get('default');
  if (options.size > (fallback === undefined ? 0 : 1)) throw typeError(`${name}() got an unexpected keyword argument`);
  if (given.length === 0) throw typeError(`${name} expected at least 1 argument, got 0`);
  const candidates = given.length === 1 ? context.iterate(given[0] as Value) : given;
  let best: Value | undefined;
  let bestKey: Value = null;
  for (const candidate of candidates) {
    const own = key === null ? candidate : context.call(key as Value, [candidate]);
    const better = best === undefined || context.truth(compare(name === 'min' ? '<' : '>', own, bestKey, context));
    if (better) [best, bestKey] = [candidate, own];
  }
  if (best !== undefined) return best;
  if (fallback === undefined) throw valueError(`${name}() arg is an empty sequence`);
  return fallback;
}

function reversed(value: Value, context: CallContext): Value {
  const own = ofInstance(value, '__reversed__', [], context);
  if (own !== undefined) return own;
  if (value instanceof PyRange) {
    const last = value.start + value.step * (value.length - 1n);
    return new PyIterator(
      'range_iterator',
      iteratorOf(new PyRange(last, value.start - value.step, -value.step), context),
    );
  }
  const items = typeof value === 'string' ? [...(codePoints(value) ?? value)] : collect(value, context);
  return new PyIterator('list_reverseiterator', iteratorOf(new PyList(items.reverse()), context));
}

function* enumerate(iterable: Value, start: bigint, context: CallContext): Generator<Value> {
  let index = start;
  for (const item of context.iterate(iterable)) yield new PyTuple([index++, item]);
}

function* zip(iterables: readonly Value[], strict: boolean, context: CallContext): Generator<Value> {
  const iterators = iterables.map((iterable) => iteratorOf(iterable, context));
  while (iterators.length > 0) {
    context.charge(1);
    const items: Value[] = [];
    for (const [index, iterator] of iterators.entries()) {
      const step = iterator.next();
      if (step.done) {
        if (strict && (index > 0 || iterators.slice(1).some((other) => !other.next().done)))
          throw unequalLengths(index);
        return;
      }
      items.push(step.value);
    }
    yield new PyTuple(items);
  }
}

const unequalLengths = (index: number): Error =>
  valueError(
    index > 0
      ? `zip() argument ${index + 1} is shorter than argument${index === 1 ? ' 1' : `s 1-${index}`}`
      : 'zip() argument 2 is longer than argument 1',
  );

function* map(callee: Value, iterables: readonly Value[], context: CallContext): Generator<Value> {
  if (iterables.length === 0) throw typeError('map() must have at least two arguments.');
  for (const items of zip(iterables, false, context)) yield context.call(callee, (items as PyTuple).items);
}

function* filter(callee: Value, iterable: Value, context: CallContext): Generator<Value> {
  for (const item of context.iterate(iterable))
    if (context.truth(callee === null ? item : context.call(callee, [item]))) yield item;
}

function next([iterator, rest]: Value[], context: CallContext): Value {
  const [fallback] = (rest as PyTuple).items;
  if (iterator instanceof PyInstance) {
    const method = iterator.type.lookup('__next__');
    if (method !== undefined) return context.call(method, [iterator]);
  }
  if (!(iterator instanceof PyIterator)) throw typeError(`'${typeName(iterator as Value)}' object is not an iterator`);
  const step = iterator.iterator.next(null);
  if (!step.done) return step.value;
  if (fallback === undefined) throw stopIteration(step.value);
  return fallback;
}

/** The first element whose truth is `wanted`; null: none. */
function some(iterable: Value, wanted: boolean, context: CallContext): { item: Value } | null {
  for (const item of context.iterate(iterable)) if (context.truth(item) === wanted) return { item };
  return null;
}

function isSubclass(type: Value, other: Value): boolean {
  if (!(type instanceof PyClass)) throw typeError('issubclass() arg 1 must be a class');
  if (other instanceof PyTuple) return other.items.some((one) => isSubclass(type, one));
  if (!(other instanceof PyClass))
    throw typeError('issubclass() arg 2 must be a class, a tuple of classes, or a union');
  return other === types.object || type.isSubclassOf(other);
}

function isCallable(value: Value): boolean {
  if (value instanceof PyInstance) return value.type.lookup('__call__') !== undefined;
  if (value instanceof HostObject) return value.call !== undefined;
  return (
    value instanceof PyFunction ||
    value instanceof PyMethod ||
    value instanceof HostFunction ||
    value instanceof PyClass
  );
}

function getattr([value, name, rest]: Value[], context: CallContext): Value {
  if (typeof name !== 'string') throw typeError('attribute name must be string');
  const [fallback] = (rest as PyTuple).items;
  if (fallback === undefined) return getAttribute(value as Value, name, context);
  return findAttribute(value as Value, name, context) ?? fallback;
}

function character(value: bigint): string {
  if (value < 0n || value > 0x10ffffn) throw valueError('chr() arg not in range(0x110000)');
  return String.fromCodePoint(Number(value));
}

function code(value: Value): bigint {
  if (typeof value !== 'string') throw typeError(`ord() expected string of length 1, but ${typeName(value)} found`);
  const length = textLength(value);
  if (length !== 1) throw typeError(`ord() expected a character, but string of length ${length} found`);
  return BigInt(value.codePointAt(0) ?? 0);
}

function explicitSuper(type: Value, self: Value): Value {
  if (!(type instanceof PyClass) || !(self instanceof PyInstance) || !self.type.isSubclassOf(type))
    throw typeError('super(type, obj): obj must be an instance or subtype of type');
  return new PySuper(type, self);
}
