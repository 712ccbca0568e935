import { PythonError, typeError, valueError } from './errors';
import { scaledDigits, twoDigits } from './floats';
import { formatInteger, toFloat } from './integers';

/** Python's format specifications: [[fill]align][sign][z][#][0][width][,][.precision][type]. */
export interface FormatSpec {
  fill: string;
  align: '<' | '>' | '^' | '=' | null;
  sign: '+' | '-' | ' ';
  alternate: boolean;
  width: number;
  grouping: '' | ',' | '_';
  precision: number | null;
  type: string;
}

const pattern = /^(?:([^])?([<>^=]))?([+\- ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/u;
/** Wider fields are bombs, not tables. */
const widest = 100_000;

export function parseFormat(text: string, typeName: string): FormatSpec {
  const match = pattern.exec(text);
  if (!match) throw valueError(`Invalid format specifier '${text}' for object of type '${typeName}'`);
  const [, fill, align, sign, , alternate, zero, width, grouping, precision, type] = match;
  const spec: FormatSpec = {
    fill: fill ?? (zero && !align ? '0' : ' '),
    align: (align as FormatSpec['align']) ?? (zero ? '=' : null),
    sign: (sign as FormatSpec['sign']) ?? '-',
    alternate: alternate !== undefined,
    width: Number(width ?? 0),
    grouping: (grouping as FormatSpec['grouping']) ?? '',
    precision: precision === undefined ? null : Number(precision),
    type: type ?? '',
  };
  if (spec.width > widest || (spec.precision ?? 0) > widest)
    throw valueError('Too many decimal digits in format string');
  return spec;
}

const unknownCode = (type: string, typeName: string): PythonError =>
  valueError(`Unknown format code '${type}' for object of type '${typeName}'`);

export function formatString(value: string, text: string): string {
  const spec = parseFormat(text, 'str');
  if (spec.type !== '' && spec.type !== 's') throw unknownCode(spec.type, 'str');
  if (spec.sign !== '-' || /^[^<>^=]?[+-]/.test(text)) throw valueError('Sign not allowed in string format specifier');
  // A zero before the width fills a text from the right, since nothing of a text is a sign.
  if (spec.align === '=' && spec.fill === '0' && !text.includes('=')) spec.align = '<';
  if (spec.align === '=') throw valueError("'=' alignment not allowed in string format specifier");
  if (spec.grouping) throw valueError(`Cannot specify '${spec.grouping}' with 's'.`);
  const cut = spec.precision === null ? value : [...value].slice(0, spec.precision).join('');
  return pad(cut, spec, '<');
}

const radices: Record<string, { radix: number; prefix: string }> = {
  b: { radix: 2, prefix: '0b' },
  o: { radix: 8, prefix: '0o' },
  x: { radix: 16, prefix: '0x' },
  X: { radix: 16, prefix: '0X' },
};

export function formatInt(value: bigint, text: string, typeName = 'int'): string {
  const spec = parseFormat(text, typeName);
  const { type } = spec;
  if (type !== '' && 'eEfFgG%'.includes(type)) return formatFloatSpec(toFloat(value), spec);
  if (spec.precision !== null) throw valueError('Precision not allowed in integer format specifier');
  if (type === 'c') {
    if (value < 0n || value > 0x10ffffn) throw new PythonError('OverflowError', '%c arg not in range(0x110000)');
    return pad(String.fromCodePoint(Number(value)), spec, '<');
  }
  const magnitude = value < 0n ? -value : value;
  const sign = signOf(value < 0n, spec);
  const radix = Object.hasOwn(radices, type) ? radices[type] : undefined;
  if (radix) {
    if (spec.grouping === ',') throw valueError(`Cannot specify ',' with '${type}'.`);
    const digits = magnitude.toString(radix.radix);
    const prefix = spec.alternate ? radix.prefix : '';
    return number(sign + prefix, type === 'X' ? digits.toUpperCase() : digits, '', spec, 4);
  }
  if (type !== '' && type !== 'd' && type !== 'n') throw unknownCode(type, typeName);
  return number(sign, formatInteger(magnitude), '', spec, 3);
}

export function formatFloat(value: number, text: string, repr: (value: number) => string): string {
  const spec = parseFormat(text, 'float');
  if (spec.type !== '' && !'eEfFgGn%'.includes(spec.type)) throw unknownCode(spec.type, 'float');
  if (spec.type === '' && spec.precision === null) {
    const written = repr(Math.abs(value));
    const [whole = '', rest = ''] = splitNumber(written);
    return number(signOf(isNegative(value), spec), whole, rest, spec, 3);
  }
  return formatFloatSpec(value, spec);
}

const isNegative = (value: number): boolean => value < 0 || Object.is(value, -0);

function splitNumber(written: string): [string, string] {
  const end = written.search(/[^0-9]/);
  return end < 0 ? [written, ''] : [written.slice(0, end), written.slice(end)];
}

function formatFloatSpec(value: number, spec: FormatSpec): string {
  const sign = signOf(isNegative(value), spec);
  const upper = 'EFG'.includes(spec.type) && spec.type !== '';
  const precision = spec.precision ?? 6;
  let written: string;
  if (!Number.isFinite(value)) written = `${Number.isNaN(value) ? 'nan' : 'inf'}${spec.type === '%' ? '%' : ''}`;
  else if (spec.type === 'e' || spec.type === 'E') written = exponential(value, precision, spec.alternate);
  else if (spec.type === 'f' || spec.type === 'F') written = fixed(value, precision, spec.alternate);
  else if (spec.type === '%') written = percent(value, precision, spec.alternate);
  else written = general(value, precision, spec);
  const [whole, rest] = splitNumber(upper ? written.toUpperCase() : written);
  return Number.isFinite(value)
    ? number(sign, whole, rest, spec, 3)
    : number(sign, rest, '', { ...spec, grouping: '' }, 3);
}

/** |value| with so many decimals. */
export function fixed(value: number, decimals: number, point = false): string {
  const digits = scaledDigits(value, decimals)
    .toString()
    .padStart(decimals + 1, '0');
  if (decimals === 0) return point ? `${digits}.` : digits;
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

function percent(value: number, decimals: number, point: boolean): string {
  // As C does: the product is a float before it is rounded.
  return `${fixed(value * 100, decimals, point)}%`;
}

/** Digits and exponent of |value| with so many decimals behind the first digit. */
function scientific(value: number, decimals: number): { digits: string; exponent: number } {
  if (value === 0) return { digits: '0'.repeat(decimals + 1), exponent: 0 };
  let exponent = Number(value.toExponential().split('e')[1] ?? 0);
  let digits = scaledDigits(value, decimals - exponent).toString();
  // Rounded up to the next power of ten.
  if (digits.length > decimals + 1) digits = scaledDigits(value, decimals - ++exponent).toString();
  return { digits, exponent };
}

const exponentText = (exponent: number): string => `e${exponent < 0 ? '-' : '+'}${twoDigits(Math.abs(exponent))}`;

export function exponential(value: number, decimals: number, point = false): string {
  const { digits, exponent } = scientific(value, decimals);
  const mantissa = decimals === 0 ? digits + (point ? '.' : '') : `${digits.charAt(0)}.${digits.slice(1)}`;
  return mantissa + exponentText(exponent);
}

/** g, and what a precision without a type means: there a point always stays. */
function general(value: number, precision: number, spec: FormatSpec): string {
  const significant = Math.max(precision, 1);
  const { digits, exponent } = scientific(value, significant - 1);
  const limit = spec.type === '' ? significant - 1 : significant;
  const useExponent = exponent < -4 || exponent >= Math.max(limit, spec.type === '' ? 1 : 0);
  const written = useExponent
    ? `${digits.charAt(0)}.${digits.slice(1)}`
    : fixed(value, Math.max(0, significant - 1 - exponent), true);
  let mantissa = spec.alternate
    ? written
    : written.replace(/\.?0+$|\.$/, (tail) => (written.includes('.') ? '' : tail));
  if (spec.type === '' && !useExponent && !mantissa.includes('.')) mantissa += '.0';
  return useExponent ? mantissa + exponentText(exponent) : mantissa;
}

const signOf = (negative: boolean, { sign }: FormatSpec): string => (negative ? '-' : sign === '-' ? '' : sign);

/** Joins sign, digits in groups and what follows them, in a field. */
function number(sign: string, digits: string, rest: string, spec: FormatSpec, group: number): string {
  const { grouping, align, fill, width } = spec;
  if (!grouping) return pad(sign, spec, '>', digits + rest);
  const grouped = groupDigits(digits, grouping, group);
  if (align !== '=' || fill !== '0') return pad(sign, spec, '>', grouped + rest);
  // Zeros in front are grouped as well.
  let padded = digits;
  while (sign.length + groupDigits(padded, grouping, group).length + rest.length < width) padded = `0${padded}`;
  const text = groupDigits(padded, grouping, group);
  return sign + text + rest;
}

function groupDigits(digits: string, separator: string, size: number): string {
  const first = digits.length % size;
  const groups = first > 0 ? [digits.slice(0, first)] : [];
  for (let at = first; at < digits.length; at += size) groups.push(digits.slice(at, at + size));
  return groups.join(separator);
}

/** `behind`: what follows the place where '=' fills in. */
function pad(text: string, { fill, align, width }: FormatSpec, fallback: '<' | '>', behind = ''): string {
  const missing = width - [...text].length - [...behind].length;
  if (missing <= 0) return text + behind;
  switch (align ?? fallback) {
    case '<':
      return text + behind + fill.repeat(missing);
    case '>':
      return fill.repeat(missing) + text + behind;
    case '^':
      return fill.repeat(missing >> 1) + text + behind + fill.repeat(missing - (missing >> 1));
    case '=':
      return text + fill.repeat(missing) + behind;
  }
}

/** What `'%…' % values` needs of a value. */
export interface PercentSource {
  next(): { kind: 'int'; value: bigint } | { kind: 'float'; value: number } | { kind: 'other'; typeName: string };
  str(): string;
  repr(): string;
}

const percentCode = /%(?:\((\w+)\))?([-+ 0#]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g;

/** Old-style formatting. `value(name)` gives the next value, or the one of that name. */
export function formatPercent(text: string, value: (name: string | null) => PercentSource): string {
  if (/%(?!(?:\(\w+\))?[-+ 0#]*\d*(?:\.\d+)?[a-zA-Z%])/.test(text.replaceAll('%%', '')))
    throw valueError('incomplete format');
  return text.replace(
    percentCode,
    (_, name: string | undefined, flags: string, width = '', precision, type: string) => {
      if (type === '%') return '%';
      const source = value(name ?? null);
      const sign = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
      const field = `${flags.includes('#') ? '#' : ''}${flags.includes('0') && !flags.includes('-') ? '0' : ''}${width}`;
      const align = flags.includes('-') ? '<' : '>';
      const decimals = precision === undefined ? '' : `.${String(precision)}`;
      if (type === 's' || type === 'r' || type === 'a')
        return formatString(type === 's' ? source.str() : source.repr(), `${align}${width}${decimals}`);
      const found = source.next();
      if (found.kind === 'other') {
        const wanted = 'dixXoc'.includes(type)
          ? type === 'd' || type === 'i'
            ? 'a real number'
            : 'an integer'
          : 'real number';
        throw typeError(
          'dixXoc'.includes(type)
            ? `%${type} format: ${wanted} is required, not ${found.typeName}`
            : `must be ${wanted}, not ${found.typeName}`,
        );
      }
      const alignment = flags.includes('-') ? '<' : flags.includes('0') ? '' : '>';
      if ('dixXoc'.includes(type)) {
        const whole = found.kind === 'int' ? found.value : BigInt(Math.trunc(found.value));
        return formatInt(whole, `${alignment}${sign}${field}${type === 'i' ? 'd' : type}`);
      }
      if (!'eEfFgG'.includes(type)) throw valueError(`unsupported format character '${type}'`);
      const float = found.kind === 'int' ? toFloat(found.value) : found.value;
      return formatFloat(float, `${alignment}${sign}${field}${decimals}${type}`, String);
    },
  );
}
