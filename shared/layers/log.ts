import { activation } from './activation';

export const logarithm = activation({
  kind: 'log',
  opType: 'Log',
  category: 'math',
  label: { en: 'Logarithm', ru: 'Логарифм' },
  help: {
    en: 'The natural logarithm of every value, which tames very uneven sizes. Values must be above 0: put a clip before it.',
    ru: 'Натуральный логарифм каждого значения, выравнивает сильно разные величины. Значения должны быть больше 0: поставьте перед ним «Ограничение».',
  },
  formula: 'v = \\ln u',
  icon: 'trending-up',
});
