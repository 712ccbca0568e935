import { activation } from './activation';

export const leakyRelu = activation({
  kind: 'leaky-relu',
  opType: 'LeakyRelu',
  label: { en: 'Leaky ReLU', ru: 'Leaky ReLU' },
  help: {
    en: 'Like ReLU, but lets a small part of negative values through. Use it when ReLU neurons "die", that is, give 0 for every sample and stop learning.',
    ru: 'Как ReLU, но пропускает малую часть отрицательных значений. Помогает, когда нейроны с ReLU «умирают»: выдают 0 на всех примерах и перестают обучаться.',
  },
  formula: 'v = \\begin{cases} u & u \\ge 0 \\\\ \\alpha u & u < 0 \\end{cases}',
  icon: 'trending-up',
  parameters: [
    {
      name: 'alpha',
      type: 'number',
      default: 0.01,
      minimum: 0,
      maximum: 1,
      step: 0.01,
      label: { en: 'Slope below zero', ru: 'Наклон ниже нуля' },
      help: {
        en: 'The factor α for negative values. 0 is ReLU, 1 changes nothing at all.',
        ru: 'Множитель α для отрицательных значений. 0 даёт ReLU, 1 ничего не меняет.',
      },
    },
  ],
  curve: (x, { alpha }) => (x >= 0 ? x : Number(alpha) * x),
});
