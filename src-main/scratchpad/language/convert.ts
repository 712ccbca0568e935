import { typeError } from './errors';
import { HostObject, type CallContext } from './host';
import { typeName } from './type-names';
import type { Value } from './values';

/** A number where Python takes one: an int for a bool, and what a host object stands for. Undefined: it is none. */
export function numberOf(value: Value, context: CallContext): bigint | number | undefined {
  if (typeof value === 'bigint' || typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (value instanceof HostObject && value.toNumber) {
    const number = value.toNumber(context);
    return typeof number === 'boolean' ? (number ? 1n : 0n) : number;
  }
  return undefined;
}

/** For an index, a count: an int and nothing else. */
export function integerOf(
  value: Value,
  context: CallContext,
  refuse = (name: string): string => `'${name}' object cannot be interpreted as an integer`,
): bigint {
  if (typeof value === 'bigint') return value;
  const number = numberOf(value, context);
  if (typeof number !== 'bigint') throw typeError(refuse(typeName(value)));
  return number;
}

/** An int that fits a JavaScript number; further away ones are cut at ±2^53, which no length reaches. */
export function sizeOf(value: Value, context: CallContext): number {
  const integer = integerOf(value, context);
  if (integer > Number.MAX_SAFE_INTEGER) return Number.MAX_SAFE_INTEGER;
  return integer < Number.MIN_SAFE_INTEGER ? Number.MIN_SAFE_INTEGER : Number(integer);
}

/** For math functions and the like. */
export function floatOf(value: Value, context: CallContext): number {
  const number = numberOf(value, context);
  if (number === undefined) throw typeError(`must be real number, not ${typeName(value)}`);
  return Number(number);
}
