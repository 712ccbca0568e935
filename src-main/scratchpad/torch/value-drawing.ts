import type { Drawing, DrawingAxes, DrawingSeries, ValueView } from '../../../shared/api/scratchpad';
import { PyList, PyTuple, type Value } from '../language/values';
import { blankAxes } from './pyplot/figure';
import { elementCount } from './tensor/shape';
import { isTensor } from './tensor/tensor';

/** More than that cannot be told apart on a screen: of longer rows and larger maps evenly spread values are shown. */
const mostPoints = 4000;
const mostSide = 256;
const mostLines = 8;

interface Numbers {
  shape: readonly number[];
  at(index: number): number;
}

/** A variable as a picture: a tensor, or a list of numbers. Null: it holds none. */
export function valueDrawing(name: string, value: Value, view: ValueView): Drawing | null {
  const numbers = numbersOf(value);
  if (!numbers || numbers.shape.some((size) => size === 0)) return null;
  const axes = view === 'plot' ? plot(numbers) : map(numbers);
  return { kind: 'figure', size: null, title: name, rows: 1, columns: 1, axes: [axes] };
}

function numbersOf(value: Value): Numbers | null {
  if (isTensor(value)) {
    const { array, shape } = value;
    return { shape, at: (index) => Number(array[index]) };
  }
  if (!(value instanceof PyList || value instanceof PyTuple)) return null;
  const { items } = value;
  if (!items.every((item) => typeof item === 'number' || typeof item === 'bigint')) return null;
  return { shape: [items.length], at: (index) => Number(items[index]) };
}

/** Values over their index; of a matrix a line for each of the first columns. */
function plot({ shape, at }: Numbers): DrawingAxes {
  const columns = shape.length < 2 ? 1 : (shape.at(-1) ?? 1);
  const rows = elementCount(shape) / columns;
  const shown = spread(rows, mostPoints);
  const lines = Math.min(columns, mostLines);
  const series = Array.from({ length: lines }, (_, column): DrawingSeries => ({
    kind: 'line',
    x: shown,
    y: shown.map((row) => at(row * columns + column)),
    label: lines > 1 ? `[:, ${column}]` : null,
    color: null,
    stroke: 'solid',
    marker: rows <= 30 ? 'o' : null,
    opacity: 1,
  }));
  return { ...blankAxes(0, 0), grid: true, series, legend: lines > 1 };
}

/** The last dimension across, all others down; colours symmetric about 0 where there are negative values. */
function map({ shape, at }: Numbers): DrawingAxes {
  const columns = shape.at(-1) ?? 1;
  const rows = elementCount(shape) / columns;
  const [down, across] = [spread(rows, mostSide), spread(columns, mostSide)];
  const values = down.flatMap((row) => across.map((column) => at(row * columns + column)));
  const finite = values.filter(Number.isFinite);
  const lowest = finite.reduce((least, value) => Math.min(least, value), Infinity);
  const highest = finite.reduce((most, value) => Math.max(most, value), -Infinity);
  const signed = lowest < 0;
  const limit = Math.max(Math.abs(lowest), Math.abs(highest));
  const picture: DrawingSeries = {
    kind: 'image',
    rows: down.length,
    columns: across.length,
    channels: 1,
    values,
    colormap: signed ? 'coolwarm' : 'viridis',
    minimum: signed ? -limit : lowest,
    maximum: signed ? limit : highest,
  };
  return { ...blankAxes(0, 0), title: `${text(picture.minimum)} … ${text(picture.maximum)}`, series: [picture] };
}

const text = (value: number): string => Number(value.toPrecision(4)).toString();

/** At most so many of 0..count - 1, the first and the last among them. */
function spread(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, index) => index);
  return Array.from({ length: most }, (_, index) => Math.round((index * (count - 1)) / (most - 1)));
}
