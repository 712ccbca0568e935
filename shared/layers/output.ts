import type { LayerDefinition } from './definition';

export const output: LayerDefinition = {
  kind: 'output',
  category: 'endpoint',
  label: { en: 'Output', ru: 'Выход' },
  help: {
    en: "Marks the values that are the network's answer and are compared with the target. For classes it needs one value per class, for numbers one per target column.",
    ru: 'Отмечает значения, которые являются ответом сети и сравниваются с целью. Для классов нужно одно значение на класс, для чисел — одно на каждый целевой столбец.',
  },
  icon: 'arrow-right-to-line',
  parameters: [],
  inputs: [1, 1],
  hasOutput: false,
  role: 'output',
  shape: (_parameters, [input]) => input ?? [],
  cost: () => ({ parameters: 0, multiplyAdds: 0, activationBytes: 0 }),
  // Only where the input itself is the answer: otherwise the layer before writes the output.
  emit: ({ inputNames, outputName, node }) => node('Identity', inputNames, outputName),
};
