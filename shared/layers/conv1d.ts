import { convolution } from './convolution';

export const conv1d = convolution({
  kind: 'conv1d',
  rank: 1,
  label: { en: 'Convolution 1-D', ru: 'Свёртка 1D' },
  help: {
    en: 'Slides small filters along a signal (channels × length) and reports how well each fits at every place. Use it for time series, sound and other rows of neighbouring values.',
    ru: 'Скользит небольшими фильтрами вдоль сигнала (каналы × длина) и сообщает, насколько каждый подходит в каждом месте. Подходит для временных рядов, звука и других рядов соседних значений.',
  },
  formula: 'u_{f,i} = b_f + \\sum_{c,p} w_{f,c,p}\\, x_{c,\\,i+p}',
  icon: 'audio-waveform',
});
