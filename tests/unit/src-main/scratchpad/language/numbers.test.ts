import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exactRatio, formatFloat, roundFloat, scaledDigits } from '../../../../../src-main/scratchpad/language/floats';

import { bitLength, floorDivide, modulo, trueDivide } from '../../../../../src-main/scratchpad/language/integers';

const integer = fc.oneof(fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }), fc.bigInt({ min: -20n, max: 20n }));
const divisor = integer.filter((value) => value !== 0n);
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

describe('integers', () => {
  test('quotient and rest fit together, and the rest has the sign of the divisor', () => {
    fc.assert(
      fc.property(integer, divisor, (a, b) => {
        const [quotient, rest] = [floorDivide(a, b), modulo(a, b)];
        expect(quotient * b + rest).toBe(a);
        expect(rest === 0n || rest > 0n === b > 0n).toBe(true);
        expect((rest < 0n ? -rest : rest) < (b < 0n ? -b : b)).toBe(true);
      }),
    );
  });

  test('the number of bits', () => {
    fc.assert(
      fc.property(integer, (value) => {
        const magnitude = value < 0n ? -value : value;
        const bits = BigInt(bitLength(value));
        expect(magnitude < 1n << bits).toBe(true);
        expect(bits === 0n ? magnitude === 0n : magnitude >= 1n << (bits - 1n)).toBe(true);
      }),
    );
  });

  test('a / b is the float nearest to the exact quotient', () => {
    fc.assert(
      fc.property(integer, divisor, (a, b) => {
        const value = trueDivide(a, b);
        const distance = (candidate: number): { top: bigint; bottom: bigint } => {
          const { numerator, denominator } = exactRatio(candidate);
          const top = numerator * b - a * denominator;
          return { top: top < 0n ? -top : top, bottom: denominator };
        };
        const own = distance(value);
        for (const step of [1 + 2 ** -52, 1 - 2 ** -53]) {
          const other = distance(value * step);
          expect(own.top * other.bottom <= other.top * own.bottom).toBe(true);
        }
      }),
    );
  });
});

describe('floats', () => {
  test('repr reads back as the same float', () => {
    fc.assert(
      fc.property(finite, (value) => {
        expect(Object.is(Number(formatFloat(value)), value)).toBe(true);
      }),
    );
  });

  test('repr is laid out as Python does', () => {
    fc.assert(
      fc.property(finite, (value) => {
        const text = formatFloat(value);
        expect(text).toMatch(/^-?(?:\d+\.\d+|\d(?:\.\d+)?e[+-]\d{2,3})$/);
        const size = Math.abs(value);
        expect(text.includes('e')).toBe(size !== 0 && (size >= 1e16 || size < 1e-4));
      }),
    );
  });

  test('the exact fraction is the float', () => {
    fc.assert(
      fc.property(finite, (value) => {
        const { numerator, denominator } = exactRatio(value);
        expect(trueDivide(numerator, denominator)).toBe(value === 0 ? 0 : value);
      }),
    );
  });

  test('fixed decimals are within half a unit of the exact value', () => {
    const decimals = fc.integer({ min: 0, max: 20 });
    fc.assert(
      fc.property(fc.double({ min: -1e15, max: 1e15, noNaN: true }), decimals, (value, places) => {
        const { numerator, denominator } = exactRatio(Math.abs(value));
        const unit = 10n ** BigInt(places);
        const difference = scaledDigits(value, places) * denominator - numerator * unit;
        expect((difference < 0n ? -difference : difference) * 2n <= denominator).toBe(true);
      }),
    );
  });

  test('rounding twice changes nothing', () => {
    fc.assert(
      fc.property(finite, fc.integer({ min: -5, max: 20 }), (value, places) => {
        const once = roundFloat(value, places);
        expect(roundFloat(once, places)).toBe(once);
      }),
    );
  });
});
