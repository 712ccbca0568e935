import { activation } from './activation';

export const hardSigmoid = activation({
  kind: 'hard-sigmoid',
  opType: 'HardSigmoid',
  label: { en: 'Hard sigmoid', ru: 'Жёсткая сигмоида' },
  help: {
    en: 'A sigmoid made of three straight lines. Cheaper than the smooth one, but beyond its ends nothing is learned.',
    ru: 'Сигмоида из трёх отрезков. Дешевле гладкой, но за концами наклонного отрезка ничему не учится.',
  },
  formula: 'v = \\max(0, \\min(1, \\alpha u + \\beta))',
  icon: 'spline',
  parameters: [
    {
      name: 'alpha',
      type: 'number',
      default: 0.2,
      minimum: 0.001,
      maximum: 10,
      step: 0.01,
      label: { en: 'Slope', ru: 'Наклон' },
      help: {
        en: 'The slope α of the middle. PyTorch uses 1/6.',
        ru: 'Наклон α средней части. В PyTorch 1/6.',
      },
    },
    {
      name: 'beta',
      type: 'number',
      default: 0.5,
      minimum: -10,
      maximum: 10,
      step: 0.1,
      label: { en: 'Value at 0', ru: 'Значение в нуле' },
      help: {
        en: 'The value β at 0.',
        ru: 'Значение β в нуле.',
      },
    },
  ],
  curve: (x, { alpha, beta }) => Math.max(0, Math.min(1, Number(alpha) * x + Number(beta))),
});
