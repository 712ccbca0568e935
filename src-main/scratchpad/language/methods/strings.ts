import type { PyDict } from '../containers';
import { sizeOf } from '../convert';
import { typeError, valueError } from '../errors';
import type { CallContext } from '../host';
import { chargeSearch } from '../items';
import { isIterable } from '../iteration';
import { sliceRange } from '../slices';
import { formatFields } from '../string-format';
import { characterIndex, codePoints, textLength, textSlice } from '../text';
import { typeName } from '../type-names';
import { PyList, PySlice, PyTuple, type Value } from '../values';
import { methodTable, type MethodEntry } from './table';

const text = (value: Value, what: string): string => {
  if (typeof value !== 'string') throw typeError(`${what} must be str, not ${typeName(value)}`);
  return value;
};

/** The part between optional start and end, and where it begins in characters. */
function part(self: string, [start, end]: Value[], context: CallContext): { part: string; offset: number } {
  if (start === null && end === null) return { part: self, offset: 0 };
  const range = sliceRange(new PySlice(start ?? null, end ?? null, null), textLength(self), context);
  return { part: textSlice(self, range.start, range.start + range.count), offset: range.start };
}

function find(self: string, [sub, ...bounds]: Value[], context: CallContext, last: boolean): number {
  const wanted = text(sub as Value, 'argument');
  const { part: within, offset } = part(self, bounds, context);
  chargeSearch(within, wanted, context);
  const unit = last ? within.lastIndexOf(wanted) : within.indexOf(wanted);
  return unit < 0 ? -1 : offset + characterIndex(within, unit);
}

function found(self: string, args: Value[], context: CallContext, last: boolean): Value {
  const index = find(self, args, context, last);
  if (index < 0) throw valueError('substring not found');
  return BigInt(index);
}

/** startswith, endswith */
function matches(self: string, [wanted, ...bounds]: Value[], context: CallContext, name: string): boolean {
  const { part: within } = part(self, bounds, context);
  const options = wanted instanceof PyTuple ? wanted.items : [wanted as Value];
  return options.some((option) => {
    if (typeof option !== 'string')
      throw typeError(`${name} first arg must be str or a tuple of str, not ${typeName(option)}`);
    return name === 'startswith' ? within.startsWith(option) : within.endsWith(option);
  });
}

function strip(self: string, characters: Value, left: boolean, right: boolean): string {
  if (characters === null) {
    const trimmed = left ? self.trimStart() : self;
    return right ? trimmed.trimEnd() : trimmed;
  }
  const set = new Set(text(characters, 'strip arg'));
  const units = codePoints(self) ?? self;
  let start = 0;
  let end = units.length;
  while (left && start < end && set.has(units[start] as string)) start++;
  while (right && end > start && set.has(units[end - 1] as string)) end--;
  return textSlice(self, start, end);
}

function split(self: string, [separator, most]: Value[], context: CallContext, fromRight: boolean): PyList {
  const limit = sizeOf(most as Value, context);
  context.charge(self.length >> 2);
  context.chargeMemory(self.length * 2);
  let parts: string[];
  if (separator === null) {
    parts = self.split(/\s+/).filter((piece) => piece !== '');
    if (limit >= 0 && parts.length > limit + 1) return new PyList(splitBlanks(self, limit, fromRight));
  } else {
    const by = text(separator as Value, 'sep');
    if (by === '') throw valueError('empty separator');
    chargeSearch(self, by, context);
    parts = self.split(by);
    if (limit >= 0 && parts.length > limit + 1) {
      parts = fromRight
        ? [parts.slice(0, parts.length - limit).join(by), ...parts.slice(parts.length - limit)]
        : [...parts.slice(0, limit), parts.slice(limit).join(by)];
    }
  }
  return new PyList(parts);
}

/** Splits at blanks at most `limit` times; what is left keeps the blanks inside it. */
function splitBlanks(self: string, limit: number, fromRight: boolean): string[] {
  const parts: string[] = [];
  let rest = fromRight ? self.trimEnd() : self.trimStart();
  while (parts.length < limit) {
    const match = (fromRight ? /^([^]*\s)(\S+)$/ : /^(\S+)(\s[^]*)$/).exec(rest);
    if (!match) break;
    parts.push((fromRight ? match[2] : match[1]) ?? '');
    rest = fromRight ? (match[1]?.trimEnd() ?? '') : (match[2]?.trimStart() ?? '');
  }
  if (rest !== '') parts.push(fromRight ? (rest.trimStart() === '' ? '' : rest) : rest.trimEnd() === '' ? '' : rest);
  return fromRight ? parts.reverse() : parts;
}

