import { expect, test } from 'vitest';
import { fewNumbers, summarise } from '../../../../shared/recorded-graph/summary';

test('few numbers are kept as they are', () => {
  expect(summarise(Float32Array.of(1.5, NaN, -2))).toEqual({ kind: 'numbers', numbers: [1.5, NaN, -2] });
  expect(summarise(new Float64Array(fewNumbers))).toMatchObject({ kind: 'numbers' });
});

test('many numbers are told by smallest, largest, mean and norm', () => {
  const values = Float64Array.from({ length: 101 }, (_, i) => i - 50);
  expect(summarise(values)).toEqual({
    kind: 'statistics',
    minimum: -50,
    maximum: 50,
    mean: 0,
    norm: Math.sqrt((2 * (50 * 51 * 101)) / 6),
  });
});

test('a value that is no number is not hidden by the others', () => {
  const values = new Float32Array(100).fill(3);
  values[40] = NaN;
  expect(summarise(values)).toEqual({ kind: 'statistics', minimum: 3, maximum: 3, mean: NaN, norm: NaN });
  expect(summarise(new Float32Array(100).fill(NaN))).toEqual({
    kind: 'statistics',
    minimum: NaN,
    maximum: NaN,
    mean: NaN,
    norm: NaN,
  });
  expect(summarise(new Float32Array(100).fill(Infinity))).toMatchObject({ minimum: Infinity, mean: Infinity });
});
