import { activation } from './activation';

export const squareRoot = activation({
  kind: 'sqrt',
  opType: 'Sqrt',
  category: 'math',
  label: { en: 'Square root', ru: 'Квадратный корень' },
  help: {
    en: 'The square root of every value. Negative values give no number, and the slope at 0 is infinite: put a clip before it.',
    ru: 'Квадратный корень каждого значения. Для отрицательных значений он не число, а наклон в нуле бесконечен: поставьте перед ним «Ограничение».',
  },
  formula: 'v = \\sqrt{u}',
  icon: 'trending-up',
});
