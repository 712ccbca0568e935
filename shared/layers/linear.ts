import { biasParameter } from './bias';
import type { LayerDefinition, ParameterDefinition, ParameterValues } from './definition';
import { initialisation, initialiserParameters } from './initialisers';
import { elements, formatShape } from './sizes';

const parameters: ParameterDefinition[] = [
  {
    name: 'units',
    type: 'integer',
    default: 16,
    minimum: 1,
    maximum: 65_536,
    step: 1,
    label: { en: 'Units', ru: 'Нейроны' },
    help: {
      en: 'The number of neurons, which is the number of output values. More units can express more, cost more and overfit sooner.',
      ru: 'Число нейронов, оно же число выходных значений. Чем их больше, тем выразительнее слой, но тем он дороже и скорее переобучается.',
    },
  },
  biasParameter,
  ...initialiserParameters({ prefix: 'weight' }),
  ...initialiserParameters({ prefix: 'bias' }),
  {
    name: 'drawOrder',
    type: 'choice',
    default: 'weight first',
    choices: [
      { value: 'weight first', label: { en: 'Weights, then bias', ru: 'Веса, затем смещение' } },
      { value: 'bias first', label: { en: 'Bias, then weights', ru: 'Смещение, затем веса' } },
    ],
    advanced: true,
    label: { en: 'Drawing order', ru: 'Порядок выбора' },
    help: {
      en: 'Which of the two takes its random numbers first. PyTorch draws the weights first; a program that writes y = a + b·x often draws a first.',
      ru: 'Что первым берёт случайные числа. PyTorch сначала выбирает веса; программа, где написано y = a + b·x, часто начинает с a.',
    },
  },
];

export const linear: LayerDefinition = {
  kind: 'linear',
  category: 'linear',
  label: { en: 'Linear', ru: 'Полносвязный' },
  help: {
    en: 'Every neuron sums all inputs, each multiplied by a weight, and adds its bias. The main trainable layer: put an activation after it, except at the end.',
    ru: 'Каждый нейрон складывает все входы, умноженные на веса, и прибавляет своё смещение. Основной обучаемый слой: после него ставят функцию активации, кроме самого конца.',
  },
  formula: 'u = W x + b',
  icon: 'network',
  parameters,
  inputs: [1, 1],
  hasOutput: true,
  sizeParameter: 'units',
  shape(values, [input = []]) {
    if (input.length === 1) return [Number(values.units)];
    return {
      code: 'network.linear-needs-row',
      details: { got: formatShape(input), count: elements(input) },
      fix: { kind: 'insert-before', insert: 'flatten', port: 0 },
    };
  },
  weights(values, [input = []]) {
    const fanIn = elements(input);
    const fanOut = Number(values.units);
    const fans = { fanIn, fanOut };
    const weight = { name: 'weight', dims: [fanOut, fanIn], ...initialisation(values, 'weight'), ...fans };
    if (values.bias === false) return [weight];
    const bias = { name: 'bias', dims: [fanOut], ...initialisation(values, 'bias'), ...fans };
    return values.drawOrder === 'bias first' ? [bias, weight] : [weight, bias];
  },
  cost(values, [input = []]) {
    const fanIn = elements(input);
    const units = Number(values.units);
    const products = fanIn * units;
    return {
      parameters: products + (values.bias === false ? 0 : units),
      multiplyAdds: products,
      activationBytes: 4 * units,
    };
  },
  emit({ parameters: values, inputNames: [input = ''], outputName, weightName, node }) {
    const inputs = [input, weightName('weight'), ...(values.bias === false ? [] : [weightName('bias')])];
    node('Gemm', inputs, outputName, { alpha: 1, beta: 1, transA: 0, transB: 1 });
  },
  recognise(node, initializer) {
    const { alpha = 1, beta = 1, transA = 0, transB = 0 } = node.attributes;
    if (node.opType !== 'Gemm' || alpha !== 1 || beta !== 1 || transA !== 0 || transB !== 1) return null;
    const units = initializer(node.inputs[1] ?? '')?.dims[0];
    if (units === undefined) return null;
    const bias = node.inputs[2] ? initializer(node.inputs[2]) : undefined;
    // A bias that is no row of one number per unit (ONNX would broadcast it) is no bias of this layer.
    if (node.inputs[2] && (bias?.dims.length !== 1 || bias.dims[0] !== units)) return null;
    return { units, bias: bias !== undefined } satisfies ParameterValues;
  },
};
