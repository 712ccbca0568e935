import type { LayerDefinition, ParameterValues, Shape } from './definition';
import { costOfOutput, elements, formatShape } from './sizes';

const wantedShape = (parameters: ParameterValues): number[] =>
  Array.isArray(parameters.shape) ? parameters.shape : [];

export const reshape: LayerDefinition = {
  kind: 'reshape',
  category: 'shape',
  label: { en: 'Reshape', ru: 'Изменение формы' },
  help: {
    en: 'Arranges the values of a sample in another shape, in the same order. The number of values must stay the same; one size may be -1, which means "the rest".',
    ru: 'Раскладывает значения примера в другую форму в том же порядке. Число значений должно сохраниться; один размер может быть -1, то есть «остальное».',
  },
  formula: "\\prod_i d_i = \\prod_j d'_j",
  icon: 'grid-3x3',
  parameters: [
    {
      name: 'shape',
      type: 'shape',
      default: [-1],
      inferred: true,
      label: { en: 'New shape', ru: 'Новая форма' },
      help: {
        en: 'Sizes without the batch, such as 1, 28, 28. One of them may be -1: it is worked out from the others.',
        ru: 'Размеры без батча, например 1, 28, 28. Один из них может быть -1: он вычисляется по остальным.',
      },
    },
  ],
  inputs: [1, 1],
  hasOutput: true,
  shape(parameters, [input = []]) {
    const wanted = wantedShape(parameters);
    const known = elements(wanted.filter((size) => size !== -1));
    const count = elements(input);
    const rest = count / known;
    const fits = wanted.includes(-1) ? Number.isInteger(rest) && rest > 0 : known === count;
    if (!fits) {
      return {
        code: 'network.reshape-size',
        details: { got: formatShape(input), count, wanted: formatShape(wanted), wantedCount: known },
        fix: { kind: 'set-parameter', parameter: 'shape', value: [-1] },
      };
    }
    return wanted.map((size) => (size === -1 ? rest : size));
  },
  cost: (_parameters, _inputs, output) => costOfOutput(output),
  emit({ output, inputNames: [input = ''], outputName, constant, node }) {
    // 0 copies the batch from the input (ONNX, allowzero = 0).
    const dims = constant('shape', { dims: [output.length + 1], data: shapeConstant(output), frozen: true });
    node('Reshape', [input, dims], outputName);
  },
  recognise(node, initializer) {
    const data = node.opType === 'Reshape' ? initializer(node.inputs[1] ?? '')?.data : undefined;
    if (!(data instanceof BigInt64Array) || data.length < 2) return null;
    const [batch, ...sizes] = Array.from(data, Number);
    if (batch !== 0 && !(batch === -1 && sizes.every((size) => size > 0))) return null;
    return sizes.includes(0) ? null : { shape: sizes };
  },
};

function shapeConstant(output: Shape): BigInt64Array {
  return BigInt64Array.from([0, ...output], BigInt);
}
