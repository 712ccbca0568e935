import { scalar, written } from './constant-operand';
import type { LayerDefinition, ParameterDefinition } from './definition';
import { costOfOutput } from './sizes';

const bound = (name: 'minimum' | 'maximum', standard: number, label: ParameterDefinition['label']) =>
  ({
    name,
    type: 'number',
    default: standard,
    minimum: -1e9,
    maximum: 1e9,
    step: 0.1,
    label,
    help: {
      en: 'Values beyond it become this value, and no gradient passes there.',
      ru: 'Значения за этой границей становятся равны ей, и градиент там не проходит.',
    },
  }) satisfies ParameterDefinition;

export const clip: LayerDefinition = {
  kind: 'clip',
  category: 'math',
  label: { en: 'Clip', ru: 'Ограничение' },
  help: {
    en: 'Keeps every value between two bounds. Use it before a logarithm or root, or to keep an answer in its range.',
    ru: 'Удерживает каждое значение между двумя границами. Ставится перед логарифмом или корнем либо чтобы ответ не выходил из диапазона.',
  },
  formula: 'v = \\min(b, \\max(a, u))',
  icon: 'trending-up',
  parameters: [bound('minimum', 0, { en: 'From', ru: 'От' }), bound('maximum', 1, { en: 'To', ru: 'До' })],
  inputs: [1, 1],
  hasOutput: true,
  curve: (x, { minimum, maximum }) => Math.min(Number(maximum), Math.max(Number(minimum), x)),
  shape({ minimum, maximum }, [input = []]) {
    if (Number(minimum) <= Number(maximum)) return input;
    return {
      code: 'network.clip-range',
      details: { minimum: Number(minimum), maximum: Number(maximum) },
      fix: { kind: 'set-parameter', parameter: 'maximum', value: Number(minimum) },
    };
  },
  cost: (_values, _inputs, output) => costOfOutput(output),
  emit({ parameters: { minimum, maximum }, inputNames: [input = ''], outputName, constant, node }) {
    const bounds = [constant('minimum', scalar(Number(minimum))), constant('maximum', scalar(Number(maximum)))];
    node('Clip', [input, ...bounds], outputName);
  },
  recognise(node, initializer) {
    if (node.opType !== 'Clip') return null;
    const [minimum, maximum] = [1, 2].map((place) => initializer(node.inputs[place] ?? '')?.data[0]);
    if (minimum === undefined || maximum === undefined) return null;
    const values = { minimum: written(Number(minimum)), maximum: written(Number(maximum)) };
    const inRange = Object.values(values).every((value) => Math.abs(value) <= 1e9);
    return inRange && values.minimum <= values.maximum ? values : null;
  },
};
