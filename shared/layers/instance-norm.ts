import type { LayerDefinition } from './definition';
import { channelWeights, epsilonParameter } from './normalisation';
import { needsChannels } from './pooling';
import { elements } from './sizes';

export const instanceNorm: LayerDefinition = {
  kind: 'instance-norm',
  category: 'normalisation',
  label: { en: 'Instance normalisation', ru: 'Нормализация экземпляра' },
  help: {
    en: 'Brings every channel of every sample to mean 0 and variance 1, then to a trained scale and shift. It removes the contrast of an image; known from transferring styles.',
    ru: 'Приводит каждый канал каждого примера к среднему 0 и дисперсии 1, затем к обучаемым масштабу и сдвигу. Убирает контраст изображения; известна по переносу стиля.',
  },
  formula: 'v = \\gamma_c\\, \\dfrac{u - \\mu_c}{\\sqrt{\\sigma_c^2 + \\varepsilon}} + \\beta_c',
  icon: 'align-center-horizontal',
  parameters: [epsilonParameter],
  inputs: [1, 1],
  hasOutput: true,
  shape: (_values, [input = []]) => (input.length === 2 || input.length === 3 ? input : needsChannels(input)),
  weights: (_values, [[channels = 1] = []]) => channelWeights(channels),
  cost(_values, [[channels = 1] = []], output) {
    const count = elements(output);
    return { parameters: 2 * channels, multiplyAdds: 2 * count, activationBytes: 4 * count };
  },
  emit({ parameters: { epsilon }, inputNames: [source = ''], outputName, weightName, node }) {
    const inputs = [source, weightName('weight'), weightName('bias')];
    node('InstanceNormalization', inputs, outputName, { epsilon: Number(epsilon) });
  },
  recognise(node, initializer) {
    if (node.opType !== 'InstanceNormalization') return null;
    if ([1, 2].some((place) => initializer(node.inputs[place] ?? '')?.dims.length !== 1)) return null;
    return { epsilon: Number(node.attributes.epsilon ?? 1e-5) };
  },
};
