import { isNumberList } from '../network/graph';
import { biasParameter } from './bias';
import { checkGroups, checkRank, convolutionParameters, forSignals, groupsOf, recogniseGroups } from './convolution';
import type { LayerDefinition, LayerIssue, ParameterDefinition, ParameterValues, Shape } from './definition';
import { fans, initialisation } from './initialisers';
import { elements } from './sizes';
import { at, explicitPads, perDirection, recogniseWindow, shortest, splitPads } from './window';

interface Spread {
  kernel: number[];
  stride: number[];
  dilation: number[];
  pads: number[];
  outputPadding: number[];
  output: number[];
}

/** Twice the size is what the layer is mostly for. */
const ownDefaults: Record<string, ParameterDefinition['default']> = { kernel: [2], stride: [2], padding: 'valid' };

const outputPadding: ParameterDefinition = {
  name: 'outputPadding',
  type: 'shape',
  default: [0],
  minimum: 0,
  maximumLength: 2,
  advanced: true,
  when: { parameter: 'padding', is: ['valid', 'explicit'] },
  label: { en: 'Added to the output', ru: 'Добавить к выходу' },
  help: {
    en: 'Rows and columns added at the end of the output, less than the stride. With a stride several input sizes shrink to one; this chooses among them on the way back.',
    ru: 'Строки и столбцы, добавляемые в конец выхода, меньше шага. При шаге больше 1 несколько размеров входа сжимаются в один; этим выбирают, к какому из них вернуться.',
  },
};

const paddingHelp = {
  en: 'How much is cut off around the output. "Same" cuts so that the output is the input times the stride.',
  ru: 'Сколько отрезать по краям выхода. «Same» отрезает так, чтобы выход был равен входу, умноженному на шаг.',
};

const parameters: ParameterDefinition[] = convolutionParameters.flatMap((parameter) => {
  const own = ownDefaults[parameter.name];
  const changed = own === undefined ? parameter : ({ ...parameter, default: own } as ParameterDefinition);
  if (parameter.name === 'padding') return [{ ...changed, help: paddingHelp }];
  return parameter === biasParameter ? [changed, outputPadding] : [changed];
});

interface Names {
  kind: string;
  rank: 1 | 2;
  label: LayerDefinition['label'];
  help: LayerDefinition['help'];
  formula: string;
  icon: string;
}

