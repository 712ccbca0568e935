import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logSpaced, parseRates } from '../../../../../../src-renderer/workspaces/train/settings/parse-rates';

describe('parseRates', () => {
  it.each([
    ['0.001, 0.01; 0.1', [0.001, 0.01, 0.1]],
    ['0,001 0,01 0,1', [0.001, 0.01, 0.1]],
    ['0,001; 0,01;0,1', [0.001, 0.01, 0.1]],
    ['0,1, 0,2', [0.1, 0.2]],
    ['1e-3,1e-2', [0.001, 0.01]],
    ['1,2,3', [1, 2, 3]],
    ['0,1', [0.1]],
    ['.5\n1', [0.5, 1]],
    ['', []],
  ])('%s', (text, rates) => {
    expect(parseRates(text)).toEqual({ rates, refused: [] });
  });

  it('gives back what is no positive number', () => {
    expect(parseRates('0.1 abc -1 0 1e999')).toEqual({ rates: [0.1], refused: ['abc', '-1', '0', '1e999'] });
  });

  it('reads every list of positive numbers it could have written', () => {
    const rate = fc.double({ min: 1e-9, max: 1e3, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(rate, { minLength: 1, maxLength: 8 }),
        fc.constantFrom(', ', '; ', ' ', '\n'),
        (rates, separator) => {
          expect(parseRates(rates.map((value) => value.toString()).join(separator)).rates).toEqual(rates);
        },
      ),
    );
  });
});

describe('logSpaced', () => {
  it('gives round powers of ten', () => {
    expect(logSpaced(0.001, 1, 4)).toEqual([0.001, 0.01, 0.1, 1]);
    expect(logSpaced(1, 0.01, 3)).toEqual([1, 0.1, 0.01]);
    expect(logSpaced(0.5, 2, 1)).toEqual([0.5]);
  });
});
