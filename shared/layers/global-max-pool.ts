import { globalPooling } from './pooling';

export const globalMaxPool = globalPooling({
  kind: 'global-max-pool',
  opType: 'GlobalMaxPool',
  label: { en: 'Global max pooling', ru: 'Глобальный макс-пулинг' },
  help: {
    en: 'Keeps the largest value of every channel, whatever the size of the image. Flatten after it gives one number per channel, which says whether the pattern was anywhere.',
    ru: 'Оставляет наибольшее значение каждого канала при любом размере изображения. После «Выпрямления» остаётся по числу на канал: встретился ли узор хоть где-нибудь.',
  },
  formula: 'v_c = \\max_{i,j} u_{c,i,j}',
  icon: 'shrink',
});
