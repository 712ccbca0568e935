import type { LayerDefinition } from './definition';
import { scalar, written } from './constant-operand';
import { costOfOutput } from './sizes';

export const dropout: LayerDefinition = {
  kind: 'dropout',
  category: 'regularisation',
  label: { en: 'Dropout', ru: 'Dropout' },
  help: {
    en: 'Sets randomly chosen values to 0 while training and scales the others up; outside training it does nothing. Use it against overfitting: no neuron can rely on a single other one.',
    ru: 'При обучении обнуляет случайно выбранные значения и увеличивает остальные; вне обучения ничего не делает. Помогает от переобучения: ни один нейрон не может полагаться на единственный другой.',
  },
  formula: '\\begin{gathered} v = \\dfrac{m}{1-p}\\, u \\\\ m \\in \\{0, 1\\},\\; P(m = 0) = p \\end{gathered}',
  icon: 'circle-dashed',
  parameters: [
    {
      name: 'ratio',
      type: 'number',
      default: 0.5,
      minimum: 0,
      maximum: 0.99,
      step: 0.05,
      label: { en: 'Share dropped', ru: 'Доля обнуляемых' },
      help: {
        en: 'The probability p that a value is set to 0. 0.5 is usual after wide linear layers, 0.1 to 0.3 elsewhere.',
        ru: 'Вероятность p, с которой значение обнуляется. После широких полносвязных слоёв обычно 0,5, в других местах 0,1–0,3.',
      },
    },
  ],
  inputs: [1, 1],
  hasOutput: true,
  shape: (_values, [input]) => input ?? [],
  cost: (_values, _inputs, output) => costOfOutput(output),
  emit({ parameters: { ratio }, inputNames: [source = ''], outputName, constant, node }) {
    const share = constant('ratio', scalar(Number(ratio)));
    node('Dropout', [source, share], outputName);
  },
  recognise(node, initializer) {
    if (node.opType !== 'Dropout' || node.outputs.slice(1).some((name) => name !== '')) return null;
    const training = node.inputs[2] ? initializer(node.inputs[2]) : undefined;
    if (node.inputs[2] && (!training || Number(training.data[0]) !== 0)) return null;
    const share = node.inputs[1] ? initializer(node.inputs[1]) : undefined;
    if (node.inputs[1] && share?.data.length !== 1) return null;
    const ratio = share ? written(Number(share.data[0])) : 0.5;
    return ratio >= 0 && ratio <= 0.99 ? { ratio } : null;
  },
};
