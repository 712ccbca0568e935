import { convolution } from './convolution';

export const conv2d = convolution({
  kind: 'conv2d',
  rank: 2,
  label: { en: 'Convolution 2-D', ru: 'Свёртка 2D' },
  help: {
    en: 'Slides small filters over an image and reports how well each fits at every place. The first choice for images: a pattern is recognised wherever it lies, with few weights.',
    ru: 'Скользит по изображению небольшими фильтрами и сообщает, насколько каждый подходит в каждом месте. Первый выбор для изображений: узор узнаётся где угодно, а весов нужно мало.',
  },
  formula: 'u_{f,i,j} = b_f + \\sum_{c,p,q} w_{f,c,p,q}\\, x_{c,\\,i+p,\\,j+q}',
  icon: 'grid-2x2',
});
