/** Shortest text that reads back as the same number, with the decimal sign of the language. */
export function numberText(value: number, language: string): string {
  const text =
    value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e7) ? value.toExponential() : String(value);
  return (language === 'ru' ? text.replace('.', ',') : text).replace('e+', 'e');
}

/** The next value of the sequence 1, 2, 5, 10, 20, 50 … upwards or downwards. */
export function nextOnLogScale(value: number, direction: 1 | -1): number {
  if (!(value > 0)) return 1e-3;
  const exponent = Math.floor(Math.log10(value) + 1e-9);
  const mantissa = value / 10 ** exponent;
  const steps = [1, 2, 5, 10];
  const near = 1e-6;
  if (direction > 0) {
    const next = steps.find((step) => step > mantissa + near) ?? 10;
    return tidy(next, exponent);
  }
  const below = [...steps].reverse().find((step) => step < mantissa - near);
  return below === undefined ? tidy(5, exponent - 1) : tidy(below, exponent);
}

function tidy(mantissa: number, exponent: number): number {
  return Number(`${mantissa}e${exponent}`);
}
