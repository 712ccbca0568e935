import type { LayerDefinition, LayerIssue, ParameterDefinition, ParameterValues, Shape } from './definition';
import { biasParameter } from './bias';
import { fans, initialisation, initialiserParameters } from './initialisers';
import { elements, formatShape } from './sizes';
import {
  dilationParameter,
  kernelParameter,
  paddingParameters,
  readWindow,
  recogniseWindow,
  strideParameter,
} from './window';

/** What every convolution, plain and transposed, has in common. */
export const filtersParameter: ParameterDefinition = {
  name: 'filters',
  type: 'integer',
  default: 16,
  minimum: 1,
  maximum: 65_536,
  step: 1,
  label: { en: 'Filters', ru: 'Фильтры' },
  help: {
    en: 'The number of patterns the layer looks for, which is the number of output channels. Later layers usually have more of them.',
    ru: 'Сколько узоров ищет слой; столько же каналов на выходе. В последующих слоях их обычно больше.',
  },
};

const groupingParameters: ParameterDefinition[] = [
  {
    name: 'grouping',
    type: 'choice',
    default: 'full',
    choices: [
      { value: 'full', label: { en: 'Every filter sees all channels', ru: 'Каждый фильтр видит все каналы' } },
      { value: 'groups', label: { en: 'In groups of channels', ru: 'По группам каналов' } },
      {
        value: 'depthwise',
        label: { en: 'Each channel on its own (depthwise)', ru: 'Каждый канал отдельно (depthwise)' },
      },
    ],
    advanced: true,
    label: { en: 'Channels', ru: 'Каналы' },
    help: {
      en: 'Which input channels a filter reads. Depthwise filters are cheap: a kernel 1 convolution after them mixes the channels again.',
      ru: 'Какие входные каналы читает фильтр. Фильтры depthwise дёшевы; после них каналы снова смешивает свёртка с ядром 1.',
    },
  },
  {
    name: 'groups',
    type: 'integer',
    default: 2,
    minimum: 1,
    maximum: 65_536,
    step: 1,
    advanced: true,
    when: { parameter: 'grouping', is: ['groups'] },
    label: { en: 'Groups', ru: 'Группы' },
    help: {
      en: 'Channels and filters are divided into this many groups; a filter reads the channels of its own group. It must divide both.',
      ru: 'На столько групп делятся каналы и фильтры; фильтр читает каналы своей группы. Число должно делить и те и другие.',
    },
  },
];

export const convolutionParameters: ParameterDefinition[] = [
  filtersParameter,
  kernelParameter,
  strideParameter,
  ...paddingParameters('same'),
  biasParameter,
  dilationParameter,
  ...groupingParameters,
  ...initialiserParameters({ prefix: 'weight' }),
  ...initialiserParameters({ prefix: 'bias' }),
];

/** One-dimensional layers have one size per parameter and two sides to pad. */
export function forSignals(parameters: readonly ParameterDefinition[]): ParameterDefinition[] {
  return parameters.map((parameter) =>
    parameter.type === 'shape' ? { ...parameter, maximumLength: parameter.name === 'pads' ? 2 : 1 } : parameter,
  );
}

export function groupsOf(values: ParameterValues, channels: number): number {
  if (values.grouping === 'depthwise') return channels;
  return values.grouping === 'groups' ? Number(values.groups) : 1;
}

/** The input of a layer for signals (rank 1) or images (rank 2): an issue with what would make it one. */
export function checkRank(input: Shape, rank: 1 | 2): LayerIssue | null {
  if (input.length === rank + 1) return null;
  const shape = asChannels(input, rank);
  return {
    code: rank === 2 ? 'network.needs-image' : 'network.needs-signal',
    details: { got: formatShape(input) },
    ...(shape ? { fix: { kind: 'insert-before', insert: 'reshape', port: 0, parameters: { shape } } } : {}),
  };
}

/** The same values as one channel: a row as a signal, a matrix or a row of a square number as an image. Null: no telling. */
function asChannels(input: Shape, rank: 1 | 2): number[] | null {
  if (rank === 1) return input.length === 1 ? [1, ...input] : null;
  if (input.length === 2) return [1, ...input];
  const side = Math.sqrt(elements(input));
  return input.length === 1 && Number.isInteger(side) ? [1, side, side] : null;
}

