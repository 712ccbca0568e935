import { pooling } from './pooling';
import { dilationParameter } from './window';

export const maxPool = pooling({
  kind: 'max-pool',
  opType: 'MaxPool',
  label: { en: 'Max pooling', ru: 'Макс-пулинг' },
  help: {
    en: 'Keeps the largest value of every window and so makes an image or signal smaller. Put it after convolutions: it matters less then where exactly a pattern lies.',
    ru: 'Оставляет наибольшее значение каждого окна и тем уменьшает изображение или сигнал. Ставится после свёрток: точное место узора становится не так важно.',
  },
  formula: 'v_{c,i,j} = \\max_{p,q}\\, u_{c,\\,i+p,\\,j+q}',
  icon: 'shrink',
  parameters: [dilationParameter],
  attributes: () => ({}),
  // Column-major indices are an output we do not use.
  recogniseOwn: () => ({}),
});
