import { operand } from './operand';

export const shift = operand({
  kind: 'shift',
  opType: 'Add',
  label: { en: 'Shift', ru: 'Сдвиг' },
  help: {
    en: 'Adds a number you choose to every value. Use it together with a scale to move an answer into the range of its target.',
    ru: 'Прибавляет к каждому значению выбранное число. Вместе с «Масштабом» переносит ответ в диапазон цели.',
  },
  formula: 'v = u + a',
  icon: 'trending-up',
  parameter: {
    name: 'offset',
    type: 'number',
    default: 1,
    minimum: -1e9,
    maximum: 1e9,
    step: 0.1,
    label: { en: 'Offset', ru: 'Слагаемое' },
    help: { en: 'The number a. It is not trained.', ru: 'Число a. Оно не обучается.' },
  },
  curve: (x, offset) => x + offset,
});
