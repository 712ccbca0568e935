import { AccumulateGrad } from '../autograd/backward';
import { valuesAt } from '../autograd/places';
import { exponential, fixed } from '../../language/format';
import { cpu } from './device';
import { bool, float32, int64 } from './dtype';
import { elementCount, stridesOf, type Shape } from './shape';
import type { Tensor } from './tensor';

// As torch/_tensor_str.py prints: 4 digits, 80 columns, the ends of what has more than 1000 elements.
const precision = 4;
const lineWidth = 80;
const threshold = 1000;
const edgeItems = 3;

/** What str(tensor) is. */
export function describeTensor(tensor: Tensor): string {
  const parameter = tensor.type === tensor.session.parameterClass;
  const prefix = 'tensor(';
  const indent = prefix.length;
  const { shape, dtype, edge } = tensor;
  const suffixes: string[] = [];
  if (tensor.device !== cpu) suffixes.push(`device='${tensor.device.name}'`);
  let body = '[]';
  if (elementCount(shape) === 0) {
    if (shape.length !== 1) suffixes.push(`size=${tupleText(shape)}`);
    if (dtype !== float32) suffixes.push(`dtype=${dtype.repr()}`);
  } else {
    if (dtype !== float32 && dtype !== int64 && dtype !== bool) suffixes.push(`dtype=${dtype.repr()}`);
    body = formatValues(tensor, indent);
  }
  if (edge && !(edge.node instanceof AccumulateGrad)) suffixes.push(`grad_fn=<${edge.node.name}>`);
  else if (edge) suffixes.push('requires_grad=True');
  return (parameter ? 'Parameter containing:\n' : '') + withSuffixes(prefix + body, suffixes, indent);
}

/** (2, 3), (2,), (). */
export const tupleText = (shape: Shape): string => (shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`);

function withSuffixes(text: string, suffixes: readonly string[], indent: number): string {
  let result = text;
  let length = text.length - text.lastIndexOf('\n') + 1;
  for (const suffix of suffixes) {
    if (length + suffix.length + 2 > lineWidth) {
      result += `,\n${' '.repeat(indent)}${suffix}`;
      length = indent + suffix.length;
    } else {
      result += `, ${suffix}`;
      length += suffix.length + 2;
    }
  }
  return `${result})`;
}

interface Formatter {
  width: number;
  format(value: number): string;
}

function formatValues(tensor: Tensor, indent: number): string {
  const { shape, dtype, variable } = tensor;
  const summarise = elementCount(shape) > threshold;
  const values = summarise ? valuesAt(tensor.session.tape, variable, shownPlaces(shape)) : variable.array;
  const formatter = dtype.kind === 'float' ? floatFormatter(values) : wholeFormatter(values, dtype === bool);
  return nested(values, shape, indent, summarise, formatter);
}

/** Places along a dimension that are shown; -1 stands for the dots. */
function places(size: number, summarise: boolean): number[] {
  const all = Array.from({ length: size }, (_, i) => i);
  return summarise && size > 2 * edgeItems ? [...all.slice(0, edgeItems), -1, ...all.slice(-edgeItems)] : all;
}

/** In the order in which they are shown. */
function shownPlaces(shape: Shape): number[] {
  const strides = stridesOf(shape);
  let offsets = [0];
  shape.forEach((size, d) => {
    const shown = places(size, true).filter((place) => place >= 0);
    offsets = offsets.flatMap((offset) => shown.map((place) => offset + place * (strides[d] as number)));
  });
  return offsets;
}

function wholeFormatter(values: ArrayLike<number>, logical: boolean): Formatter {
  const text = (value: number): string => (logical ? (value ? 'True' : 'False') : String(BigInt(value)));
  let width = 1;
  for (let i = 0; i < values.length; i++) width = Math.max(width, text(values[i] as number).length);
  return { width, format: (value) => text(value).padStart(width) };
}

function floatFormatter(values: ArrayLike<number>): Formatter {
  let largest = 0;
  let smallest = Infinity;
  let whole = true;
  const finite: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isFinite(value) || value === 0) continue;
    finite.push(value);
    largest = Math.max(largest, Math.abs(value));
    smallest = Math.min(smallest, Math.abs(value));
    whole = whole && Number.isInteger(value);
  }
  const scientific = finite.length > 0 && (largest / smallest > 1000 || largest > 1e8 || (!whole && smallest < 1e-4));
  const text = (value: number): string => {
    if (Number.isNaN(value)) return 'nan';
    const sign = value < 0 || Object.is(value, -0) ? '-' : '';
    if (!Number.isFinite(value)) return `${sign}inf`;
    if (scientific) return sign + exponential(value, precision);
    return sign + fixed(value, whole ? 0 : precision, true);
  };
  const width = finite.reduce((most, value) => Math.max(most, text(value).length), 1);
  return { width, format: (value) => text(value).padStart(width) };
}

/** `values`: those that are shown, one after the other. */
function nested(
  values: ArrayLike<number>,
  shape: Shape,
  indent: number,
  summarise: boolean,
  formatter: Formatter,
): string {
  let shownSoFar = 0;
  const next = (): string => formatter.format(values[shownSoFar++] as number);
  const print = (d: number, at: number): string => {
    if (d === shape.length) return next();
    const shown = places(shape[d] as number, summarise);
    if (d === shape.length - 1) {
      const items = shown.map((place) => (place < 0 ? ' ...' : next()));
      const perLine = Math.max(1, Math.floor((lineWidth - at) / (formatter.width + 2)));
      const lines: string[] = [];
      for (let i = 0; i < items.length; i += perLine) lines.push(items.slice(i, i + perLine).join(', '));
      return `[${lines.join(`,\n${' '.repeat(at + 1)}`)}]`;
    }
    const parts = shown.map((place) => (place < 0 ? '...' : print(d + 1, at + 1)));
    return `[${parts.join(`,${'\n'.repeat(shape.length - d - 1)}${' '.repeat(at + 1)}`)}]`;
  };
  return print(0, indent);
}
