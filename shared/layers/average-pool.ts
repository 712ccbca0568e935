import { pooling } from './pooling';

export const averagePool = pooling({
  kind: 'average-pool',
  opType: 'AveragePool',
  label: { en: 'Average pooling', ru: 'Средний пулинг' },
  help: {
    en: 'Replaces every window by its mean and so makes an image or signal smaller and smoother. The gentler relative of max pooling.',
    ru: 'Заменяет каждое окно его средним: изображение или сигнал становится меньше и глаже. Более мягкая замена макс-пулингу.',
  },
  formula: 'v_{c,i,j} = \\frac{1}{k^2} \\sum_{p,q} u_{c,\\,i+p,\\,j+q}',
  icon: 'shrink',
  parameters: [
    {
      name: 'countPadding',
      type: 'boolean',
      default: true,
      advanced: true,
      when: { parameter: 'padding', is: ['same', 'explicit'] },
      label: { en: 'Count the padding', ru: 'Учитывать дополнение' },
      help: {
        en: 'Whether the zeros of the padding count in the mean, as in PyTorch. Otherwise only values of the input do.',
        ru: 'Входят ли нули дополнения в среднее, как в PyTorch. Иначе учитываются только значения входа.',
      },
    },
  ],
  attributes: (values) => ({ count_include_pad: values.countPadding === false ? 0 : 1 }),
  recogniseOwn: ({ count_include_pad: count }) => ({ countPadding: count === 1 }),
});
