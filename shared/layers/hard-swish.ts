import { activation } from './activation';

export const hardSwish = activation({
  kind: 'hard-swish',
  opType: 'HardSwish',
  writtenWith: { HardSigmoid: {}, Clip: {} },
  label: { en: 'Hard swish', ru: 'Жёсткий swish' },
  help: {
    en: 'Passes large values, blocks small ones and bends in between, without exponentials. Known from MobileNet: made for small devices.',
    ru: 'Пропускает большие значения, гасит малые и плавно переходит между ними без экспонент. Известна по MobileNet: сделана для слабых устройств.',
  },
  formula: 'v = u \\max(0, \\min(1, \\tfrac{u}{6} + \\tfrac12))',
  icon: 'spline',
  curve: (x) => x * Math.max(0, Math.min(1, x / 6 + 0.5)),
});
