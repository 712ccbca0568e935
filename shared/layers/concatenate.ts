import { axisOf, axisParameter } from './axis';
import type { LayerDefinition } from './definition';
import { costOfOutput, formatShape } from './sizes';

export const concatenate: LayerDefinition = {
  kind: 'concatenate',
  category: 'combine',
  label: { en: 'Concatenate', ru: 'Склеивание' },
  help: {
    en: 'Puts two to eight inputs one after another along a dimension. Later layers see the values of all of them (skip connections, several kernels side by side).',
    ru: 'Ставит от двух до восьми входов друг за другом вдоль измерения. Следующие слои видят значения всех (обходные связи, несколько ядер рядом).',
  },
  formula: 'v = (u_1, u_2, \\dots)',
  icon: 'combine',
  parameters: [
    axisParameter(1, {
      en: 'Along which dimension: 1 is the first of a sample (the channels of an image, the values of a row), −1 the last.',
      ru: 'Вдоль какого измерения: 1 — первое измерение примера (каналы изображения, значения ряда), −1 — последнее.',
    }),
  ],
  inputs: [2, 8],
  hasOutput: true,
  shape(values, [first = [], ...others]) {
    const axis = axisOf(values, first);
    if (typeof axis !== 'number') return axis;
    const joined = [...first];
    for (const [index, other] of others.entries()) {
      const fits = other.length === first.length && other.every((size, at) => at === axis || size === first[at]);
      if (!fits) {
        const details = { first: formatShape(first), port: index + 2, got: formatShape(other), axis: axis + 1 };
        return { code: 'network.concat-shapes', details };
      }
      joined[axis] = (joined[axis] ?? 0) + (other[axis] ?? 0);
    }
    return joined;
  },
  cost: (_values, _inputs, output) => costOfOutput(output),
  emit({ parameters, inputs: [first = []], inputNames, outputName, node }) {
    const axis = axisOf(parameters, first);
    if (typeof axis === 'number') node('Concat', inputNames, outputName, { axis: axis + 1 });
  },
  recognise(node, initializer) {
    const { axis = 0 } = node.attributes;
    if (node.opType !== 'Concat' || node.inputs.length < 2 || node.inputs.length > 8) return null;
    return axis === 0 || node.inputs.some((name) => initializer(name)) ? null : { axis: Number(axis) };
  },
};
