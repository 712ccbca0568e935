import type { Initializer } from '../network/graph';
import { axisOf, axisParameter } from './axis';
import type { LayerDefinition, LayerIssue, ParameterDefinition, ParameterValues, Shape } from './definition';
import { costOfOutput, formatShape } from './sizes';

const parameters: ParameterDefinition[] = [
  axisParameter(-1, {
    en: 'Which dimension is cut: 1 is the first of a sample, −1 the last.',
    ru: 'Какое измерение обрезать: 1 — первое измерение примера, −1 — последнее.',
  }),
  {
    name: 'start',
    type: 'integer',
    default: 0,
    minimum: -1_000_000,
    maximum: 1_000_000,
    step: 1,
    label: { en: 'From', ru: 'Начало' },
    help: {
      en: 'Where the part begins, counted from 0; negative numbers count from the end: −1 is the last value.',
      ru: 'Где начинается часть, счёт с 0; отрицательные числа считаются с конца: −1 — последнее значение.',
    },
  },
  {
    name: 'length',
    type: 'integer',
    default: 0,
    minimum: 0,
    maximum: 1_000_000,
    step: 1,
    label: { en: 'Length', ru: 'Длина' },
    help: { en: 'How far it reaches; 0 is to the end.', ru: 'Сколько значений она охватывает; 0 — до конца.' },
  },
  {
    name: 'step',
    type: 'integer',
    default: 1,
    minimum: 1,
    maximum: 1_000_000,
    step: 1,
    advanced: true,
    label: { en: 'Every', ru: 'Каждое' },
    help: {
      en: '2 keeps every other value, 3 every third.',
      ru: '2 оставляет каждое второе значение, 3 — каждое третье.',
    },
  },
];

interface Part {
  axis: number;
  start: number;
  /** Exclusive. */
  end: number;
  step: number;
}

export const slice: LayerDefinition = {
  kind: 'slice',
  category: 'shape',
  label: { en: 'Slice', ru: 'Срез' },
  help: {
    en: 'Keeps a part of the values along one dimension. Use it to crop an image, to split a path in two, or to take the last step of a sequence.',
    ru: 'Оставляет часть значений вдоль одного измерения. Им обрезают изображение, делят путь надвое или берут последний шаг последовательности.',
  },
  formula: 'v = (u_s, u_{s+1}, \\dots, u_{e-1})',
  icon: 'crop',
  parameters,
  inputs: [1, 1],
  hasOutput: true,
  shape(values, [input = []]) {
    const part = readPart(values, input);
    if ('code' in part) return part;
    return input.map((size, index) => (index === part.axis ? Math.ceil((part.end - part.start) / part.step) : size));
  },
  cost: (_values, _inputs, output) => costOfOutput(output),
  emit({ parameters: values, inputs: [input = []], inputNames: [source = ''], outputName, constant, node }) {
    const part = readPart(values, input);
    if ('code' in part) return;
    const list = (name: string, value: number) =>
      constant(name, { dims: [1], data: BigInt64Array.from([BigInt(value)]), frozen: true });
    const bounds = [list('start', part.start), list('end', part.end), list('axis', part.axis + 1)];
    node('Slice', [source, ...bounds, ...(part.step === 1 ? [] : [list('step', part.step)])], outputName);
  },
  recognise(node, initializer) {
    if (node.opType !== 'Slice') return null;
    const [start, end, axis, step = 1] = [1, 2, 3, 4].map((place) => single(initializer(node.inputs[place] ?? '')));
    if (start === undefined || end === undefined || axis === undefined || axis === 0) return null;
    if ((node.inputs[4] && single(initializer(node.inputs[4])) === undefined) || step < 1) return null;
    const most = 1_000_000;
    if (Math.abs(start) > most || Math.abs(axis) > 6 || step > most) return null;
    const whole = end >= most;
    // An end counted from the end of the input can't be told without its size.
    if (!whole && (start < 0 !== end < 0 || end <= start)) return null;
    return { axis, start, length: whole ? 0 : end - start, step };
  },
};

function single(initializer: Initializer | undefined): number | undefined {
  return initializer?.data instanceof BigInt64Array && initializer.data.length === 1
    ? Number(initializer.data[0])
    : undefined;
}

function readPart(values: ParameterValues, input: Shape): Part | LayerIssue {
  const axis = axisOf(values, input);
  if (typeof axis !== 'number') return axis;
  const size = input[axis] ?? 0;
  const [given, length, step] = [Number(values.start), Number(values.length), Number(values.step)];
  const start = given < 0 ? size + given : given;
  const end = length === 0 ? size : start + length;
  if (start >= 0 && start < size && end <= size) return { axis, start, end, step };
  return {
    code: 'network.slice-range',
    details: { start: given, length, size, got: formatShape(input) },
    fix: { kind: 'set-parameter', parameter: start >= 0 && start < size ? 'length' : 'start', value: null },
  };
}
