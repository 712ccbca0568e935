import { activation } from './activation';

export const softsign = activation({
  kind: 'softsign',
  opType: 'Softsign',
  label: { en: 'Softsign', ru: 'Softsign' },
  help: {
    en: 'Squeezes values between −1 and 1 like tanh, but approaches the ends more slowly. Its gradient fades less quickly than that of tanh.',
    ru: 'Сжимает значения в промежуток от −1 до 1, как tanh, но медленнее приближается к краям. Её градиент затухает не так быстро, как у tanh.',
  },
  formula: 'v = \\dfrac{u}{1 + |u|}',
  icon: 'spline',
  curve: (x) => x / (1 + Math.abs(x)),
});
