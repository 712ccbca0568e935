import { combination } from './combination';

export const minimum = combination({
  kind: 'minimum',
  opType: 'Min',
  maximum: 8,
  label: { en: 'Minimum', ru: 'Минимум' },
  help: {
    en: 'Keeps the smallest of two to eight inputs, value by value. The gradient goes to the input that won.',
    ru: 'Оставляет наименьший из двух–восьми входов поэлементно. Градиент идёт к победившему входу.',
  },
  formula: 'v = \\min(u_1, u_2, \\dots)',
  icon: 'arrow-down-to-line',
});
