import type { LayerIssue, ParameterDefinition, ParameterValues, Shape } from './definition';
import { formatShape } from './sizes';

/** Convolution and pooling move a window over the last one (signal) or two (image) dimensions; the first is the channels. */
export interface Window {
  /** One entry per direction: [height, width] or [length]. */
  kernel: number[];
  stride: number[];
  dilation: number[];
  /** As ONNX has them: all beginnings, then all ends. */
  pads: number[];
  /** Sizes that come out. */
  output: number[];
}

export interface WindowOptions {
  /** Rounds the number of windows up where the stride leaves a rest. */
  ceil?: boolean;
  /** A window may not lie in the padding alone: pooling has no value for it. */
  padsBelowKernel?: boolean;
}

const numbers = (value: ParameterValues[string] | undefined): number[] => (Array.isArray(value) ? value : []);

/** Whether the parameter's value was given as a list for `rank` directions: one size for all, or one for each. */
export function perDirection(
  parameters: ParameterValues,
  parameter: string,
  input: Shape,
  automatic?: readonly number[],
): number[] | LayerIssue {
  const rank = input.length - 1;
  const given = numbers(parameters[parameter]);
  if (given.length === 0 && automatic) return [...automatic];
  if (given.length === 1) return Array.from({ length: rank }, () => given[0] ?? 1);
  return given.length === rank ? given : wrongCount(parameter, given, input, rank === 1 ? [1] : [1, rank]);
}

/** Padding as ONNX has it, from one size for all sides, one per direction, or all beginnings and then all ends. */
export function explicitPads(parameters: ParameterValues, parameter: string, input: Shape): number[] | LayerIssue {
  const rank = input.length - 1;
  const given = numbers(parameters[parameter]);
  if (given.length === 1) return Array.from({ length: 2 * rank }, () => given[0] ?? 0);
  if (given.length === 2 * rank) return given;
  if (given.length === rank) return [...given, ...given];
  return wrongCount(parameter, given, input, [...new Set([1, rank, 2 * rank])]);
}

/** Of the parameters kernel, stride, dilation, padding and pads; a layer without one of them has its neutral value. */
export function readWindow(
  parameters: ParameterValues,
  input: Shape,
  options: WindowOptions = {},
): Window | LayerIssue {
  const kernel = perDirection(parameters, 'kernel', input);
  if (!Array.isArray(kernel)) return kernel;
  const stride = perDirection(parameters, 'stride', input, kernel);
  if (!Array.isArray(stride)) return stride;
  const dilation = perDirection(
    parameters,
    'dilation',
    input,
    kernel.map(() => 1),
  );
  if (!Array.isArray(dilation)) return dilation;
  const sizes = input.slice(1);
  const span = kernel.map((size, index) => (size - 1) * at(dilation, index) + 1);
  const pads = windowPads(parameters, input, sizes, span, stride);
  if (!Array.isArray(pads)) return pads;

  const rank = kernel.length;
  if (options.padsBelowKernel && pads.some((pad, index) => pad >= at(kernel, index % rank))) {
    const details = { pads: pads.join(', '), kernel: formatShape(kernel) };
    return {
      code: 'network.window-padding',
      details,
      fix: { kind: 'set-parameter', parameter: 'padding', value: 'valid' },
    };
  }
  const padded = sizes.map((size, index) => size + at(pads, index) + at(pads, index + rank));
  if (padded.some((size, index) => size < at(span, index))) {
    return {
      code: 'network.window-too-large',
      details: { span: formatShape(span), size: formatShape(padded) },
      fix: { kind: 'set-parameter', parameter: 'padding', value: 'same' },
    };
  }
  const output = padded.map((size, index) => {
    const rest = size - at(span, index);
    if (!options.ceil) return Math.floor(rest / at(stride, index)) + 1;
    const count = Math.ceil(rest / at(stride, index)) + 1;
    // The last window has to begin inside the input or the padding before it.
    const begins = (count - 1) * at(stride, index);
    return begins >= at(sizes, index) + at(pads, index) ? count - 1 : count;
  });
  return { kernel, stride, dilation, pads, output };
}

function windowPads(
  parameters: ParameterValues,
  input: Shape,
  sizes: readonly number[],
  span: readonly number[],
  stride: readonly number[],
): number[] | LayerIssue {
  if (parameters.padding === 'explicit') return explicitPads(parameters, 'pads', input);
  if (parameters.padding !== 'same') return [...sizes, ...sizes].map(() => 0);
  // ONNX's SAME_UPPER: as many windows as strides fit into the input, the odd value of padding at the end.
  const total = sizes.map((size, index) => {
    const windows = Math.ceil(size / at(stride, index));
    return Math.max((windows - 1) * at(stride, index) + at(span, index) - size, 0);
  });
  return splitPads(total);
}

/** Half at the beginning, the rest at the end. */
export function splitPads(total: readonly number[]): number[] {
  const begin = total.map((pad) => Math.floor(pad / 2));
  return [...begin, ...total.map((pad, index) => pad - at(begin, index))];
}

