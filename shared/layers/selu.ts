import { activation } from './activation';

/** Klambauer et al. 2017, Self-Normalizing Neural Networks. */
const alpha = 1.6732632423543772;
const gamma = 1.0507009873554805;

export const selu = activation({
  kind: 'selu',
  opType: 'Selu',
  label: { en: 'SELU', ru: 'SELU' },
  help: {
    en: 'Like ELU, with a depth and a scale that keep the values of a deep network near mean 0 and variance 1 by themselves. Start the weights with a normal distribution (LeCun) for that.',
    ru: 'Как ELU, но глубина и масштаб таковы, что значения в глубокой сети сами держатся около среднего 0 и дисперсии 1. Для этого веса начинают с нормального распределения (LeCun).',
  },
  formula: 'v = \\gamma \\begin{cases} u & u > 0 \\\\ \\alpha\\,(e^{u} - 1) & u \\le 0 \\end{cases}',
  icon: 'spline',
  // ONNX's own values, which are those of the paper in float32; written out because runtimes differ in what they take for absent.
  attributes: { alpha, gamma },
  curve: (x) => gamma * (x > 0 ? x : alpha * Math.expm1(x)),
});