/** ONNX's ConvTranspose, weight [channels, filters / groups, …kernel]: the way back of a convolution, which makes the input larger. */
export function transposedConvolution({ rank, ...names }: Names): LayerDefinition {
  const weightDims = (values: ParameterValues, input: Shape): number[] => {
    const kernel = perDirection(values, 'kernel', input);
    const channels = input[0] ?? 1;
    const filters = Number(values.filters) / groupsOf(values, channels);
    return [channels, filters, ...(Array.isArray(kernel) ? kernel : [])];
  };
  return {
    ...names,
    category: 'convolution',
    parameters: rank === 1 ? forSignals(parameters) : parameters,
    inputs: [1, 1],
    hasOutput: true,
    sizeParameter: 'filters',
    shape(values, [input = []]) {
      const issue = checkRank(input, rank) ?? checkGroups(values, input[0] ?? 1);
      if (issue) return issue;
      const spread = readSpread(values, input);
      return 'code' in spread ? spread : [Number(values.filters), ...spread.output];
    },
    weights(values, [input = []]) {
      const dims = weightDims(values, input);
      const weight = { name: 'weight', dims, ...initialisation(values, 'weight'), ...fans(dims) };
      if (values.bias === false) return [weight];
      const bias = { name: 'bias', dims: [Number(values.filters)], ...initialisation(values, 'bias'), ...fans(dims) };
      return [weight, bias];
    },
    cost(values, [input = []], output) {
      const [, ...field] = weightDims(values, input);
      return {
        parameters: elements(weightDims(values, input)) + (values.bias === false ? 0 : Number(values.filters)),
        multiplyAdds: elements(input) * elements(field),
        activationBytes: 4 * elements(output),
      };
    },
    emit({ parameters: values, inputs: [input = []], inputNames: [source = ''], outputName, weightName, node }) {
      const spread = readSpread(values, input);
      if ('code' in spread) return;
      const inputs = [source, weightName('weight'), ...(values.bias === false ? [] : [weightName('bias')])];
      node('ConvTranspose', inputs, outputName, {
        dilations: spread.dilation,
        group: groupsOf(values, input[0] ?? 1),
        kernel_shape: spread.kernel,
        output_padding: spread.outputPadding,
        pads: spread.pads,
        strides: spread.stride,
      });
    },
    recognise(node, initializer) {
      const { attributes } = node;
      // An output size asked for outright has no parameter here; SAME_UPPER meant another side in older versions.
      if (node.opType !== 'ConvTranspose' || attributes.output_shape !== undefined) return null;
      if (!['NOTSET', 'VALID', undefined].includes(attributes.auto_pad as string | undefined)) return null;
      const weight = initializer(node.inputs[1] ?? '');
      const [channels = 0, filters = 0, ...kernel] = weight?.dims ?? [];
      if (kernel.length !== rank || !(weight?.data instanceof Float32Array)) return null;
      const window = recogniseWindow(attributes, kernel);
      const bias = node.inputs[2] ? initializer(node.inputs[2]) : undefined;
      if (!window || (node.inputs[2] && bias?.dims.length !== 1)) return null;
      const pads = isNumberList(attributes.pads) ? attributes.pads : [0];
      const groups = Number(attributes.group ?? 1);
      return {
        filters: filters * groups,
        bias: bias !== undefined,
        ...window,
        ...(pads.every((pad) => pad === 0) ? { padding: 'valid' } : { padding: 'explicit', pads: shortest(pads) }),
        outputPadding: shortest(isNumberList(attributes.output_padding) ? attributes.output_padding : [0]),
        ...recogniseGroups(groups, channels / groups),
      };
    },
  };
}

function readSpread(values: ParameterValues, input: Shape): Spread | LayerIssue {
  const kernel = perDirection(values, 'kernel', input);
  if (!Array.isArray(kernel)) return kernel;
  const stride = perDirection(values, 'stride', input);
  if (!Array.isArray(stride)) return stride;
  const dilation = perDirection(values, 'dilation', input);
  if (!Array.isArray(dilation)) return dilation;
  const sizes = input.slice(1);
  const span = kernel.map((size, index) => (size - 1) * at(dilation, index) + 1);
  const whole = sizes.map((size, index) => (size - 1) * at(stride, index) + at(span, index));
  if (values.padding === 'same') {
    const output = sizes.map((size, index) => size * at(stride, index));
    const rest = whole.map((size, index) => size - at(output, index));
    // A kernel smaller than the stride leaves a gap at the end instead.
    const added = rest.map((size) => Math.max(0, -size));
    return {
      kernel,
      stride,
      dilation,
      pads: splitPads(rest.map((size) => Math.max(0, size))),
      outputPadding: added,
      output,
    };
  }
  const pads = values.padding === 'explicit' ? explicitPads(values, 'pads', input) : [...sizes, ...sizes].map(() => 0);
  if (!Array.isArray(pads)) return pads;
  const added = perDirection(values, 'outputPadding', input);
  if (!Array.isArray(added)) return added;
  if (added.some((size, index) => size >= Math.max(at(stride, index), at(dilation, index)))) {
    return {
      code: 'network.output-padding',
      details: { padding: added.join(', ') },
      fix: { kind: 'set-parameter', parameter: 'outputPadding', value: null },
    };
  }
  const rank = kernel.length;
  const output = whole.map((size, index) => size - at(pads, index) - at(pads, index + rank) + at(added, index));
  if (output.some((size) => size < 1)) {
    return {
      code: 'network.nothing-left',
      details: { pads: pads.join(', '), size: whole.join(' × ') },
      fix: { kind: 'set-parameter', parameter: 'padding', value: 'valid' },
    };
  }
  return { kernel, stride, dilation, pads, outputPadding: added, output };
}
