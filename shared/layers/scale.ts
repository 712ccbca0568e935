import { operand } from './operand';

export const scale = operand({
  kind: 'scale',
  opType: 'Mul',
  label: { en: 'Scale', ru: 'Масштаб' },
  help: {
    en: 'Multiplies every value by a number you choose. Use it to bring an answer into the range of its target, or to weigh a path before it is added.',
    ru: 'Умножает каждое значение на выбранное число. Приводит ответ к масштабу цели или взвешивает путь перед сложением.',
  },
  formula: 'v = a\\,u',
  icon: 'trending-up',
  parameter: {
    name: 'factor',
    type: 'number',
    default: 2,
    minimum: -1e9,
    maximum: 1e9,
    step: 0.1,
    label: { en: 'Factor', ru: 'Множитель' },
    help: { en: 'The number a. It is not trained.', ru: 'Число a. Оно не обучается.' },
  },
  curve: (x, factor) => factor * x,
});
