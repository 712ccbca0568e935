import { activation } from './activation';

export const absolute = activation({
  kind: 'abs',
  opType: 'Abs',
  category: 'math',
  label: { en: 'Absolute value', ru: 'Модуль' },
  help: {
    en: 'Drops the sign of every value. Use it for distances and sizes.',
    ru: 'Отбрасывает знак каждого значения. Нужен для расстояний и величин.',
  },
  formula: 'v = |u|',
  icon: 'spline',
  curve: (x) => Math.abs(x),
});