export function checkGroups(values: ParameterValues, channels: number): LayerIssue | null {
  const filters = Number(values.filters);
  const groups = groupsOf(values, channels);
  if (channels % groups === 0 && filters % groups === 0) return null;
  const depthwise = values.grouping === 'depthwise';
  return {
    code: 'network.groups',
    details: { channels, filters, groups },
    fix: depthwise
      ? { kind: 'set-parameter', parameter: 'filters', value: Math.max(1, Math.round(filters / channels)) * channels }
      : { kind: 'set-parameter', parameter: 'grouping', value: null },
  };
}

interface Names {
  kind: string;
  rank: 1 | 2;
  label: LayerDefinition['label'];
  help: LayerDefinition['help'];
  formula: string;
  icon: string;
}

/** A convolution over signals [channels, length] or images [channels, height, width]: ONNX's Conv, weight [filters, channels / groups, …kernel]. */
export function convolution({ rank, ...names }: Names): LayerDefinition {
  const weightDims = (values: ParameterValues, input: Shape): number[] => {
    const window = readWindow(values, input);
    const channels = input[0] ?? 1;
    const kernel = Array.isArray(window) || !('kernel' in window) ? [] : window.kernel;
    return [Number(values.filters), channels / groupsOf(values, channels), ...kernel];
  };
  return {
    ...names,
    category: 'convolution',
    parameters: rank === 1 ? forSignals(convolutionParameters) : convolutionParameters,
    inputs: [1, 1],
    hasOutput: true,
    sizeParameter: 'filters',
    shape(values, [input = []]) {
      const issue = checkRank(input, rank) ?? checkGroups(values, input[0] ?? 1);
      if (issue) return issue;
      const window = readWindow(values, input);
      return 'code' in window ? window : [Number(values.filters), ...window.output];
    },
    weights(values, [input = []]) {
      const dims = weightDims(values, input);
      const weight = { name: 'weight', dims, ...initialisation(values, 'weight'), ...fans(dims) };
      if (values.bias === false) return [weight];
      return [weight, { name: 'bias', dims: dims.slice(0, 1), ...initialisation(values, 'bias'), ...fans(dims) }];
    },
    cost(values, [input = []], output) {
      const [filters = 1, ...field] = weightDims(values, input);
      return {
        parameters: filters * elements(field) + (values.bias === false ? 0 : filters),
        multiplyAdds: elements(output) * elements(field),
        activationBytes: 4 * elements(output),
      };
    },
    emit({ parameters: values, inputs: [input = []], inputNames: [source = ''], outputName, weightName, node }) {
      const window = readWindow(values, input);
      if ('code' in window) return;
      const inputs = [source, weightName('weight'), ...(values.bias === false ? [] : [weightName('bias')])];
      node('Conv', inputs, outputName, {
        dilations: window.dilation,
        group: groupsOf(values, input[0] ?? 1),
        kernel_shape: window.kernel,
        pads: window.pads,
        strides: window.stride,
      });
    },
    recognise(node, initializer) {
      if (node.opType !== 'Conv') return null;
      const weight = initializer(node.inputs[1] ?? '');
      const [filters = 0, channels = 0, ...kernel] = weight?.dims ?? [];
      if (kernel.length !== rank || !(weight?.data instanceof Float32Array)) return null;
      const window = recogniseWindow(node.attributes, kernel);
      const bias = node.inputs[2] ? initializer(node.inputs[2]) : undefined;
      if (!window || (node.inputs[2] && bias?.dims.length !== 1)) return null;
      const grouping = recogniseGroups(Number(node.attributes.group ?? 1), channels);
      return { filters, bias: bias !== undefined, ...window, ...grouping };
    },
  };
}

/** `channels` are those of one group. */
export function recogniseGroups(groups: number, channels: number): ParameterValues {
  if (groups === 1) return { grouping: 'full' };
  return channels === 1 ? { grouping: 'depthwise' } : { grouping: 'groups', groups };
}
