import { transposedConvolution } from './transposed-convolution';

export const convTranspose2d = transposedConvolution({
  kind: 'conv-transpose2d',
  rank: 2,
  label: { en: 'Transposed convolution 2-D', ru: 'Транспонированная свёртка 2D' },
  help: {
    en: 'Makes an image larger: every value paints its filter onto the output, at a distance of the stride. Use it in decoders and wherever an image has to be built up again.',
    ru: 'Увеличивает изображение: каждое значение рисует на выходе свой фильтр с шагом stride. Применяется в декодерах и там, где изображение нужно построить заново.',
  },
  formula: 'u_{f,\\,si+p,\\,sj+q} \\mathrel{+}= \\sum_{c} w_{c,f,p,q}\\, x_{c,i,j}',
  icon: 'expand',
});
