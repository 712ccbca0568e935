import { combination } from './combination';

export const multiply = combination({
  kind: 'multiply',
  opType: 'Mul',
  maximum: 8,
  label: { en: 'Multiply', ru: 'Умножение' },
  help: {
    en: 'Multiplies two to eight inputs value by value; a size of 1 stands for all, so that one number per channel can weigh an image. The core of gates: a path between 0 and 1 lets another through or not.',
    ru: 'Перемножает поэлементно от двух до восьми входов; размер 1 относится ко всем, и одно число на канал может взвесить изображение. Основа вентилей: путь от 0 до 1 пропускает другой или нет.',
  },
  formula: 'v = u_1 \\cdot u_2 \\cdots',
  icon: 'circle-x',
});
