import { isNumberList } from '../network/graph';
import type { LayerDefinition, ParameterValues } from './definition';
import { costOfOutput, formatShape } from './sizes';

const orderOf = ({ order }: ParameterValues): number[] => (Array.isArray(order) ? order : []);

export const permute: LayerDefinition = {
  kind: 'permute',
  category: 'shape',
  label: { en: 'Permute', ru: 'Перестановка осей' },
  help: {
    en: 'Swaps the dimensions of a sample; its values move along. Use it between layers that want channels first and layers that want steps first.',
    ru: 'Меняет местами измерения примера вместе со значениями. Нужна между слоями, где сначала каналы, и слоями, где сначала шаги.',
  },
  formula: 'v_{j,i} = u_{i,j}',
  icon: 'arrow-left-right',
  parameters: [
    {
      name: 'order',
      type: 'shape',
      default: [2, 1],
      label: { en: 'New order', ru: 'Новый порядок' },
      help: {
        en: 'The old dimensions in their new order, counted from 1. 2, 1 swaps two; 2, 3, 1 puts the channels of an image last.',
        ru: 'Прежние измерения в новом порядке, счёт с 1. 2, 1 меняет два местами; 2, 3, 1 ставит каналы изображения последними.',
      },
    },
  ],
  inputs: [1, 1],
  hasOutput: true,
  shape(values, [input = []]) {
    const order = orderOf(values);
    const all = input.map((_, index) => index + 1);
    if (order.toSorted((a, b) => a - b).join() === all.join()) return order.map((place) => input[place - 1] ?? 1);
    return {
      code: 'network.permute-order',
      details: { order: order.join(', '), got: formatShape(input), wanted: all.join(', ') },
      fix: { kind: 'set-parameter', parameter: 'order', value: all.toReversed() },
    };
  },
  cost: (_values, _inputs, output) => costOfOutput(output),
  emit: ({ parameters, inputNames, outputName, node }) =>
    node('Transpose', inputNames, outputName, { perm: [0, ...orderOf(parameters)] }),
  recognise(node) {
    const { perm } = node.attributes;
    if (node.opType !== 'Transpose' || !isNumberList(perm) || perm[0] !== 0 || perm.length < 2) return null;
    return { order: perm.slice(1) };
  },
};
