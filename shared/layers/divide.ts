import { combination } from './combination';

export const divide = combination({
  kind: 'divide',
  opType: 'Div',
  maximum: 2,
  label: { en: 'Divide', ru: 'Деление' },
  help: {
    en: 'Divides the first input by the second, value by value. Keep the second away from 0, for instance with Clip or Softplus.',
    ru: 'Делит первый вход на второй поэлементно. Второй должен быть отделён от 0, например слоем «Ограничение» или Softplus.',
  },
  formula: 'v = \\dfrac{u_1}{u_2}',
  icon: 'divide',
});
