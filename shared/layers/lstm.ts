import { recurrent } from './recurrent';

export const lstm = recurrent({
  kind: 'lstm',
  opType: 'LSTM',
  // PyTorch: input, forget, cell, output. ONNX: input, output, forget, cell.
  gates: [0, 3, 1, 2],
  activations: ['Sigmoid', 'Tanh', 'Tanh'],
  label: { en: 'LSTM', ru: 'LSTM' },
  help: {
    en: 'Reads a sequence step by step and keeps a memory that gates write to, forget and read. The usual recurrent layer: it bridges longer gaps than a plain one.',
    ru: 'Читает последовательность шаг за шагом и хранит память, в которую вентили пишут, которую стирают и читают. Обычный рекуррентный слой: помнит дольше простого.',
  },
  formula:
    '\\begin{gathered} c_t = f_t \\odot c_{t-1} + i_t \\odot g_t \\\\ h_t = o_t \\odot \\tanh(c_t) \\end{gathered}',
});
