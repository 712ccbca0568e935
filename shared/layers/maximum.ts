import { combination } from './combination';

export const maximum = combination({
  kind: 'maximum',
  opType: 'Max',
  maximum: 8,
  label: { en: 'Maximum', ru: 'Максимум' },
  help: {
    en: 'Keeps the largest of two to eight inputs, value by value. The gradient goes to the input that won (maxout).',
    ru: 'Оставляет наибольший из двух–восьми входов поэлементно. Градиент идёт к победившему входу (maxout).',
  },
  formula: 'v = \\max(u_1, u_2, \\dots)',
  icon: 'arrow-up-to-line',
});
