import { recurrent } from './recurrent';

export const rnn = recurrent({
  kind: 'rnn',
  opType: 'RNN',
  gates: [0],
  label: { en: 'Recurrent (plain)', ru: 'Рекуррентный (простой)' },
  help: {
    en: 'Reads a sequence step by step: each state comes from the step and the state before, through tanh. The simplest recurrent layer, good to learn from; over many steps its gradient vanishes.',
    ru: 'Читает последовательность шаг за шагом: состояние получается из шага и прежнего состояния через tanh. Простейший рекуррентный слой, удобен для изучения; за много шагов его градиент затухает.',
  },
  formula: 'h_t = \\tanh(W x_t + b + R h_{t-1} + c)',
});
