import { activation } from './activation';

export const mish = activation({
  kind: 'mish',
  opType: 'Mish',
  writtenWith: { Softplus: {} },
  label: { en: 'Mish', ru: 'Mish' },
  help: {
    en: 'A smooth curve like ReLU that lets small negative values through. Sometimes a little better than ReLU in deep networks, and dearer to compute.',
    ru: 'Гладкая кривая, похожая на ReLU, но пропускающая небольшие отрицательные значения. В глубоких сетях иногда немного лучше ReLU, но дороже в вычислении.',
  },
  formula: 'v = u \\tanh(\\ln(1 + e^{u}))',
  icon: 'spline',
  curve: (x) => x * Math.tanh(Math.log1p(Math.exp(x))),
});
