import type { ParameterDefinition } from './definition';

export const biasParameter: ParameterDefinition = {
  name: 'bias',
  type: 'boolean',
  default: true,
  label: { en: 'Bias', ru: 'Смещение' },
  help: {
    en: 'Adds a trainable number b to every neuron, so that its answer need not be 0 when all inputs are 0. Rarely switched off.',
    ru: 'Добавляет каждому нейрону обучаемое число b, чтобы при нулевых входах ответ мог быть ненулевым. Отключают редко.',
  },
};
