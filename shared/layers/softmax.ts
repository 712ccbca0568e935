import { activation } from './activation';

export const softmax = activation({
  kind: 'softmax',
  opType: 'Softmax',
  label: { en: 'Softmax', ru: 'Softmax' },
  help: {
    en: 'Turns the values along the last dimension into positive shares that sum to 1. The loss "cross-entropy" already contains it, so do not put it before that loss.',
    ru: 'Превращает значения по последнему измерению в положительные доли с суммой 1. Функция потерь «перекрёстная энтропия» уже содержит softmax, поэтому не ставьте его перед ней.',
  },
  formula: 'v_i = \\dfrac{e^{u_i}}{\\sum_j e^{u_j}}',
  icon: 'chart-column',
  attributes: { axis: -1 },
  containedInLoss: 'cross-entropy',
});
