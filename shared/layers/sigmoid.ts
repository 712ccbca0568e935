import { activation } from './activation';

export const sigmoid = activation({
  kind: 'sigmoid',
  opType: 'Sigmoid',
  label: { en: 'Sigmoid', ru: 'Сигмоида' },
  help: {
    en: 'Squeezes any value into 0…1. Far from 0 it is almost flat, so its gradient vanishes there and learning slows down; fine for a last layer that gives a probability.',
    ru: 'Сжимает любое значение в интервал от 0 до 1. Вдали от нуля она почти плоская: градиент затухает и обучение замедляется; годится для последнего слоя, который выдаёт вероятность.',
  },
  formula: 'v = \\dfrac{1}{1 + e^{-u}}',
  icon: 'spline',
  containedInLoss: 'bce-logits',
  curve: (x) => 1 / (1 + Math.exp(-x)),
});
