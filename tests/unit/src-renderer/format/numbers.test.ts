import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatNumber,
  formatPercent,
  fullNumber,
  parseNumber,
} from '../../../../src-renderer/format/numbers';

describe('formatNumber', () => {
  it.each([
    [0, '0', '0'],
    [0.123456, '0.1235', '0,1235'],
    [1.04216, '1.042', '1,042'],
    [-2.5, '−2.5', '−2,5'],
    [42, '42', '42'],
    [1797, '1,797', '1 797'],
    [12345.6, '12,346', '12 346'],
    [0.001, '0.001', '0,001'],
    [0.00099, '9.9e−4', '9,9e−4'],
    [1.23456e-7, '1.235e−7', '1,235e−7'],
    [123456.7, '1.235e5', '1,235e5'],
    [150000, '150,000', '150 000'],
    [3e12, '3e12', '3e12'],
    [NaN, 'NaN', 'NaN'],
    [Infinity, '∞', '∞'],
    [-Infinity, '−∞', '−∞'],
  ])('%d', (value, english, russian) => {
    expect(formatNumber(value, 'en')).toBe(english);
    // Russian groups with a no-break space.
    expect(formatNumber(value, 'ru').replace(/[\u00a0\u202f]/g, ' ')).toBe(russian);
  });

  it('is off by at most half a unit of the fourth digit, in both languages', () => {
    const any = fc.double({ min: -1e12, max: 1e12, noNaN: true }).filter((value) => Math.abs(value) > 1e-12);
    fc.assert(
      fc.property(any, fc.constantFrom('en' as const, 'ru' as const), (value, language) => {
        const text = formatNumber(value, language);
        const read = parseNumber(language === 'en' ? text.replace(/,/g, '') : text);
        expect(read).not.toBeNull();
        expect(Math.abs((read ?? NaN) - value)).toBeLessThanOrEqual(Math.abs(value) * 5.001e-4);
      }),
    );
  });
});

describe('the other formats', () => {
  it('counts, shares, bytes', () => {
    expect(formatCount(10000, 'en')).toBe('10,000');
    expect(formatPercent(0.9333, 'en')).toBe('93.3%');
    expect(formatPercent(NaN, 'en')).toBe('NaN');
    expect(formatBytes(0, 'en')).toBe('0 B');
    expect(formatBytes(1023, 'en')).toBe('1,023 B');
    expect(formatBytes(1536, 'en')).toBe('1.5 KB');
    expect(formatBytes(1536, 'ru')).toBe('1,5 КБ');
    expect(formatBytes(3 * 1024 ** 3, 'en')).toBe('3 GB');
  });

  it('shows every digit for copying', () => {
    expect(fullNumber(0.1 + 0.2)).toBe('0.30000000000000004');
    expect(fullNumber(-Infinity)).toBe('−∞');
  });
});

describe('parseNumber', () => {
  it.each([
    ['0.01', 0.01],
    ['0,01', 0.01],
    [' 1 000 ', 1000],
    ['1e-3', 1e-3],
    ['−5', -5],
    ['.5', 0.5],
    ['5.', 5],
    ['', null],
    ['abc', null],
    ['1,2,3', null],
    ['0x10', null],
    ['Infinity', null],
  ])('%j', (text, expected) => {
    expect(parseNumber(text)).toBe(expected);
  });
});