function join(self: string, [items]: Value[], context: CallContext): string {
  if (!isIterable(items as Value)) throw typeError('can only join an iterable');
  const parts: string[] = [];
  let length = 0;
  for (const item of context.iterate(items as Value)) {
    if (typeof item !== 'string')
      throw typeError(`sequence item ${parts.length}: expected str instance, ${typeName(item)} found`);
    length += item.length + self.length;
    context.chargeMemory(item.length + self.length);
    parts.push(item);
  }
  context.charge(length >> 6);
  return parts.join(self);
}

function replace(self: string, [from, to, most]: Value[], context: CallContext): string {
  const [old, fresh] = [text(from as Value, 'replace() argument 1'), text(to as Value, 'replace() argument 2')];
  chargeSearch(self, old, context);
  const pieces = old === '' ? ['', ...self, ''] : self.split(old);
  const count = sizeOf(most as Value, context);
  context.chargeMemory(self.length + pieces.length * fresh.length);
  const times = count < 0 ? pieces.length - 1 : Math.min(count, pieces.length - 1);
  return (
    pieces.slice(0, times + 1).join(fresh) + (times + 1 < pieces.length ? old + pieces.slice(times + 1).join(old) : '')
  );
}

function partition(self: string, [separator]: Value[], last: boolean): PyTuple {
  const by = text(separator as Value, 'sep');
  if (by === '') throw valueError('empty separator');
  const at = last ? self.lastIndexOf(by) : self.indexOf(by);
  if (at < 0) return new PyTuple(last ? ['', '', self] : [self, '', '']);
  return new PyTuple([self.slice(0, at), by, self.slice(at + by.length)]);
}

function justify(self: string, [width, fill]: Value[], context: CallContext, side: 'left' | 'right' | 'both'): string {
  const filler = text(fill as Value, 'The fill character');
  if (textLength(filler) !== 1) throw typeError('The fill character must be exactly one character long');
  const missing = sizeOf(width as Value, context) - textLength(self);
  if (missing <= 0) return self;
  context.chargeMemory(missing + self.length);
  // As CPython centres: an odd blank goes left where the width is odd.
  const left =
    side === 'left' ? 0 : side === 'right' ? missing : (missing >> 1) + (missing & (missing + textLength(self)) & 1);
  return filler.repeat(left) + self + filler.repeat(missing - left);
}

