import { activation } from './activation';

export const softplus = activation({
  kind: 'softplus',
  opType: 'Softplus',
  label: { en: 'Softplus', ru: 'Softplus' },
  help: {
    en: 'A smooth ReLU: always positive, with a gradient everywhere. Use it where an output must be positive, such as a width or a rate.',
    ru: 'Гладкий вариант ReLU: всегда положителен и всюду имеет градиент. Подходит, когда выход обязан быть положительным, например ширина или интенсивность.',
  },
  formula: 'v = \\ln(1 + e^{u})',
  icon: 'spline',
  curve: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
});