function wrongCount(parameter: string, given: number[], input: Shape, allowed: number[]): LayerIssue {
  return {
    code: 'network.window-sizes',
    details: { parameter, given: given.length, got: formatShape(input), allowed },
    fix: { kind: 'set-parameter', parameter, value: given.slice(0, 1) },
  };
}

/** The parameters of a window, from the attributes of an ONNX node that has one; null where no layer of ours does the same. */
export function recogniseWindow(
  attributes: Readonly<Record<string, unknown>>,
  kernel: readonly number[],
): (ParameterValues & { stride: number[] }) | null {
  const rank = kernel.length;
  const list = (name: string, standard: number): number[] => {
    const value = attributes[name];
    return Array.isArray(value) ? value.map(Number) : Array.from({ length: rank }, () => standard);
  };
  const stride = list('strides', 1);
  const dilation = list('dilations', 1);
  const pads = attributes.pads === undefined ? Array.from({ length: 2 * rank }, () => 0) : list('pads', 0);
  if (stride.length !== rank || dilation.length !== rank || pads.length !== 2 * rank || pads.some((pad) => pad < 0))
    return null;
  const automatic = attributes.auto_pad ?? 'NOTSET';
  if (automatic === 'SAME_LOWER') return null;
  const same = splitPads(kernel.map((size, index) => (size - 1) * at(dilation, index)));
  const isSame = stride.every((size) => size === 1) && same.every((pad, index) => pad === at(pads, index));
  const padding = ((): ParameterValues => {
    if (automatic === 'SAME_UPPER') return { padding: 'same' };
    if (automatic === 'VALID' || pads.every((pad) => pad === 0)) return { padding: 'valid' };
    return isSame ? { padding: 'same' } : { padding: 'explicit', pads: shortest(pads) };
  })();
  return { kernel: shortest(kernel), stride: shortest(stride), dilation: shortest(dilation), ...padding };
}

/** [3, 3] as [3]. */
export function shortest(sizes: readonly number[]): number[] {
  return sizes.every((size) => size === sizes[0]) ? sizes.slice(0, 1) : [...sizes];
}

export function at(values: readonly number[], index: number): number {
  return values[index] ?? 0;
}

const sizesHint = {
  en: 'One number for all directions, or height, width.',
  ru: 'Одно число для всех направлений либо высота, ширина.',
};

export const strideParameter: ParameterDefinition & { type: 'shape' } = {
  name: 'stride',
  type: 'shape',
  default: [1],
  maximumLength: 2,
  label: { en: 'Stride', ru: 'Шаг' },
  help: {
    en: `By how much the window moves on each time. 2 halves the size of the output. ${sizesHint.en}`,
    ru: `На сколько каждый раз сдвигается окно. При 2 размер выхода уменьшается вдвое. ${sizesHint.ru}`,
  },
};

export const kernelParameter: ParameterDefinition & { type: 'shape' } = {
  name: 'kernel',
  type: 'shape',
  default: [3],
  maximumLength: 2,
  label: { en: 'Kernel', ru: 'Ядро' },
  help: {
    en: `Size of the window that moves over the input. ${sizesHint.en}`,
    ru: `Размер окна, которое движется по входу. ${sizesHint.ru}`,
  },
};

export const dilationParameter: ParameterDefinition & { type: 'shape' } = {
  name: 'dilation',
  type: 'shape',
  default: [1],
  maximumLength: 2,
  advanced: true,
  label: { en: 'Dilation', ru: 'Разрежение' },
  help: {
    en: `Distance between neighbouring values of the window: 2 skips every other one and sees twice as far. ${sizesHint.en}`,
    ru: `Расстояние между соседними значениями окна: 2 берёт каждое второе и видит вдвое дальше. ${sizesHint.ru}`,
  },
};

/** Without "same", whose padding depends on the size of the input, a window layer has these two choices. */
export function paddingParameters(standard: 'valid' | 'same'): ParameterDefinition[] {
  return [
    {
      name: 'padding',
      type: 'choice',
      default: standard,
      choices: [
        { value: 'valid', label: { en: 'None ("valid")', ru: 'Нет («valid»)' } },
        { value: 'same', label: { en: 'Keeps the size ("same")', ru: 'Сохраняет размер («same»)' } },
        { value: 'explicit', label: { en: 'Chosen by hand', ru: 'Задать вручную' } },
      ],
      label: { en: 'Padding', ru: 'Дополнение' },
      help: {
        en: 'What is put around the input. "Same" adds so much that, with stride 1, the output is as large as the input; without padding it shrinks by the kernel less 1.',
        ru: 'Чем окружается вход. «Same» добавляет столько, что при шаге 1 выход того же размера, что и вход; без дополнения он меньше на размер ядра минус 1.',
      },
    },
    {
      name: 'pads',
      type: 'shape',
      default: [1],
      minimum: 0,
      maximumLength: 4,
      when: { parameter: 'padding', is: ['explicit'] },
      label: { en: 'Added', ru: 'Добавить' },
      help: {
        en: 'How many values are added: one number for all sides; height, width; or top, left, bottom, right. For a signal: one number, or before, after.',
        ru: 'Сколько значений добавить: одно число для всех сторон; высота, ширина; или сверху, слева, снизу, справа. Для сигнала: одно число либо до, после.',
      },
    },
  ];
}
