import { activation } from './activation';

export const negate = activation({
  kind: 'negate',
  opType: 'Neg',
  category: 'math',
  label: { en: 'Negate', ru: 'Смена знака' },
  help: {
    en: 'Turns the sign of every value. With Add it makes a difference.',
    ru: 'Меняет знак каждого значения. Вместе со «Сложением» даёт разность.',
  },
  formula: 'v = -u',
  icon: 'spline',
  curve: (x) => -x,
});
