export interface ParsedRates {
  rates: number[];
  /** Parts that are no positive numbers, as typed. */
  refused: string[];
}

/**
 * Reads a list of learning rates as people write it: "0.001, 0.01; 0.1", "1e-3 1e-2", or with decimal commas "0,001; 0,01 0,1".
 * A comma is a decimal point when semicolons, spaces or line breaks already separate the values and no value uses a point;
 * "0,1" alone is one value, "1,2,3" are three.
 */
export function parseRates(text: string): ParsedRates {
  const rates: number[] = [];
  const refused: string[] = [];
  for (const part of splitRates(text.trim())) {
    const value = Number(part);
    if (part !== '' && Number.isFinite(value) && value > 0) rates.push(value);
    else refused.push(part);
  }
  return { rates, refused };
}

function splitRates(text: string): string[] {
  if (text === '') return [];
  const chunks = text
    .split(/[;\s]+/)
    .map((chunk) => chunk.replace(/^,+|,+$/g, ''))
    .filter((chunk) => chunk !== '');
  const commaIsDecimal = !text.includes('.') && chunks.every((chunk) => /^[+-]?\d+(,\d+)?(e[+-]?\d+)?$/i.test(chunk));
  if (commaIsDecimal) return chunks.map((chunk) => chunk.replace(',', '.'));
  return chunks.flatMap((chunk) => chunk.split(',')).filter((part) => part !== '');
}

/**
 * `count` values from `from` to `to` with equal ratios between neighbours, rounded to three significant digits, so that
 * 0.001..1 in 4 steps is exactly 0.001, 0.01, 0.1, 1.
 */
export function logSpaced(from: number, to: number, count: number): number[] {
  if (count === 1) return [from];
  const values: number[] = [];
  const ratio = Math.log(to / from) / (count - 1);
  for (let i = 0; i < count; i++) {
    const value = i === 0 ? from : i === count - 1 ? to : Number((from * Math.exp(ratio * i)).toPrecision(3));
    if (!values.includes(value)) values.push(value);
  }
  return values;
}
