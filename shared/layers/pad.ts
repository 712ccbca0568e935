import { scalar, scalarValue } from './constant-operand';
import type { LayerDefinition, LayerIssue, ParameterValues, Shape } from './definition';
import { costOfOutput } from './sizes';
import { at, explicitPads, shortest } from './window';

/** What is padded: the values of a row, the length of a signal, height and width of an image. Channels are not. */
function padded(values: ParameterValues, input: Shape): { pads: number[]; output: number[] } | LayerIssue {
  const fixed = input.length === 1 ? 0 : 1;
  const pads = explicitPads(values, 'pads', input.length === 1 ? [1, ...input] : input);
  if (!Array.isArray(pads)) return pads;
  const rank = input.length - fixed;
  const output = input.map((size, index) =>
    index < fixed ? size : size + at(pads, index - fixed) + at(pads, index - fixed + rank),
  );
  return { pads, output };
}

export const pad: LayerDefinition = {
  kind: 'pad',
  category: 'shape',
  label: { en: 'Pad', ru: 'Дополнение' },
  help: {
    en: 'Puts zeros, or another number, around a row, a signal or an image. Convolutions can pad by themselves; use this for other layers or other numbers.',
    ru: 'Окружает ряд, сигнал или изображение нулями или другим числом. Свёртки умеют дополнять сами; слой нужен для других слоёв и других чисел.',
  },
  formula: 'v = (a, \\dots, a, u_1, \\dots, u_n, a, \\dots, a)',
  icon: 'square-dashed',
  parameters: [
    {
      name: 'pads',
      type: 'shape',
      default: [1],
      minimum: 0,
      maximumLength: 4,
      label: { en: 'Added', ru: 'Добавить' },
      help: {
        en: 'How many values are added: one number for all sides; height, width; or top, left, bottom, right. For a row or signal: one number, or before, after.',
        ru: 'Сколько значений добавить: одно число для всех сторон; высота, ширина; или сверху, слева, снизу, справа. Для ряда и сигнала: одно число либо до, после.',
      },
    },
    {
      name: 'value',
      type: 'number',
      default: 0,
      minimum: -1e9,
      maximum: 1e9,
      step: 0.1,
      label: { en: 'Number', ru: 'Число' },
      help: { en: 'What is put there.', ru: 'Чем дополняется.' },
    },
  ],
  inputs: [1, 1],
  hasOutput: true,
  shape(values, [input = []]) {
    if (input.length < 1 || input.length > 3) {
      return { code: 'network.needs-channels', details: { got: input.join(' × ') } };
    }
    const result = padded(values, input);
    return 'code' in result ? result : result.output;
  },
  cost: (_values, _inputs, output) => costOfOutput(output),
  emit({ parameters: values, inputs: [input = []], inputNames: [source = ''], outputName, constant, node }) {
    const result = padded(values, input);
    if ('code' in result) return;
    // ONNX wants batch and channels among the beginnings and ends.
    const rank = result.pads.length / 2;
    const fixed = Array.from({ length: input.length + 1 - rank }, () => 0);
    const all = [...fixed, ...result.pads.slice(0, rank), ...fixed, ...result.pads.slice(rank)];
    const pads = constant('pads', { dims: [all.length], data: BigInt64Array.from(all, BigInt), frozen: true });
    node('Pad', [source, pads, constant('value', scalar(Number(values.value)))], outputName, { mode: 'constant' });
  },
  recognise(node, initializer) {
    const { mode = 'constant' } = node.attributes;
    const pads = initializer(node.inputs[1] ?? '');
    if (node.opType !== 'Pad' || mode !== 'constant' || !(pads?.data instanceof BigInt64Array) || node.inputs[3]) {
      return null;
    }
    const all = Array.from(pads.data, Number);
    const rank = all.length / 2;
    // Batch, and channels where there are any.
    const fixed = rank === 2 ? 1 : 2;
    const [begin, end] = [all.slice(0, rank), all.slice(rank)];
    if (rank < 2 || rank > 4 || all.some((size) => size < 0)) return null;
    if ([...begin.slice(0, fixed), ...end.slice(0, fixed)].some((size) => size !== 0)) return null;
    const value = node.inputs[2] ? scalarValue(initializer(node.inputs[2])) : 0;
    return value === undefined ? null : { pads: shortest([...begin.slice(fixed), ...end.slice(fixed)]), value };
  },
};
