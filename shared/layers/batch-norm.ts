import type { LayerDefinition, ParameterDefinition } from './definition';
import { channelWeights, epsilonParameter } from './normalisation';
import { elements, formatShape } from './sizes';

const momentumParameter: ParameterDefinition = {
  name: 'momentum',
  type: 'number',
  default: 0.1,
  minimum: 0,
  maximum: 1,
  step: 0.01,
  advanced: true,
  label: { en: 'Momentum', ru: 'Импульс' },
  help: {
    en: 'Share of the newest batch in the running mean and variance, as PyTorch counts it. ONNX and Keras write 1 less this number.',
    ru: 'Доля последнего батча в накопленных среднем и дисперсии, как в PyTorch. В ONNX и Keras пишут 1 минус это число.',
  },
};

export const batchNorm: LayerDefinition = {
  kind: 'batch-norm',
  category: 'normalisation',
  label: { en: 'Batch normalisation', ru: 'Пакетная нормализация' },
  help: {
    en: 'Brings every channel to mean 0 and variance 1 over the batch, then to a trained scale and shift; outside training it uses running statistics. Deep networks learn faster and bear larger learning rates with it; it wants batches of 16 and more.',
    ru: 'Приводит каждый канал к среднему 0 и дисперсии 1 по батчу, затем к обучаемым масштабу и сдвигу; вне обучения берёт накопленную статистику. Глубокие сети с ней учатся быстрее и при большей скорости обучения; нужны батчи от 16 примеров.',
  },
  formula: 'v = \\gamma\\, \\dfrac{u - \\mu_B}{\\sqrt{\\sigma_B^2 + \\varepsilon}} + \\beta',
  icon: 'align-center-horizontal',
  parameters: [epsilonParameter, momentumParameter],
  inputs: [1, 1],
  hasOutput: true,
  shape(_values, [input = []]) {
    if (input.length >= 1 && input.length <= 3) return input;
    return { code: 'network.needs-channels', details: { got: formatShape(input) } };
  },
  weights(_values, [[channels = 1] = []]) {
    const own = { dims: [channels], fanIn: channels, fanOut: channels };
    return [
      ...channelWeights(channels),
      { name: 'running-mean', initialiser: 'zeros', running: true, ...own },
      { name: 'running-variance', initialiser: 'ones', running: true, ...own },
    ];
  },
  cost(_values, [[channels = 1] = []], output) {
    const count = elements(output);
    return { parameters: 2 * channels, multiplyAdds: count, activationBytes: 4 * count };
  },
  emit({ parameters: { epsilon, momentum }, inputNames: [source = ''], outputName, weightName, node }) {
    const weights = ['weight', 'bias', 'running-mean', 'running-variance'].map(weightName);
    // Without rounding, 1 - 0.1 - 0.9 would not come back as it went.
    const kept = Number((1 - Number(momentum)).toPrecision(12));
    node('BatchNormalization', [source, ...weights], outputName, { epsilon: Number(epsilon), momentum: kept });
  },
  recognise(node, initializer) {
    const { epsilon = 1e-5, momentum = 0.9, training_mode: training = 0 } = node.attributes;
    if (node.opType !== 'BatchNormalization' || training !== 0) return null;
    if (node.outputs.slice(1).some((name) => name !== '')) return null;
    if (node.inputs.slice(1, 5).some((name) => initializer(name)?.dims.length !== 1)) return null;
    return { epsilon: Number(epsilon), momentum: Number((1 - Number(momentum)).toPrecision(7)) };
  },
};
