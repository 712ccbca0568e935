import { axisOf, axisParameter } from './axis';
import type { LayerDefinition } from './definition';
import { costOfOutput, elements } from './sizes';

const operators: Record<string, string> = { mean: 'ReduceMean', sum: 'ReduceSum', maximum: 'ReduceMax' };

export const reduce: LayerDefinition = {
  kind: 'reduce',
  category: 'math',
  label: { en: 'Mean or sum', ru: 'Среднее или сумма' },
  help: {
    en: 'Brings a dimension down to one number: the mean, sum or maximum along it. The mean over the steps is a simple way to get one row out of a sequence.',
    ru: 'Сводит измерение к одному числу: среднему, сумме или максимуму вдоль него. Среднее по шагам — простой способ получить из последовательности один ряд.',
  },
  formula: 'v_j = \\frac{1}{n} \\sum_i u_{i,j}',
  icon: 'sigma',
  parameters: [
    {
      name: 'by',
      type: 'choice',
      default: 'mean',
      choices: [
        { value: 'mean', label: { en: 'Mean', ru: 'Среднее' } },
        { value: 'sum', label: { en: 'Sum', ru: 'Сумма' } },
        { value: 'maximum', label: { en: 'Maximum', ru: 'Максимум' } },
      ],
      label: { en: 'What', ru: 'Что' },
      help: {
        en: 'The number that stands for all values along the dimension.',
        ru: 'Число, которое заменяет все значения вдоль измерения.',
      },
    },
    axisParameter(1, {
      en: 'The dimension that goes: 1 is the first of a sample (the steps of a sequence), −1 the last.',
      ru: 'Какое измерение исчезает: 1 — первое измерение примера (шаги последовательности), −1 — последнее.',
    }),
    {
      name: 'keep',
      type: 'boolean',
      default: false,
      advanced: true,
      label: { en: 'Keep it with size 1', ru: 'Оставить с размером 1' },
      help: {
        en: 'The dimension stays with size 1, so that the result can be joined with the input again.',
        ru: 'Измерение остаётся с размером 1, и результат можно снова соединить со входом.',
      },
    },
  ],
  inputs: [1, 1],
  hasOutput: true,
  shape(values, [input = []]) {
    const axis = axisOf(values, input);
    if (typeof axis !== 'number') return axis;
    if (values.keep === true) return input.with(axis, 1);
    // A single number is a row of one: the batch alone would be no shape of a sample.
    return input.length === 1 ? [1] : input.toSpliced(axis, 1);
  },
  cost(_values, [input = []], output) {
    return { ...costOfOutput(output), multiplyAdds: elements(input) };
  },
  emit({ parameters: values, inputs: [input = []], inputNames: [source = ''], outputName, constant, node }) {
    const axis = axisOf(values, input);
    if (typeof axis !== 'number') return;
    const axes = constant('axes', { dims: [1], data: BigInt64Array.from([BigInt(axis + 1)]), frozen: true });
    const keepdims = values.keep === true || input.length === 1 ? 1 : 0;
    node(operators[String(values.by)] ?? 'ReduceMean', [source, axes], outputName, { keepdims });
  },
  recognise(node, initializer) {
    const by = Object.keys(operators).find((name) => operators[name] === node.opType);
    const axes = initializer(node.inputs[1] ?? '')?.data;
    if (by === undefined || !(axes instanceof BigInt64Array) || axes.length !== 1) return null;
    const axis = Number(axes[0]);
    return axis === 0 || Math.abs(axis) > 6 ? null : { by, axis, keep: (node.attributes.keepdims ?? 1) === 1 };
  },
};
