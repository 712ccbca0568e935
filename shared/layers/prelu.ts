import type { LayerDefinition, ParameterValues, Shape } from './definition';
import { elements } from './sizes';

/** One slope, or one for each channel: [C] for a row, [C, 1, 1] for an image, so that ONNX broadcasts it. */
function slopeDims({ slopes }: ParameterValues, input: Shape): number[] {
  const [channels = 1, ...rest] = input;
  return slopes === 'one' ? [1] : [channels, ...rest.map(() => 1)];
}

export const prelu: LayerDefinition = {
  kind: 'prelu',
  category: 'activation',
  label: { en: 'PReLU', ru: 'PReLU' },
  help: {
    en: 'A leaky ReLU that learns its slope below zero. Use it where leaky ReLU helps and you would rather not choose the slope.',
    ru: 'Leaky ReLU, которая сама обучает наклон ниже нуля. Пригодится там, где помогает leaky ReLU, а наклон выбирать не хочется.',
  },
  formula: 'v = \\begin{cases} u & u \\ge 0 \\\\ a u & u < 0 \\end{cases}',
  icon: 'trending-up',
  parameters: [
    {
      name: 'slopes',
      type: 'choice',
      default: 'one',
      choices: [
        { value: 'one', label: { en: 'One for all', ru: 'Один на всех' } },
        { value: 'channels', label: { en: 'One per channel', ru: 'Свой у каждого канала' } },
      ],
      label: { en: 'Slopes', ru: 'Наклоны' },
      help: {
        en: 'Whether all values share one slope, or each channel (each value of a row) has its own.',
        ru: 'Общий ли наклон у всех значений, или свой у каждого канала (у каждого значения ряда).',
      },
    },
    {
      name: 'start',
      type: 'number',
      default: 0.25,
      minimum: -1,
      maximum: 1,
      step: 0.05,
      advanced: true,
      label: { en: 'Initial slope', ru: 'Начальный наклон' },
      help: { en: 'What every slope begins with.', ru: 'С чего начинается каждый наклон.' },
    },
  ],
  inputs: [1, 1],
  hasOutput: true,
  curve: (x, { start }) => (x >= 0 ? x : Number(start) * x),
  shape: (_values, [input]) => input ?? [],
  weights(values, [input = []]) {
    const settings = { value: Number(values.start) };
    return [{ name: 'slope', dims: slopeDims(values, input), initialiser: 'constant', settings, fanIn: 1, fanOut: 1 }];
  },
  cost(values, [input = []], output) {
    const count = elements(output);
    return { parameters: elements(slopeDims(values, input)), multiplyAdds: count, activationBytes: 4 * count };
  },
  emit: ({ inputNames: [input = ''], outputName, weightName, node }) =>
    node('PRelu', [input, weightName('slope')], outputName),
  recognise(node, initializer) {
    const slope = node.opType === 'PRelu' ? initializer(node.inputs[1] ?? '') : undefined;
    if (!slope) return null;
    if (elements(slope.dims) === 1 && slope.dims.length <= 1) return { slopes: 'one' };
    return slope.dims.slice(1).every((size) => size === 1) ? { slopes: 'channels' } : null;
  },
};
