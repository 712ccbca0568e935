import { operand } from './operand';

export const power = operand({
  kind: 'power',
  opType: 'Pow',
  label: { en: 'Power', ru: 'Степень' },
  help: {
    en: 'Raises every value to a power. 2 squares; a power that is not whole gives no number for negative values.',
    ru: 'Возводит каждое значение в степень. 2 — квадрат; нецелая степень отрицательного значения не является числом.',
  },
  formula: 'v = u^{a}',
  icon: 'trending-up',
  parameter: {
    name: 'exponent',
    type: 'number',
    default: 2,
    minimum: -64,
    maximum: 64,
    step: 0.5,
    label: { en: 'Exponent', ru: 'Показатель' },
    help: { en: 'The number a.', ru: 'Число a.' },
  },
  curve: (x, exponent) => {
    const value = x ** exponent;
    return Number.isFinite(value) ? value : 0;
  },
});
