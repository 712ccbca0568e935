import { activation } from './activation';

export const exponential = activation({
  kind: 'exp',
  opType: 'Exp',
  category: 'math',
  label: { en: 'Exponential', ru: 'Экспонента' },
  help: {
    en: 'e to the power of every value: always positive. Values above 88 exceed float32.',
    ru: 'e в степени каждого значения: результат всегда положителен. Значения больше 88 не помещаются в float32.',
  },
  formula: 'v = e^{u}',
  icon: 'spline',
  curve: (x) => Math.exp(x),
});
