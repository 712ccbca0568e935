import { transposedConvolution } from './transposed-convolution';

export const convTranspose1d = transposedConvolution({
  kind: 'conv-transpose1d',
  rank: 1,
  label: { en: 'Transposed convolution 1-D', ru: 'Транспонированная свёртка 1D' },
  help: {
    en: 'Makes a signal longer: every value adds its filter to the output, at a distance of the stride. Use it in decoders of sound and time series.',
    ru: 'Удлиняет сигнал: каждое значение прибавляет к выходу свой фильтр с шагом stride. Применяется в декодерах звука и временных рядов.',
  },
  formula: 'u_{f,\\,si+p} \\mathrel{+}= \\sum_{c} w_{c,f,p}\\, x_{c,i}',
  icon: 'expand',
});
