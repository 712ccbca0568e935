import { activation } from './activation';

export const logSoftmax = activation({
  kind: 'log-softmax',
  opType: 'LogSoftmax',
  label: { en: 'Log softmax', ru: 'Log softmax' },
  help: {
    en: 'The logarithm of softmax along the last dimension, computed without losing small shares. For losses that want log-probabilities; cross-entropy contains it already.',
    ru: 'Логарифм softmax по последнему измерению, вычисленный без потери малых долей. Для функций потерь, которым нужны логарифмы вероятностей; перекрёстная энтропия его уже содержит.',
  },
  formula: 'v_i = u_i - \\ln \\sum_j e^{u_j}',
  icon: 'chart-column',
  attributes: { axis: -1 },
});
