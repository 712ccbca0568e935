import type { LayerDefinition } from './definition';
import { costOfOutput, elements } from './sizes';

export const flatten: LayerDefinition = {
  kind: 'flatten',
  category: 'shape',
  label: { en: 'Flatten', ru: 'Выпрямление' },
  help: {
    en: 'Lays all values of a sample out in one row, without changing them. Put it between an image and a linear layer.',
    ru: 'Выкладывает все значения примера в один ряд, не меняя их. Ставится между изображением и полносвязным слоем.',
  },
  formula: 'v = (u_1, u_2, \\dots, u_n)',
  icon: 'fold-horizontal',
  parameters: [],
  inputs: [1, 1],
  hasOutput: true,
  shape: (_parameters, [input = []]) => [elements(input)],
  cost: (_parameters, _inputs, output) => costOfOutput(output),
  emit: ({ inputNames, outputName, node }) => node('Flatten', inputNames, outputName, { axis: 1 }),
  recognise: (node) => (node.opType === 'Flatten' && (node.attributes.axis ?? 1) === 1 ? {} : null),
};
