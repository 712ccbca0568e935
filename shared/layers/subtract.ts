import { combination } from './combination';

export const subtract = combination({
  kind: 'subtract',
  opType: 'Sub',
  maximum: 2,
  label: { en: 'Subtract', ru: 'Вычитание' },
  help: {
    en: 'Subtracts the second input from the first, value by value. Use it to compare two paths.',
    ru: 'Вычитает второй вход из первого поэлементно. Нужно, чтобы сравнить два пути.',
  },
  formula: 'v = u_1 - u_2',
  icon: 'circle-minus',
});
