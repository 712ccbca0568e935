import type { LayerDefinition, LayerIssue, Shape } from './definition';
import { costOfOutput, formatShape, sameShape } from './sizes';

export const input: LayerDefinition = {
  kind: 'input',
  category: 'endpoint',
  label: { en: 'Input', ru: 'Вход' },
  help: {
    en: 'Where the samples of your data enter the network. Its shape comes from the data, unless you fix one.',
    ru: 'Место, где примеры ваших данных входят в сеть. Форма берётся из данных, если не задать её явно.',
  },
  icon: 'arrow-right-from-line',
  parameters: [
    {
      name: 'shape',
      type: 'shape',
      default: [],
      automatic: { en: 'from the data', ru: 'из данных' },
      label: { en: 'Shape', ru: 'Форма' },
      help: {
        en: 'Sizes of one sample without the batch, such as 4 or 1, 28, 28. Leave it empty to take them from the data.',
        ru: 'Размеры одного примера без батча, например 4 или 1, 28, 28. Оставьте пустым, чтобы взять их из данных.',
      },
    },
  ],
  inputs: [0, 0],
  hasOutput: true,
  role: 'input',
  shape(parameters, [data]): Shape | LayerIssue {
    const fixed = Array.isArray(parameters.shape) ? parameters.shape : [];
    if (fixed.length === 0 && data) return data;
    if (fixed.length === 0) return { code: 'network.input-shape-unknown', details: {} };
    if (!data || sameShape(fixed, data)) return fixed;
    return {
      code: 'network.input-shape-mismatch',
      details: { fixed: formatShape(fixed), data: formatShape(data) },
      fix: { kind: 'set-parameter', parameter: 'shape', value: null },
    };
  },
  cost: (_parameters, _inputs, output) => costOfOutput(output),
};
