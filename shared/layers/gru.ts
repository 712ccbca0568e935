import { recurrent } from './recurrent';

export const gru = recurrent({
  kind: 'gru',
  opType: 'GRU',
  // PyTorch: reset, update, new. ONNX: update, reset, hidden; the reset applied after the product, as in PyTorch.
  gates: [1, 0, 2],
  activations: ['Sigmoid', 'Tanh'],
  attributes: { linear_before_reset: 1 },
  label: { en: 'GRU', ru: 'GRU' },
  help: {
    en: 'Reads a sequence step by step with two gates: how much of the state to replace, and how much of it to look at. Often as good as an LSTM with a quarter fewer weights.',
    ru: 'Читает последовательность шаг за шагом с двумя вентилями: какую часть состояния заменить и на какую смотреть. Часто не хуже LSTM при весах на четверть меньше.',
  },
  formula: 'h_t = (1 - z_t) \\odot n_t + z_t \\odot h_{t-1}',
});