function title(self: string): string {
  return self.replace(/\p{L}+/gu, (word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase());
}

const every = (self: string, pattern: RegExp): boolean => pattern.test(self);
const cased = (self: string, form: string): boolean => self === form && self.toLowerCase() !== self.toUpperCase();

const sizes = "width: int, fillchar=' '";
const bounds = 'sub, start=None, end=None';

const entries: Record<string, MethodEntry<string>> = {
  upper: ['', (self) => self.toUpperCase(), 'All letters as capitals.'],
  lower: ['', (self) => self.toLowerCase(), 'All letters as small ones.'],
  casefold: ['', (self) => self.toLowerCase(), 'For comparing without regard to capitals.'],
  title: ['', (self) => title(self), 'Every word with a capital.'],
  capitalize: [
    '',
    (self) => self.slice(0, 1).toUpperCase() + self.slice(1).toLowerCase(),
    'The first letter as a capital.',
  ],
  swapcase: [
    '',
    (self) => [...self].map((one) => (one === one.toUpperCase() ? one.toLowerCase() : one.toUpperCase())).join(''),
    'Capitals and small letters exchanged.',
  ],
  strip: ['chars=None', (self, [chars]) => strip(self, chars as Value, true, true), 'Without blanks at both ends.'],
  lstrip: ['chars=None', (self, [chars]) => strip(self, chars as Value, true, false), 'Without blanks at the start.'],
  rstrip: ['chars=None', (self, [chars]) => strip(self, chars as Value, false, true), 'Without blanks at the end.'],
  split: [
    'sep=None, maxsplit=-1',
    (self, args, context) => split(self, args, context, false),
    'The parts between separators.',
  ],
  rsplit: [
    'sep=None, maxsplit=-1',
    (self, args, context) => split(self, args, context, true),
    'As split, from the right.',
  ],
  splitlines: [
    '',
    (self) => new PyList(self === '' ? [] : self.replace(/(?:\r\n|\r|\n)$/, '').split(/\r\n|\r|\n/)),
    'The lines.',
  ],
  join: ['iterable', join, 'The texts of the iterable, joined by this one.'],
  replace: ['old, new, count=-1', replace, 'With every old part replaced.'],
  find: [bounds, (self, args, context) => BigInt(find(self, args, context, false)), 'Index of the first place, or -1.'],
  rfind: [bounds, (self, args, context) => BigInt(find(self, args, context, true)), 'Index of the last place, or -1.'],
  index: [
    bounds,
    (self, args, context) => found(self, args, context, false),
    'Index of the first place, or ValueError.',
  ],
  rindex: [
    bounds,
    (self, args, context) => found(self, args, context, true),
    'Index of the last place, or ValueError.',
  ],
  count: [
    bounds,
    (self, [sub, ...rest], context) => {
      const { part: within } = part(self, rest, context);
      const wanted = text(sub as Value, 'argument');
      chargeSearch(within, wanted, context);
      return BigInt(wanted === '' ? textLength(within) + 1 : within.split(wanted).length - 1);
    },
    'How often a part occurs.',
  ],
  startswith: [
    'prefix, start=None, end=None',
    (self, args, context) => matches(self, args, context, 'startswith'),
    'Whether it begins so.',
  ],
  endswith: [
    'suffix, start=None, end=None',
    (self, args, context) => matches(self, args, context, 'endswith'),
    'Whether it ends so.',
  ],
  removeprefix: [
    'prefix: str',
    (self, [prefix]) => (self.startsWith(prefix as string) ? self.slice((prefix as string).length) : self),
    'Without this beginning.',
  ],
  removesuffix: [
    'suffix: str',
    (self, [suffix]) =>
      suffix !== '' && self.endsWith(suffix as string) ? self.slice(0, -(suffix as string).length) : self,
    'Without this end.',
  ],
  partition: ['sep', (self, args) => partition(self, args, false), 'Before, separator, behind.'],
  rpartition: ['sep', (self, args) => partition(self, args, true), 'Before the last separator, it, behind.'],
  ljust: [sizes, (self, args, context) => justify(self, args, context, 'left'), 'Filled up at the right.'],
  rjust: [sizes, (self, args, context) => justify(self, args, context, 'right'), 'Filled up at the left.'],
  center: [sizes, (self, args, context) => justify(self, args, context, 'both'), 'Filled up at both sides.'],
  zfill: [
    'width: int',
    (self, [width], context) => {
      const missing = sizeOf(width as Value, context) - textLength(self);
      if (missing <= 0) return self;
      context.chargeMemory(missing);
      const sign = /^[+-]/.exec(self)?.[0] ?? '';
      return sign + '0'.repeat(missing) + self.slice(sign.length);
    },
    'Zeros in front.',
  ],
  isdigit: ['', (self) => every(self, /^\p{Nd}+$/u), 'Whether all are digits.'],
  isdecimal: ['', (self) => every(self, /^\p{Nd}+$/u), 'Whether all are decimal digits.'],
  isnumeric: ['', (self) => every(self, /^\p{N}+$/u), 'Whether all are numbers.'],
  isalpha: ['', (self) => every(self, /^\p{L}+$/u), 'Whether all are letters.'],
  isalnum: ['', (self) => every(self, /^[\p{L}\p{N}]+$/u), 'Whether all are letters or digits.'],
  isspace: ['', (self) => every(self, /^\s+$/), 'Whether all are blanks.'],
  isupper: ['', (self) => cased(self, self.toUpperCase()), 'Whether all letters are capitals.'],
  islower: ['', (self) => cased(self, self.toLowerCase()), 'Whether all letters are small.'],
  istitle: ['', (self) => cased(self, title(self)), 'Whether every word has a capital.'],
  isidentifier: ['', (self) => every(self, /^[\p{ID_Start}_]\p{ID_Continue}*$/u), 'Whether it could be a name.'],
  format: [
    '*args, **kwargs',
    (self, [args, keywords], context) => formatFields(self, (args as PyTuple).items, keywords as PyDict, context),
    'With the fields in braces filled in.',
  ],
};

export const stringMethods = methodTable('str', (value): value is string => typeof value === 'string', entries);
