import { activation } from './activation';

export const elu = activation({
  kind: 'elu',
  opType: 'Elu',
  label: { en: 'ELU', ru: 'ELU' },
  help: {
    en: 'Keeps positive values and bends negative ones smoothly towards -α. Its outputs lie around 0, which can make deeper networks learn faster than with ReLU.',
    ru: 'Оставляет положительные значения, а отрицательные плавно прижимает к -α. Её выходы лежат около 0, поэтому глубокие сети иногда обучаются быстрее, чем с ReLU.',
  },
  formula: 'v = \\begin{cases} u & u \\ge 0 \\\\ \\alpha\\,(e^{u} - 1) & u < 0 \\end{cases}',
  icon: 'spline',
  parameters: [
    {
      name: 'alpha',
      type: 'number',
      default: 1,
      minimum: 0,
      maximum: 10,
      step: 0.1,
      label: { en: 'Depth α', ru: 'Глубина α' },
      help: {
        en: 'Large negative values come out as -α. 1 makes the curve smooth at 0.',
        ru: 'Большие отрицательные значения дают на выходе -α. При 1 кривая гладкая в нуле.',
      },
    },
  ],
  curve: (x, { alpha }) => (x >= 0 ? x : Number(alpha) * Math.expm1(x)),
});
