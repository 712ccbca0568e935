import { isNumberList } from '../network/graph';
import {
  isLayerIssue,
  type LayerDefinition,
  type ParameterDefinition,
  type ParameterValues,
  type Shape,
} from './definition';
import { elements, formatShape } from './sizes';
import { kernelParameter, paddingParameters, readWindow, recogniseWindow, shortest, strideParameter } from './window';

export const poolingParameters: ParameterDefinition[] = [
  { ...kernelParameter, default: [2] },
  {
    ...strideParameter,
    default: [],
    automatic: { en: 'as the kernel', ru: 'как ядро' },
    help: {
      en: 'By how much the window moves on each time. Empty: by its own size, so that windows do not overlap.',
      ru: 'На сколько каждый раз сдвигается окно. Пусто: на собственный размер, и окна не пересекаются.',
    },
  },
  ...paddingParameters('valid'),
  {
    name: 'ceil',
    type: 'boolean',
    default: false,
    advanced: true,
    when: { parameter: 'padding', is: ['valid', 'explicit'] },
    label: { en: 'Round up', ru: 'Округлять вверх' },
    help: {
      en: 'Adds a last, smaller window where the stride leaves a rest. Otherwise the rest is left out.',
      ru: 'Добавляет последнее неполное окно, когда шаг оставляет остаток. Иначе остаток отбрасывается.',
    },
  },
];

interface Pool {
  kind: string;
  opType: 'MaxPool' | 'AveragePool';
  label: LayerDefinition['label'];
  help: LayerDefinition['help'];
  formula: string;
  icon: string;
  parameters?: ParameterDefinition[];
  attributes?(values: ParameterValues): Record<string, number>;
  recogniseOwn?(attributes: Readonly<Record<string, unknown>>): ParameterValues | null;
}

/** Pooling over signals [channels, length] or images [channels, height, width]. */
export function pooling({ opType, parameters = [], attributes, recogniseOwn, ...names }: Pool): LayerDefinition {
  const read = (values: ParameterValues, input: Shape) =>
    readWindow(values, input, { ceil: values.ceil === true && values.padding !== 'same', padsBelowKernel: true });
  return {
    ...names,
    category: 'pooling',
    parameters: [...poolingParameters, ...parameters],
    inputs: [1, 1],
    hasOutput: true,
    shape(values, [input = []]) {
      if (input.length !== 2 && input.length !== 3) return needsChannels(input);
      const window = read(values, input);
      return 'code' in window ? window : [input[0] ?? 1, ...window.output];
    },
    cost(values, [input = []], output) {
      const window = read(values, input);
      const field = 'code' in window ? 1 : elements(window.kernel);
      // Comparisons or additions, counted as if they were products.
      return { parameters: 0, multiplyAdds: elements(output) * field, activationBytes: 4 * elements(output) };
    },
    emit({ parameters: values, inputs: [input = []], inputNames, outputName, node }) {
      const window = read(values, input);
      if ('code' in window) return;
      node(opType, inputNames, outputName, {
        ceil_mode: values.ceil === true && values.padding !== 'same' ? 1 : 0,
        ...(parameters.some(({ name }) => name === 'dilation') ? { dilations: window.dilation } : {}),
        kernel_shape: window.kernel,
        pads: window.pads,
        strides: window.stride,
        ...attributes?.(values),
      });
    },
    recognise(node) {
      const { kernel_shape: kernel, ceil_mode: ceil = 0, dilations } = node.attributes;
      if (node.opType !== opType || !isNumberList(kernel) || node.outputs.slice(1).some((name) => name !== ''))
        return null;
      if (kernel.length < 1 || kernel.length > 2) return null;
      const window = recogniseWindow(node.attributes, kernel);
      const own = recogniseOwn ? recogniseOwn(node.attributes) : {};
      if (!window || !own) return null;
      const { dilation, stride, ...rest } = window;
      const dilates = parameters.some(({ name }) => name === 'dilation');
      if (!dilates && Array.isArray(dilations) && dilations.some((size) => size !== 1)) return null;
      const ownStride = shortest(kernel).join() === stride.join() ? [] : stride;
      return { ...rest, stride: ownStride, ceil: ceil === 1, ...(dilates && dilation ? { dilation } : {}), ...own };
    },
  };
}

/** Layers for channels with one or two directions. */
export function needsChannels(input: Shape) {
  return {
    code: 'network.needs-channels' as const,
    details: { got: formatShape(input) },
    ...(input.length === 1
      ? { fix: { kind: 'insert-before' as const, insert: 'reshape', port: 0, parameters: { shape: [1, ...input] } } }
      : {}),
  };
}

interface GlobalPool extends Omit<Pool, 'opType' | 'parameters' | 'attributes' | 'recogniseOwn'> {
  opType: 'GlobalMaxPool' | 'GlobalAveragePool';
}

/** One value per channel; the directions stay with size 1, so that the result can be multiplied onto the channels. */
export function globalPooling({ opType, ...names }: GlobalPool): LayerDefinition {
  const shape = ([input = []]: Shape[]) =>
    input.length === 2 || input.length === 3 ? [input[0] ?? 1, ...input.slice(1).map(() => 1)] : needsChannels(input);
  return {
    ...names,
    category: 'pooling',
    parameters: [],
    inputs: [1, 1],
    hasOutput: true,
    shape: (_values, inputs) => shape(inputs),
    cost(_values, [input = []]) {
      const output = shape([input]);
      const count = isLayerIssue(output) ? 0 : elements(output);
      return { parameters: 0, multiplyAdds: elements(input), activationBytes: 4 * count };
    },
    emit: ({ inputNames, outputName, node }) => node(opType, inputNames, outputName),
    recognise: (node) => (node.opType === opType ? {} : null),
  };
}
