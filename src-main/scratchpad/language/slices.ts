import { typeError, valueError } from './errors';
import { HostObject, type CallContext } from './host';
import { integerOf } from './convert';
import type { PySlice, Value } from './values';

/** The places a slice takes of a sequence: start, start + step, …, so many. */
export interface SliceRange {
  start: number;
  step: number;
  count: number;
}

const clamp = (value: bigint, low: number, high: number): number =>
  value < low ? low : value > high ? high : Number(value);

function bound(value: Value, length: number, low: number, high: number, context: CallContext): number {
  const index = integerOf(value, context, () => 'slice indices must be integers or None or have an __index__ method');
  return clamp(index < 0n ? index + BigInt(length) : index, low, high);
}

export function sliceRange(slice: PySlice, length: number, context: CallContext): SliceRange {
  if (slice.step instanceof HostObject && !slice.step.toNumber)
    throw typeError('slice indices must be integers or None');
  const refuse = (): string => 'slice indices must be integers or None or have an __index__ method';
  const written = slice.step === null ? 1n : integerOf(slice.step, context, refuse);
  if (written === 0n) throw valueError('slice step cannot be zero');
  const step = clamp(written, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const start = slice.start === null ? (step > 0 ? low : high) : bound(slice.start, length, low, high, context);
  const stop = slice.stop === null ? (step > 0 ? high : low) : bound(slice.stop, length, low, high, context);
  const count = Math.max(0, Math.ceil((stop - start) / step));
  return { start, step, count };
}

/** The elements at these places. */
export function takeSlice<Item>(
  items: ArrayLike<Item> & { slice(from: number, to: number): Item[] },
  range: SliceRange,
): Item[] {
  const { start, step, count } = range;
  if (step === 1) return items.slice(start, start + count);
  const taken: Item[] = new Array<Item>(count);
  for (let i = 0; i < count; i++) taken[i] = items[start + i * step] as Item;
  return taken;
}

/** Place of an element from an index that may count from the end; undefined: outside. */
export function placeOf(index: bigint, length: number): number | undefined {
  const place = index < 0n ? index + BigInt(length) : index;
  return place >= 0n && place < BigInt(length) ? Number(place) : undefined;
}
