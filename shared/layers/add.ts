import type { LayerDefinition } from './definition';
import { costOfOutput, formatShape, sameShape } from './sizes';

export const add: LayerDefinition = {
  kind: 'add',
  category: 'combine',
  label: { en: 'Add', ru: 'Сложение' },
  help: {
    en: 'Adds two to eight inputs of the same shape, value by value. With it a path can bypass layers (a residual connection), which keeps gradients alive in deep networks.',
    ru: 'Складывает поэлементно от двух до восьми входов одинаковой формы. Позволяет провести путь в обход слоёв (остаточная связь), чтобы градиент не затухал в глубоких сетях.',
  },
  formula: 'v = u_1 + u_2 + \\dots',
  icon: 'circle-plus',
  parameters: [],
  inputs: [2, 8],
  hasOutput: true,
  shape(_parameters, inputs) {
    const first = inputs[0] ?? [];
    const port = inputs.findIndex((shape) => !sameShape(shape, first));
    const other = inputs[port];
    if (!other) return first;
    return {
      code: 'network.add-shapes',
      details: { first: formatShape(first), port: port + 1, got: formatShape(other) },
    };
  },
  cost: (_parameters, _inputs, output) => costOfOutput(output),
  /** ONNX's Add takes two inputs, so more become a chain; the last node has the layer's name. */
  emit({ inputNames, outputName, node }) {
    const last = inputNames.length - 1;
    let sum = inputNames[0] ?? '';
    for (let port = 1; port <= last; port++) {
      const result = port === last ? outputName : `${outputName}.sum${port}`;
      node('Add', [sum, inputNames[port] ?? ''], result, {}, port === last ? undefined : `sum${port}`);
      sum = result;
    }
  },
  recognise: (node, initializer) =>
    node.opType === 'Add' && node.inputs.every((name) => !initializer(name)) ? {} : null,
};
