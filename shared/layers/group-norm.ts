import type { LayerDefinition } from './definition';
import { channelWeights, epsilonParameter } from './normalisation';
import { needsChannels } from './pooling';
import { elements } from './sizes';

export const groupNorm: LayerDefinition = {
  kind: 'group-norm',
  category: 'normalisation',
  label: { en: 'Group normalisation', ru: 'Групповая нормализация' },
  help: {
    en: 'Brings each group of channels of a sample to mean 0 and variance 1, then each channel to a trained scale and shift. Use it instead of batch normalisation where batches have to be small.',
    ru: 'Приводит каждую группу каналов примера к среднему 0 и дисперсии 1, затем каждый канал — к обучаемым масштабу и сдвигу. Заменяет пакетную нормализацию, когда батчи малы.',
  },
  formula: 'v = \\gamma_c\\, \\dfrac{u - \\mu_g}{\\sqrt{\\sigma_g^2 + \\varepsilon}} + \\beta_c',
  icon: 'align-center-horizontal',
  parameters: [
    {
      name: 'groups',
      type: 'integer',
      default: 4,
      minimum: 1,
      maximum: 65_536,
      step: 1,
      label: { en: 'Groups', ru: 'Группы' },
      help: {
        en: 'Into how many groups the channels are divided. It has to divide their number; 1 takes all channels together.',
        ru: 'На сколько групп делятся каналы. Должно делить их число; 1 берёт все каналы вместе.',
      },
    },
    epsilonParameter,
  ],
  inputs: [1, 1],
  hasOutput: true,
  shape({ groups }, [input = []]) {
    if (input.length !== 2 && input.length !== 3) return needsChannels(input);
    const channels = input[0] ?? 1;
    if (channels % Number(groups) === 0) return input;
    return {
      code: 'network.norm-groups',
      details: { channels, groups: Number(groups) },
      fix: { kind: 'set-parameter', parameter: 'groups', value: nearestDivisor(channels, Number(groups)) },
    };
  },
  weights: (_values, [[channels = 1] = []]) => channelWeights(channels),
  cost(_values, [[channels = 1] = []], output) {
    const count = elements(output);
    return { parameters: 2 * channels, multiplyAdds: 2 * count, activationBytes: 4 * count };
  },
  emit({ parameters: { groups, epsilon }, inputNames: [source = ''], outputName, weightName, node }) {
    node('GroupNormalization', [source, weightName('weight'), weightName('bias')], outputName, {
      epsilon: Number(epsilon),
      num_groups: Number(groups),
    });
  },
  recognise(node, initializer) {
    const { num_groups: groups, epsilon = 1e-5 } = node.attributes;
    if (node.opType !== 'GroupNormalization' || typeof groups !== 'number') return null;
    if ([1, 2].some((place) => initializer(node.inputs[place] ?? '')?.dims.length !== 1)) return null;
    return { groups, epsilon: Number(epsilon) };
  },
  /** PyTorch's exporter folds the groups into channels of an InstanceNormalization. */
  disguises: [
    {
      key: ({ opType }) => opType === 'InstanceNormalization',
      guess({ nodes, input: [channels = 1], shape, initializer }) {
        const [inner, ...others] = nodes.filter(({ opType }) => opType === 'InstanceNormalization');
        const [groups] = shape(inner?.inputs[0] ?? '') ?? [];
        const of = (opType: string): Float32Array | undefined =>
          nodes
            .flatMap((node) => (node.opType === opType ? node.inputs.map((name) => initializer(name)?.data) : []))
            .filter((data) => data instanceof Float32Array)
            .find(({ length }) => length === channels);
        const [weight, bias] = [of('Mul'), of('Add')];
        if (!inner || others.length > 0 || groups === undefined || !weight || !bias) return [];
        const { epsilon = 1e-5 } = inner.attributes;
        return [{ parameters: { groups, epsilon: Number(epsilon) }, weights: { weight, bias } }];
      },
    },
  ],
};

function nearestDivisor(size: number, wanted: number): number {
  for (let divisor = Math.min(size, wanted); divisor > 1; divisor--) if (size % divisor === 0) return divisor;
  return 1;
}
