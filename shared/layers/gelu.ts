import { activation } from './activation';

export const gelu = activation({
  kind: 'gelu',
  opType: 'Gelu',
  writtenWith: { Erf: { approximate: 'none' }, Tanh: { approximate: 'tanh' } },
  label: { en: 'GELU', ru: 'GELU' },
  help: {
    en: 'A smooth relative of ReLU that weighs a value by the share of a normal distribution that lies below it. Usual in networks with attention.',
    ru: 'Гладкий родственник ReLU: значение умножается на долю нормального распределения, лежащую ниже него. Обычна в сетях со вниманием.',
  },
  formula: 'v = u\\,\\Phi(u)',
  icon: 'spline',
  parameters: [
    {
      name: 'approximate',
      type: 'choice',
      default: 'none',
      advanced: true,
      choices: [
        { value: 'none', label: { en: 'Exact (erf)', ru: 'Точно (erf)' } },
        { value: 'tanh', label: { en: 'Approximate (tanh)', ru: 'Приближённо (tanh)' } },
      ],
      label: { en: 'Computed', ru: 'Вычисление' },
      help: {
        en: 'By the normal distribution itself, or by a formula with tanh that is off by less than 0.001. GPT-2 was trained with the latter.',
        ru: 'По самому нормальному распределению или по формуле с tanh, ошибка которой меньше 0,001. На второй обучали GPT-2.',
      },
    },
  ],
  curve: (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
});
