import { PythonError, valueError } from './errors';
import { zeroDivision } from './integers';

/** Python's float arithmetic and text on number. */

/** The shortest text that reads back as the same float, laid out as Python does. */
export function formatFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Number.isInteger(value) && Math.abs(value) < 1e16) return Object.is(value, -0) ? '-0.0' : `${value}.0`;
  const [digits = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent >= 16 || exponent < -4) return `${digits}e${exponent < 0 ? '-' : '+'}${twoDigits(Math.abs(exponent))}`;
  // JavaScript's own text is the same between these limits, except from 1e-7 to 1e-4, which does not occur here.
  return String(value);
}

export const twoDigits = (exponent: number): string => String(exponent).padStart(2, '0');

/** The exact value of a finite float: numerator / denominator, the denominator a power of two. */
export function exactRatio(value: number): { numerator: bigint; denominator: bigint } {
  let exponent = 0;
  let mantissa = value;
  if (!Number.isInteger(mantissa)) {
    exponent = Math.max(-1074, Math.floor(Math.log2(Math.abs(value))) - 53);
    // In two steps: 2^1074 alone is infinite.
    const half = Math.trunc(-exponent / 2);
    mantissa = value * 2 ** half * 2 ** (-exponent - half);
  }
  let numerator = BigInt(mantissa);
  let denominator = 1n << BigInt(-exponent);
  while (denominator > 1n && numerator % 2n === 0n) {
    numerator /= 2n;
    denominator /= 2n;
  }
  return { numerator, denominator };
}

/** numerator / denominator to the nearest integer, halves to the even one. Denominator positive. */
export function roundRatio(numerator: bigint, denominator: bigint): bigint {
  const negative = numerator < 0n;
  const magnitude = negative ? -numerator : numerator;
  let quotient = magnitude / denominator;
  const twice = (magnitude % denominator) * 2n;
  if (twice > denominator || (twice === denominator && quotient % 2n === 1n)) quotient++;
  return negative ? -quotient : quotient;
}

/** Digits of |value| · 10^decimals, rounded on the exact value. */
export function scaledDigits(value: number, decimals: number): bigint {
  const { numerator, denominator } = exactRatio(Math.abs(value));
  return decimals >= 0
    ? roundRatio(numerator * 10n ** BigInt(decimals), denominator)
    : roundRatio(numerator, denominator * 10n ** BigInt(-decimals));
}

/** round(value, decimals) */
export function roundFloat(value: number, decimals: number): number {
  if (!Number.isFinite(value) || value === 0 || decimals > 323) return value;
  if (decimals < -308) return value < 0 ? -0 : 0;
  const rounded = Number(`${scaledDigits(value, decimals)}e${-decimals}`);
  if (!Number.isFinite(rounded)) throw new PythonError('OverflowError', 'rounded value too large to represent');
  return value < 0 ? -rounded : rounded;
}

export function truncate(value: number): bigint {
  if (Number.isNaN(value)) throw valueError('cannot convert float NaN to integer');
  if (!Number.isFinite(value)) throw new PythonError('OverflowError', 'cannot convert float infinity to integer');
  return BigInt(Math.trunc(value));
}

/** round(value): an int, halves to the even one. */
export function roundToInteger(value: number): bigint {
  const whole = truncate(value);
  const { numerator, denominator } = exactRatio(value);
  return Number.isInteger(value) ? whole : roundRatio(numerator, denominator);
}

export function divideFloats(left: number, right: number): number {
  if (right === 0) throw zeroDivision('float division by zero');
  return left / right;
}

/** Has the sign of the right operand. */
export function moduloFloats(left: number, right: number): number {
  if (right === 0) throw zeroDivision('float modulo');
  const rest = left % right;
  if (rest === 0) return right < 0 ? -0 : 0;
  return rest < 0 !== right < 0 ? rest + right : rest;
}

export function floorDivideFloats(left: number, right: number): number {
  if (right === 0) throw zeroDivision('float floor division by zero');
  const rest = moduloFloats(left, right);
  const quotient = (left - rest) / right;
  if (quotient === 0) return left / right < 0 ? -0 : 0;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

export function powerFloats(base: number, exponent: number): number {
  if (base === 0 && exponent < 0) throw zeroDivision('0.0 cannot be raised to a negative power');
  // Where JavaScript says NaN, C and Python say 1.
  if (exponent === 0 || base === 1) return 1;
  if (base === -1 && !Number.isFinite(exponent) && !Number.isNaN(exponent)) return 1;
  if (base < 0 && Number.isFinite(base) && Number.isFinite(exponent) && !Number.isInteger(exponent))
    throw valueError('a negative number to a fractional power is a complex number, and those are not supported here');
  const result = base ** exponent;
  if (!Number.isFinite(result) && Number.isFinite(base) && Number.isFinite(exponent))
    throw new PythonError('OverflowError', "(34, 'Numerical result out of range')");
  return result;
}

const floatText = /^[+-]?(?:(?:\d+(?:_\d+)*)?\.\d+(?:_\d+)*|\d+(?:_\d+)*\.?)(?:[eE][+-]?\d+(?:_\d+)*)?$/;

/** float('…') */
export function parseFloatText(text: string, shown: string): number {
  const trimmed = text.trim();
  const word = /^([+-]?)(inf|infinity|nan)$/i.exec(trimmed);
  if (word) {
    const value = word[2]?.toLowerCase() === 'nan' ? NaN : Infinity;
    return word[1] === '-' ? -value : value;
  }
  if (!floatText.test(trimmed)) throw valueError(`could not convert string to float: ${shown}`);
  return Number(trimmed.replaceAll('_', ''));
}
