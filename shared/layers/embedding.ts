import type { LayerDefinition } from './definition';
import { initialisation, initialiserParameters } from './initialisers';
import { elements } from './sizes';

/** ONNX's number for int64 in Cast. */
const onnxInt64 = 7;

export const embedding: LayerDefinition = {
  kind: 'embedding',
  category: 'sequence',
  label: { en: 'Embedding', ru: 'Векторное представление' },
  help: {
    en: 'Replaces every whole number of the input by a trained row of a table. Use it for words, letters or categories that are numbered from 0.',
    ru: 'Заменяет каждое целое число на входе обучаемой строкой таблицы. Применяется к словам, буквам и категориям, пронумерованным с 0.',
  },
  formula: 'v_t = W_{x_t}',
  icon: 'whole-word',
  parameters: [
    {
      name: 'vocabulary',
      type: 'integer',
      default: 100,
      minimum: 1,
      maximum: 10_000_000,
      step: 1,
      label: { en: 'Vocabulary', ru: 'Словарь' },
      help: {
        en: 'How many different numbers there are: the input holds 0 up to one less than this.',
        ru: 'Сколько разных чисел бывает: на входе числа от 0 до этого числа минус 1.',
      },
    },
    {
      name: 'width',
      type: 'integer',
      default: 16,
      minimum: 1,
      maximum: 65_536,
      step: 1,
      label: { en: 'Width', ru: 'Ширина' },
      help: {
        en: 'How many values stand for each number.',
        ru: 'Сколько значений представляет каждое число.',
      },
    },
    ...initialiserParameters({ prefix: 'weight', default: 'normal' }),
  ],
  inputs: [1, 1],
  hasOutput: true,
  sizeParameter: 'width',
  shape: ({ width }, [input = []]) => [...input, Number(width)],
  weights(values) {
    const dims = [Number(values.vocabulary), Number(values.width)];
    // A row is looked up, not summed: n is its length.
    const [fanOut = 1, fanIn = 1] = dims;
    return [{ name: 'weight', dims, ...initialisation(values, 'weight'), fanIn, fanOut }];
  },
  cost: ({ vocabulary, width }, _inputs, output) => ({
    parameters: Number(vocabulary) * Number(width),
    multiplyAdds: 0,
    activationBytes: 4 * elements(output),
  }),
  emit({ inputNames: [source = ''], outputName, weightName, node }) {
    const whole = `${outputName}.whole`;
    node('Cast', [source], whole, { to: onnxInt64 }, 'whole');
    node('Gather', [weightName('weight'), whole], outputName, { axis: 0 });
  },
  recognise(node, initializer) {
    const table = initializer(node.inputs[0] ?? '');
    if (node.opType !== 'Gather' || (node.attributes.axis ?? 0) !== 0 || initializer(node.inputs[1] ?? '')) return null;
    const [vocabulary, width, ...rest] = table?.data instanceof Float32Array ? table.dims : [];
    return vocabulary === undefined || width === undefined || rest.length > 0 ? null : { vocabulary, width };
  },
};
