import { describe, expect, test } from 'vitest';
import { largest, picture, strongest, wholeRange } from '../../../../../src-main/engine/inspect/read';

const values = Float32Array.of(1, -5, NaN, 3, Infinity, 0);

describe('numbers of a tensor, as they are shown', () => {
  test('the strongest come first, and what is no number is not lost among them', () => {
    expect(strongest(values, wholeRange(values), 4)).toEqual([2, 4, 1, 3]);
    expect(strongest(values, { start: 1, step: 2, count: 3 }, 2)).toEqual([0, 1]);
  });

  test('colours are measured by finite numbers', () => {
    expect(largest(values, wholeRange(values))).toBe(5);
    expect(largest(Float32Array.of(NaN), { start: 0, step: 1, count: 1 })).toBe(0);
  });

  test('a picture made smaller shows the strongest of what a cell stands for', () => {
    const long = new Float32Array(128).fill(1);
    long[3] = NaN;
    long[10] = -7;
    const { cells, columns } = picture(long, wholeRange(long), 1, 128);
    expect(columns).toBe(64);
    expect([cells[0], cells[1], cells[5]]).toEqual([1, NaN, -7]);
  });
});
