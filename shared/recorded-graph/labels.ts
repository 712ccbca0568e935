import type { RecordedGroup, RecordedNode, RecordedValue } from './recorded-graph';
import type { NumberSummary } from './summary';
import type { Direction, VisibleBox, VisibleLink } from './visible';

/** How numbers are written and layers called in the language of the reader. */
export interface Words {
  number(value: number): string;
  /** The name of a layer: "Linear 2". */
  layer(group: RecordedGroup): string;
  /** "3 operators" */
  operators(count: number): string;
}

export interface BoxLine {
  role: 'title' | 'detail' | 'value' | 'gradient';
  text: string;
}

/** So many numbers are written one by one; of more the range is told. */
const mostWritten = 3;

/** [80, 1]; [] is one number. */
export const shapeText = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/** "0.5", "[1, 2, 3]", "−2 … 3"; of many equal numbers that number. */
export function summaryText(summary: NumberSummary, number: Words['number']): string {
  if (summary.kind === 'statistics') return rangeText(summary.minimum, summary.maximum, number);
  const { numbers } = summary;
  if (numbers.length === 1) return number(numbers[0] as number);
  if (numbers.length <= mostWritten) return `[${numbers.map(number).join(', ')}]`;
  const known = numbers.filter((value) => !Number.isNaN(value));
  return known.length === 0 ? number(NaN) : rangeText(Math.min(...known), Math.max(...known), number);
}

const rangeText = (minimum: number, maximum: number, number: Words['number']): string =>
  Object.is(minimum, maximum) ? number(minimum) : `${number(minimum)} … ${number(maximum)}`;

/** ∂: the gradient of the result by this value. */
const gradientText = (gradient: NumberSummary, number: Words['number']): string => `∂ ${summaryText(gradient, number)}`;

/** "loss = ReduceMean", "b", "2" of a number without a name. */
export function nodeTitle({ kind, operator, outputs }: RecordedNode, words: Words): string {
  const names = outputs.flatMap((output) => output.names).join(', ');
  if (kind === 'operator') return names === '' ? (operator ?? '') : `${names} = ${operator}`;
  if (names !== '') return names;
  const [value] = outputs;
  return isNumber(value) && value?.value ? summaryText(value.value, words.number) : shapeText(value?.shape ?? []);
}

const isNumber = (value: RecordedValue | undefined): boolean =>
  value?.value?.kind === 'numbers' && value.value.numbers.length === 1;

/** What is written into a box. */
export function boxLines(box: VisibleBox, direction: Direction, words: Words): BoxLine[] {
  if (box.layer) return layerLines(box.layer, words);
  return box.node ? nodeLines(box.node, direction, words) : [];
}

function nodeLines(node: RecordedNode, direction: Direction, words: Words): BoxLine[] {
  const { kind, gradFunction, outputs } = node;
  const [first] = outputs;
  const lines: BoxLine[] = [{ role: 'title', text: nodeTitle(node, words) }];
  if (direction !== 'forward' && gradFunction) lines.push({ role: 'detail', text: gradFunction });
  if (!first) return lines;
  const shape = first.shape.length > 0 ? shapeText(first.shape) : '';
  const dtype = first.dtype === 'float32' ? '' : first.dtype;
  const detail = [shape, dtype].filter((word) => word !== '' && word !== lines[0]?.text).join(' ');
  if (detail !== '') lines.push({ role: 'detail', text: detail });
  // A number without a name is its own title.
  const titled = kind !== 'operator' && first.names.length === 0;
  if (direction !== 'backward' && first.value && !(titled && isNumber(first)))
    lines.push({ role: 'value', text: summaryText(first.value, words.number) });
  if (direction !== 'forward' && first.gradient)
    lines.push({ role: 'gradient', text: gradientText(first.gradient, words.number) });
  return lines;
}

function layerLines({ group, nodes }: NonNullable<VisibleBox['layer']>, words: Words): BoxLine[] {
  const operators = nodes.filter(({ kind }) => kind === 'operator');
  const result = operators.at(-1)?.outputs[0];
  return [
    { role: 'title', text: words.layer(group) },
    ...(result ? [{ role: 'detail' as const, text: shapeText(result.shape) }] : []),
    { role: 'detail', text: words.operators(operators.length) },
  ];
}

/** What is written beside a link: what goes forward, and what comes back. */
export function linkLabels(
  { edges }: VisibleLink,
  source: RecordedNode | null,
  direction: Direction,
  words: Words,
): { forward: string | null; backward: string | null } {
  const [edge] = edges;
  const value = edge && edges.length === 1 ? source?.outputs[edge.output] : undefined;
  const gradient = edge && edges.length === 1 ? edge.gradient : null;
  return {
    forward: direction === 'backward' || !value || value.shape.length === 0 ? null : shapeText(value.shape),
    backward: direction === 'forward' || !gradient ? null : gradientText(gradient, words.number),
  };
}
