import type { LayerDefinition } from './definition';
import { costOfOutput } from './sizes';

export const identity: LayerDefinition = {
  kind: 'identity',
  category: 'shape',
  label: { en: 'Identity', ru: 'Тождественный' },
  help: {
    en: 'Passes its input on unchanged. Use it to give a name to a place in the network, or in place of a layer you want to switch off.',
    ru: 'Передаёт вход без изменений. Удобен, чтобы дать имя месту в сети или временно заменить слой.',
  },
  formula: 'v = u',
  icon: 'equal',
  parameters: [],
  inputs: [1, 1],
  hasOutput: true,
  shape: (_parameters, [input]) => input ?? [],
  cost: (_parameters, _inputs, output) => costOfOutput(output),
  emit: ({ inputNames, outputName, node }) => node('Identity', inputNames, outputName),
  recognise: (node) => (node.opType === 'Identity' ? {} : null),
};
