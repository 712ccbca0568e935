import { activation } from './activation';

export const tanh = activation({
  kind: 'tanh',
  opType: 'Tanh',
  label: { en: 'Tanh', ru: 'Tanh' },
  help: {
    en: 'Squeezes any value into -1…1, symmetric about 0. Good for small networks and smooth curves; in deep ones its gradient vanishes far from 0.',
    ru: 'Сжимает любое значение в интервал от -1 до 1 симметрично относительно нуля. Хорош для небольших сетей и гладких кривых; в глубоких сетях его градиент затухает вдали от нуля.',
  },
  formula: 'v = \\tanh u',
  icon: 'spline',
  curve: Math.tanh,
});
