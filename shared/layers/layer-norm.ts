import type { Initializer } from '../network/graph';
import { biasParameter } from './bias';
import { written } from './constant-operand';
import type { LayerDefinition, ParameterValues, Shape } from './definition';
import { epsilonParameter } from './normalisation';
import { elements, formatShape } from './sizes';

const normalised = ({ dimensions }: ParameterValues, input: Shape): number[] => input.slice(-Number(dimensions));

export const layerNorm: LayerDefinition = {
  kind: 'layer-norm',
  category: 'normalisation',
  label: { en: 'Layer normalisation', ru: 'Послойная нормализация' },
  help: {
    en: 'Brings the values of each sample to mean 0 and variance 1, then to a trained scale and shift. It does not depend on the batch, so it suits sequences, attention and small batches.',
    ru: 'Приводит значения каждого примера к среднему 0 и дисперсии 1, затем к обучаемым масштабу и сдвигу. Не зависит от батча и подходит для последовательностей, внимания и малых батчей.',
  },
  formula: 'v = \\gamma\\, \\dfrac{u - \\mu}{\\sqrt{\\sigma^2 + \\varepsilon}} + \\beta',
  icon: 'align-center-horizontal',
  parameters: [
    {
      name: 'dimensions',
      type: 'integer',
      default: 1,
      minimum: 1,
      maximum: 6,
      step: 1,
      label: { en: 'Last dimensions', ru: 'Последние измерения' },
      help: {
        en: 'Over how many of the last dimensions the mean is taken: 1 for each step of a sequence by itself, 3 for a whole image.',
        ru: 'По скольким последним измерениям берётся среднее: 1 — каждый шаг последовательности отдельно, 3 — всё изображение.',
      },
    },
    { ...biasParameter, advanced: true },
    epsilonParameter,
  ],
  inputs: [1, 1],
  hasOutput: true,
  shape({ dimensions }, [input = []]) {
    if (Number(dimensions) <= input.length) return input;
    return {
      code: 'network.norm-dimensions',
      details: { dimensions: Number(dimensions), got: formatShape(input), rank: input.length },
      fix: { kind: 'set-parameter', parameter: 'dimensions', value: input.length },
    };
  },
  weights(values, [input = []]) {
    const dims = normalised(values, input);
    const own = { dims, fanIn: elements(dims), fanOut: elements(dims) };
    const weight = { name: 'weight', initialiser: 'ones', ...own } as const;
    return values.bias === false ? [weight] : [weight, { name: 'bias', initialiser: 'zeros', ...own }];
  },
  cost(values, [input = []], output) {
    const count = elements(normalised(values, input));
    return {
      parameters: values.bias === false ? count : 2 * count,
      multiplyAdds: 2 * elements(output),
      activationBytes: 4 * elements(output),
    };
  },
  emit({ parameters: values, inputNames: [source = ''], outputName, weightName, node }) {
    const weights = values.bias === false ? ['weight'] : ['weight', 'bias'];
    node('LayerNormalization', [source, ...weights.map(weightName)], outputName, {
      axis: -Number(values.dimensions),
      epsilon: Number(values.epsilon),
    });
  },
  recognise(node, initializer) {
    const weight = initializer(node.inputs[1] ?? '');
    if (node.opType !== 'LayerNormalization' || !weight || node.outputs.slice(1).some((name) => name !== ''))
      return null;
    // The axis may be counted from the front; the weight has as many dimensions as are normalised.
    const { axis = -1, epsilon = 1e-5 } = node.attributes;
    const dimensions = Number(axis) < 0 ? -Number(axis) : weight.dims.length;
    if (dimensions !== weight.dims.length || dimensions < 1) return null;
    return { dimensions, bias: Boolean(node.inputs[2]), epsilon: Number(epsilon) };
  } /** Before operator set 17 it was written out: the root of a mean of squares, then a product and a sum. */,
  disguises: [
    {
      key: ({ opType }) => opType === 'Sqrt',
      guess({ nodes, initializer }) {
        const used = (opType: string): Initializer[] =>
          nodes.flatMap((node) =>
            node.opType === opType ? node.inputs.flatMap((name) => initializer(name) ?? []) : [],
          );
        const [weight, ...others] = used('Mul').filter(({ data }) => data.length > 1);
        const [bias] = used('Add').filter(({ data }) => data.length > 1);
        const [epsilon] = used('Add').flatMap((value) =>
          value.data.length === 1 ? written(Number(value.data[0])) : [],
        );
        if (!(weight?.data instanceof Float32Array) || others.length > 0 || epsilon === undefined) return [];
        const weights = { weight: weight.data, ...(bias?.data instanceof Float32Array && { bias: bias.data }) };
        return [{ parameters: { dimensions: weight.dims.length, bias: bias !== undefined, epsilon }, weights }];
      },
    },
  ],
};
