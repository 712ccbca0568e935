import type { CallContext } from './host';
import { PythonError, valueError } from './errors';

/**
 * Python's integer arithmetic on bigint. What could grow without bound is refused above `mostBits`; below it every operation
 * takes a fraction of a second.
 */

export const mostBits = 2 ** 22;

/** Python's own limit for decimal text, which bounds the time of the conversion. */
export const mostDigits = 4300;
const beyondDigits = 10n ** BigInt(mostDigits);

export const zeroDivision = (message: string): PythonError => new PythonError('ZeroDivisionError', message);

const tooLarge = (): PythonError =>
  new PythonError('MemoryError', `the integer would have more than ${mostBits.toLocaleString('en')} bits`);

/** 0 for 0; the sign does not count. */
export function bitLength(value: bigint): number {
  if (BigInt.asIntN(64, value) === value) {
    const magnitude = value < 0n ? -value : value;
    return magnitude === 0n ? 0 : magnitude.toString(2).length;
  }
  const hexadecimal = (value < 0n ? -value : value).toString(16);
  return (hexadecimal.length - 1) * 4 + (32 - Math.clz32(parseInt(hexadecimal.charAt(0), 16)));
}

export function multiply(left: bigint, right: bigint, context: CallContext): bigint {
  const product = left * right;
  if (BigInt.asIntN(64, product) === product) return product;
  const bits = bitLength(product);
  if (bits > mostBits) throw tooLarge();
  context.charge(bits >> 10);
  return product;
}

/** Rounds down, as Python does. */
export function floorDivide(left: bigint, right: bigint): bigint {
  if (right === 0n) throw zeroDivision('integer division or modulo by zero');
  const quotient = left / right;
  return left % right !== 0n && left < 0n !== right < 0n ? quotient - 1n : quotient;
}

/** Has the sign of the right operand. */
export function modulo(left: bigint, right: bigint): bigint {
  if (right === 0n) throw zeroDivision('integer modulo by zero');
  const rest = left % right;
  return rest !== 0n && rest < 0n !== right < 0n ? rest + right : rest;
}

/** int / int: the nearest float to the exact quotient. */
export function trueDivide(left: bigint, right: bigint): number {
  if (right === 0n) throw zeroDivision('division by zero');
  const [a, b] = [Number(left), Number(right)];
  if (Number.isSafeInteger(a) && Number.isSafeInteger(b)) return a / b;
  const negative = left < 0n !== right < 0n;
  const [top, bottom] = [left < 0n ? -left : left, right < 0n ? -right : right];
  // 66 bits of quotient, and one more that says whether there was a rest, round as the exact quotient does.
  const shift = BigInt(66 - (bitLength(top) - bitLength(bottom)));
  const scaled = shift >= 0n ? top << shift : top;
  const divisor = shift >= 0n ? bottom : bottom << -shift;
  const quotient = scaled / divisor;
  const sticky = scaled % divisor === 0n ? quotient << 1n : (quotient << 1n) | 1n;
  const value = scale(Number(sticky), -Number(shift) - 1);
  if (!Number.isFinite(value)) throw new PythonError('OverflowError', 'integer division result too large for a float');
  return negative ? -value : value;
}

/** value · 2^exponent without overflow on the way. */
function scale(value: number, exponent: number): number {
  let result = value;
  let left = exponent;
  for (; left > 1000; left -= 1000) result *= 2 ** 1000;
  for (; left < -1000; left += 1000) result *= 2 ** -1000;
  return result * 2 ** left;
}

/** A negative exponent is the caller's business: its result is a float. */
export function power(base: bigint, exponent: bigint, context: CallContext): bigint {
  if (base === 0n || base === 1n) return exponent === 0n ? 1n : base;
  if (base === -1n) return exponent % 2n === 0n ? 1n : -1n;
  const bits = (bitLength(base) - 1) * Number(exponent);
  if (bits > mostBits) throw tooLarge();
  context.charge(bits >> 10);
  return base ** exponent;
}

export function powerModulo(base: bigint, exponent: bigint, modulus: bigint, context: CallContext): bigint {
  if (modulus === 0n) throw valueError('pow() 3rd argument cannot be 0');
  if (exponent < 0n) throw valueError('a negative exponent with a modulus is not supported here');
  const cost = 1 + (bitLength(modulus) >> 8) ** 2;
  let result = 1n;
  let square = modulo(base, modulus);
  for (const bit of [...exponent.toString(2)].reverse()) {
    context.charge(cost);
    if (bit === '1') result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return modulo(result, modulus);
}

export function shiftLeft(value: bigint, count: bigint): bigint {
  if (count < 0n) throw valueError('negative shift count');
  if (value === 0n) return 0n;
  if (count > mostBits || bitLength(value) + Number(count) > mostBits) throw tooLarge();
  return value << count;
}

export function shiftRight(value: bigint, count: bigint): bigint {
  if (count < 0n) throw valueError('negative shift count');
  if (count > mostBits) return value < 0n ? -1n : 0n;
  return value >> count;
}

/** Decimal text. */
export function formatInteger(value: bigint): string {
  if (value >= beyondDigits || value <= -beyondDigits)
    throw valueError(`Exceeds the limit (${mostDigits} digits) for integer string conversion`);
  return value.toString();
}

/** For arithmetic with a float. */
export function toFloat(value: bigint): number {
  const float = Number(value);
  if (!Number.isFinite(float)) throw new PythonError('OverflowError', 'int too large to convert to float');
  return float;
}

/** int('…', base) */
export function parseInteger(text: string, base: number, shown: string): bigint {
  const trimmed = text.trim();
  const match = /^([+-]?)(0[xX]_?|0[oO]_?|0[bB]_?)?([0-9a-zA-Z]+(?:_[0-9a-zA-Z]+)*)$/.exec(trimmed);
  const refuse = (): PythonError => valueError(`invalid literal for int() with base ${base}: ${shown}`);
  const bases: Record<string, number> = { x: 16, o: 8, b: 2 };
  if (!match) throw refuse();
  const [, sign = '', prefix = '', body = ''] = match;
  const prefixBase = prefix === '' ? null : (bases[prefix.charAt(1).toLowerCase()] ?? null);
  // "0b1" is a number of base 16 without a prefix, too.
  const usesPrefix = prefixBase !== null && (base === 0 || base === prefixBase);
  const digits = (usesPrefix ? body : prefix + body).replaceAll('_', '').toLowerCase();
  const radix = base === 0 ? (prefixBase ?? 10) : base;
  if (base === 0 && prefixBase === null && /^0+[1-9]/.test(digits)) throw refuse();
  if (digits.length > mostDigits && ![2, 4, 8, 16, 32].includes(radix))
    throw valueError(
      `Exceeds the limit (${mostDigits} digits) for integer string conversion: value has ${digits.length} digits`,
    );
  if (digits.length * Math.log2(radix) > mostBits) throw tooLarge();
  let value = 0n;
  if (radix === 10 || radix === 16 || radix === 8 || radix === 2) {
    const valid = { 2: /^[01]+$/, 8: /^[0-7]+$/, 10: /^[0-9]+$/, 16: /^[0-9a-f]+$/ }[radix];
    if (!valid.test(digits)) throw refuse();
    value = BigInt({ 2: '0b', 8: '0o', 10: '', 16: '0x' }[radix] + digits);
  } else {
    for (const digit of digits) {
      const worth = parseInt(digit, 36);
      if (Number.isNaN(worth) || worth >= radix) throw refuse();
      value = value * BigInt(radix) + BigInt(worth);
    }
  }
  return sign === '-' ? -value : value;
}
