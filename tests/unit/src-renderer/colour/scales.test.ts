import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { css, fromHex, type Rgb } from '../../../../src-renderer/colour/rgb';
import { sequentialColour } from '../../../../src-renderer/colour/sequential';
import { signedColour } from '../../../../src-renderer/colour/signed';

const lightness = ([red, green, blue]: Rgb) => 0.2126 * red + 0.7152 * green + 0.0722 * blue;

describe.each([true, false])('dark theme: %s', (dark) => {
  it('signed: blue below 0, orange above, neutral at 0, clamped at the limit', () => {
    const [red, , blue] = signedColour(-1, 1, dark);
    expect(blue).toBeGreaterThan(red);
    const [redAbove, , blueAbove] = signedColour(1, 1, dark);
    expect(redAbove).toBeGreaterThan(blueAbove);
    const neutral = signedColour(0, 1, dark);
    expect(Math.max(...neutral) - Math.min(...neutral)).toBeLessThan(16);
    expect(signedColour(7, 1, dark)).toEqual(signedColour(1, 1, dark));
    expect(signedColour(NaN, 1, dark)).toEqual(neutral);
    expect(signedColour(3, 0, dark)).toEqual(neutral);
  });

  it('sequential: lightness never turns back', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const rise = lightness(sequentialColour(high, dark)) - lightness(sequentialColour(low, dark));
        // Channels are whole numbers.
        expect(dark ? rise : -rise).toBeGreaterThanOrEqual(-1);
      }),
    );
  });
});

it('reads and writes colours', () => {
  expect(fromHex('#56b4e9')).toEqual([86, 180, 233]);
  expect(css([86, 180, 233])).toBe('rgb(86 180 233)');
  expect(css([86, 180, 233], 0.5)).toBe('rgb(86 180 233 / 0.5)');
});
