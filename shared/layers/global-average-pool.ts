import { globalPooling } from './pooling';

export const globalAveragePool = globalPooling({
  kind: 'global-average-pool',
  opType: 'GlobalAveragePool',
  label: { en: 'Global average pooling', ru: 'Глобальный средний пулинг' },
  help: {
    en: 'Replaces every channel by its mean, whatever the size of the image. Followed by Flatten it is the usual way from convolutions to the last linear layer.',
    ru: 'Заменяет каждый канал его средним при любом размере изображения. Вместе с «Выпрямлением» это обычный переход от свёрток к последнему полносвязному слою.',
  },
  formula: 'v_c = \\frac{1}{HW} \\sum_{i,j} u_{c,i,j}',
  icon: 'shrink',
});
