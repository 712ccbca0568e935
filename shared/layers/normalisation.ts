import type { ParameterDefinition, WeightDefinition } from './definition';

export const epsilonParameter: ParameterDefinition = {
  name: 'epsilon',
  type: 'number',
  default: 1e-5,
  minimum: 1e-12,
  maximum: 1,
  step: 1e-5,
  advanced: true,
  label: { en: 'ε', ru: 'ε' },
  help: {
    en: 'A small number added to the variance, so that constant values are not divided by 0.',
    ru: 'Малое число, прибавляемое к дисперсии, чтобы не делить на 0 при одинаковых значениях.',
  },
};

/** Scale and shift of each channel: at first they change nothing. */
export function channelWeights(channels: number): WeightDefinition[] {
  const own = { dims: [channels], fanIn: channels, fanOut: channels };
  return [
    { name: 'weight', initialiser: 'ones', ...own },
    { name: 'bias', initialiser: 'zeros', ...own },
  ];
}
