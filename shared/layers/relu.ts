import { activation } from './activation';

export const relu = activation({
  kind: 'relu',
  opType: 'Relu',
  label: { en: 'ReLU', ru: 'ReLU' },
  help: {
    en: 'Keeps positive values and turns negative ones into 0. The usual choice between layers: cheap, and its gradient does not vanish for positive values.',
    ru: 'Оставляет положительные значения и обнуляет отрицательные. Обычный выбор между слоями: дешёвая функция, градиент которой не затухает для положительных значений.',
  },
  formula: 'v = \\max(0, u)',
  icon: 'trending-up',
  curve: (x) => Math.max(0, x),
});
