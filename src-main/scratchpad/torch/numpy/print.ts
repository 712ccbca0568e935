import { exponential } from '../../language/format';
import { formatFloat } from '../../language/floats';
import { bool, float32, float64, int64, type DType } from '../tensor/dtype';
import { elementCount, stridesOf } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';

// As NumPy prints arrays: at most 8 decimals, as few as tell the values apart, one width for all.
const precision = 8;
const threshold = 1000;
const edgeItems = 3;
const lineWidth = 75;

/** str(array) */
export const printArray = (x: Tensor): string => (x.count === 0 ? '[]' : text(x, '', ' '));

/** repr(array) */
export function describeArray(x: Tensor): string {
  const suffix = x.dtype === float64 || x.dtype === int64 || x.dtype === bool ? '' : `, dtype=${x.dtype.name}`;
  return `array(${x.count === 0 ? '[]' : text(x, ' '.repeat(6), ', ')}${suffix})`;
}

/** The shortest digits that read back as the same number of this precision. */
export function shortest(value: number, dtype: DType): string {
  if (dtype !== float32) return formatFloat(value);
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return formatFloat(short);
  }
  return formatFloat(Number(value.toPrecision(9)));
}

function formatter(values: readonly number[], dtype: DType): (value: number) => string {
  if (dtype === bool) return pad(values, (value) => (value ? 'True' : 'False'));
  if (dtype.kind === 'int') return pad(values, (value) => String(value));
  const sizes = values.map(Math.abs).filter((value) => value > 0 && Number.isFinite(value));
  const [most, least] = [Math.max(...sizes), Math.min(...sizes)];
  const special = (value: number): string => (Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf');
  if (sizes.length > 0 && (most >= 1e8 || least < 1e-4 || most / least > 1000)) {
    const decimals = Math.max(...sizes.map((value) => digitsOf(value, dtype)));
    return pad(values, (value) =>
      Number.isFinite(value) ? sign(value) + exponential(value, Math.min(precision, decimals)) : special(value),
    );
  }
  const decimals = Math.max(0, ...values.filter(Number.isFinite).map((value) => decimalsOf(value, dtype)));
  return pad(values, (value) => {
    if (!Number.isFinite(value)) return special(value);
    const rounded = value.toFixed(Math.min(precision, decimals));
    const short = rounded.includes('.') ? rounded.replace(/0+$/, '') : `${rounded}.`;
    // Trailing zeros are blanks, so that the points stand in one column.
    return short.padEnd(rounded.includes('.') ? rounded.length : short.length);
  });
}

const sign = (value: number): string => (value < 0 ? '-' : '');

function decimalsOf(value: number, dtype: DType): number {
  const rounded = Number(value.toFixed(precision));
  const written = shortest(dtype === float32 ? Math.fround(rounded) : rounded, dtype);
  const trimmed = written.includes('e') ? value.toFixed(precision).replace(/0+$/, '') : written.replace(/\.0$/, '');
  return Math.min(precision, trimmed.split('.')[1]?.length ?? 0);
}

function digitsOf(value: number, dtype: DType): number {
  const written = dtype === float32 ? Number(shortest(value, dtype)) : value;
  return (written.toExponential().split('e')[0] ?? '').replace('.', '').length - 1;
}

function pad(values: readonly number[], f: (value: number) => string): (value: number) => string {
  const width = values.reduce((most, value) => Math.max(most, f(value).length), 0);
  return (value) => f(value).padStart(width);
}

function text(x: Tensor, indent: string, separator: string): string {
  const { shape, array, dtype } = x;
  const strides = stridesOf(shape);
  const summarise = elementCount(shape) > threshold;
  const places = (size: number): number[] => {
    const all = Array.from({ length: size }, (_, i) => i);
    return summarise && size > 2 * edgeItems ? [...all.slice(0, edgeItems), -1, ...all.slice(-edgeItems)] : all;
  };
  const shown: number[] = [];
  const gather = (d: number, offset: number): void => {
    if (d === shape.length) shown.push(array[offset] as number);
    else
      for (const place of places(shape[d] as number))
        if (place >= 0) gather(d + 1, offset + place * (strides[d] as number));
  };
  gather(0, 0);
  const format = formatter(shown, dtype);
  const write = (d: number, offset: number, indentation: string): string => {
    if (d === shape.length) return format(array[offset] as number);
    const parts = places(shape[d] as number).map((place) =>
      place < 0 ? '...' : write(d + 1, offset + place * (strides[d] as number), `${indentation} `),
    );
    if (d < shape.length - 1)
      return `[${parts.join(`${separator.trimEnd()}${'\n'.repeat(shape.length - d - 1)}${indentation} `)}]`;
    let lines = '';
    let line = indentation;
    for (const [i, part] of parts.entries()) {
      const piece = i < parts.length - 1 ? part + separator : part;
      if (line.length + piece.trimEnd().length > lineWidth && line !== indentation) {
        lines += `${line.trimEnd()}\n`;
        line = `${indentation} `;
      }
      line += i === 0 ? `[${piece}` : piece;
    }
    return `${(lines + line).slice(indentation.length)}]`;
  };
  return write(0, 0, indent);
}
