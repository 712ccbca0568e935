import type { GraphNode, Initializer } from '../network/graph';
import { biasParameter } from './bias';
import type {
  LayerDefinition,
  LayerIssue,
  ParameterDefinition,
  ParameterValues,
  Shape,
  WeightDraw,
} from './definition';
import { fans, initialisation, initialiserParameters } from './initialisers';
import { elements, formatShape } from './sizes';

/** Sequences are [steps, values of a step], as rows of a table that follow one another. */
export function needsSteps(input: Shape): LayerIssue | null {
  if (input.length === 2) return null;
  const details = { got: formatShape(input) };
  if (input.length === 1) {
    const parameters = { shape: [...input, 1] };
    return {
      code: 'network.needs-steps',
      details,
      fix: { kind: 'insert-before', insert: 'reshape', port: 0, parameters },
    };
  }
  return { code: 'network.needs-steps', details };
}

/** Which of a sequence's results a layer gives. */
const parameters: ParameterDefinition[] = [
  {
    name: 'hidden',
    type: 'integer',
    default: 32,
    minimum: 1,
    maximum: 16_384,
    step: 1,
    label: { en: 'Hidden units', ru: 'Скрытые нейроны' },
    help: {
      en: 'The number of values the layer remembers from step to step.',
      ru: 'Сколько значений слой помнит от шага к шагу.',
    },
  },
  {
    name: 'result',
    type: 'choice',
    default: 'last',
    choices: [
      { value: 'last', label: { en: 'Last state', ru: 'Последнее состояние' } },
      { value: 'sequence', label: { en: 'Whole sequence', ru: 'Вся последовательность' } },
    ],
    label: { en: 'Gives', ru: 'Выдаёт' },
    help: {
      en: 'One row, the state after the last step, for an answer about the whole sequence; or a state for every step, for another layer of this kind.',
      ru: 'Один ряд — состояние после последнего шага — для ответа обо всей последовательности; или состояние каждого шага для следующего такого же слоя.',
    },
  },
  {
    name: 'direction',
    type: 'choice',
    default: 'forward',
    choices: [
      { value: 'forward', label: { en: 'Forward', ru: 'Вперёд' } },
      { value: 'bidirectional', label: { en: 'Both ways', ru: 'В обе стороны' } },
      { value: 'reverse', label: { en: 'Backward', ru: 'Назад' } },
    ],
    label: { en: 'Reads', ru: 'Читает' },
    help: {
      en: 'Both ways doubles the output: each state then knows what comes before and after. Only where the whole sequence is there before the answer.',
      ru: 'В обе стороны — выход вдвое шире: состояние знает и что было, и что будет. Годится, если вся последовательность известна до ответа.',
    },
  },
  { ...biasParameter, advanced: true },
  ...initialiserParameters({ prefix: 'weight' }),
  ...initialiserParameters({ prefix: 'bias' }),
];

interface Recurrent {
  kind: string;
  opType: 'LSTM' | 'GRU' | 'RNN';
  /** ONNX's gates by their place among PyTorch's. */
  gates: readonly number[];
  /** ONNX's, of one direction. */
  activations: readonly string[];
  attributes?: Record<string, number>;
  label: LayerDefinition['label'];
  help: LayerDefinition['help'];
  formula: string;
}

/**
 * A recurrent layer over [steps, features], hidden states 0 at first. Weights as ONNX lays them out, D directions and G gates:
 * input-weight [D, G·hidden, features], recurrent-weight [D, G·hidden, hidden], bias [D, 2·G·hidden] (of input, then of state).
 */
export function recurrent({ opType, gates, activations, attributes = {}, ...names }: Recurrent): LayerDefinition {
  const read = (values: ParameterValues, [[steps = 1, features = 1] = []]: Shape[]) => {
    const hidden = Number(values.hidden);
    return { steps, features, hidden, rows: gates.length * hidden, ways: values.direction === 'bidirectional' ? 2 : 1 };
  };
  return {
    ...names,
    category: 'sequence',
    icon: 'repeat',
    parameters,
    inputs: [1, 1],
    hasOutput: true,
    sizeParameter: 'hidden',
    shape(values, inputs) {
      const issue = needsSteps(inputs[0] ?? []);
      if (issue) return issue;
      const { steps, hidden, ways } = read(values, inputs);
      return values.result === 'sequence' ? [steps, ways * hidden] : [ways * hidden];
    },
    weights(values, inputs) {
      const { features, hidden, rows, ways } = read(values, inputs);
      const weight = (name: string, dims: number[]) => ({ name, dims, initialiser: 'zeros', ...fans(dims) }) as const;
      return [
        weight('input-weight', [ways, rows, features]),
        weight('recurrent-weight', [ways, rows, hidden]),
        ...(values.bias === false ? [] : [weight('bias', [ways, 2 * rows])]),
      ];
    },
    draws(values, inputs) {
      const { features, hidden, rows, ways } = read(values, inputs);
      const draw = (prefix: 'weight' | 'bias', name: string, dims: number[], offset: number): WeightDraw => ({
        dims,
        ...ownScheme(values, prefix, hidden),
        ...fans(dims),
        place: (drawn, weights) => placeGates(drawn, weights.get(name), offset, gates),
      });
      return Array.from({ length: ways }, (_, way) => [
        draw('weight', 'input-weight', [rows, features], way * rows * features),
        draw('weight', 'recurrent-weight', [rows, hidden], way * rows * hidden),
        ...(values.bias === false
          ? []
          : [draw('bias', 'bias', [rows], way * 2 * rows), draw('bias', 'bias', [rows], (way * 2 + 1) * rows)]),
      ]).flat();
    },
    cost(values, inputs, output) {
      const { steps, features, hidden, rows, ways } = read(values, inputs);
      const products = ways * rows * (features + hidden);
      return {
        parameters: products + (values.bias === false ? 0 : 2 * ways * rows),
        multiplyAdds: steps * products,
        activationBytes: 4 * elements(output),
      };
    },
    /** onnxruntime knows the layout with the steps in front only, so the batch changes places before and after. */
    emit({ parameters: values, output, inputNames: [source = ''], outputName, weightName, constant, node }) {
      const swapped = `${outputName}.steps-first`;
      const states = `${outputName}.states`;
      const ordered = `${outputName}.ordered`;
      const weights = ['input-weight', 'recurrent-weight', ...(values.bias === false ? [] : ['bias'])];
      const whole = values.result === 'sequence';
      node('Transpose', [source], swapped, { perm: [1, 0, 2] }, 'steps-first');
      node(
        opType,
        [swapped, ...weights.map(weightName)],
        whole ? [states] : ['', states],
        { ...attributes, direction: String(values.direction), hidden_size: Number(values.hidden) },
        opType.toLowerCase(),
      );
      // [steps, D, batch, hidden] or, the last state, [D, batch, hidden]: batch first, directions side by side.
      node('Transpose', [states], ordered, { perm: whole ? [2, 0, 1, 3] : [1, 0, 2] }, 'ordered');
      const data = BigInt64Array.from([0, ...output], BigInt);
      node('Reshape', [ordered, constant('shape', { dims: [data.length], data, frozen: true })], outputName);
    },
    recognise(node, initializer) {
      const used = node.outputs.map((name) => name !== '');
      const found = readNode(node, initializer);
      if (!found || (used[0] && used[1]) || used[2]) return null;
      return { ...found, result: used[0] ? 'sequence' : 'last' };
    },
    disguises: [
      {
        key: (node) => node.opType === opType,
        guess({ nodes, output, initializer }) {
          const [node, ...others] = nodes.filter((item) => ['LSTM', 'GRU', 'RNN'].includes(item.opType));
          const found = node && others.length === 0 ? readNode(node, initializer) : null;
          if (!node || !found) return [];
          const weights = ['input-weight', 'recurrent-weight', 'bias'].flatMap((name, at) => {
            const data = initializer(node.inputs[at + 1] ?? '')?.data;
            return data instanceof Float32Array ? [[name, data] as const] : [];
          });
          const result = output.length === 2 ? 'sequence' : 'last';
          return [{ parameters: { ...found, result }, weights: Object.fromEntries(weights) }];
        },
      },
    ],
  };

  /** Everything but which result is read. */
  function readNode(
    node: GraphNode,
    initializer: (name: string) => Initializer | undefined,
  ): { hidden: number; direction: string; bias: boolean } | null {
    if (node.opType !== opType) return null;
    const known = ['direction', 'hidden_size', 'activations', 'input_forget', 'layout', ...Object.keys(attributes)];
    if (Object.keys(node.attributes).some((name) => !known.includes(name))) return null;
    const { direction = 'forward', activations: named = [] } = node.attributes;
    const fixed = { layout: 0, input_forget: 0, ...attributes };
    const differs = Object.entries(fixed).some(([name, value]) => (node.attributes[name] ?? 0) !== value);
    const unusual = [named].flat().some((name, at) => name !== activations[at % activations.length]);
    if (differs || unusual || typeof direction !== 'string') return null;
    // Lengths, initial states and peepholes have no place in the layer.
    if (node.inputs.slice(4).some((name) => name !== '')) return null;
    const hidden = initializer(node.inputs[2] ?? '')?.dims[2];
    return hidden === undefined ? null : { hidden, direction, bias: Boolean(node.inputs[3]) };
  }
}

/** PyTorch draws all of a recurrent layer's weights uniformly from ±1/√hidden. */
function ownScheme(values: ParameterValues, prefix: 'weight' | 'bias', hidden: number) {
  const chosen = initialisation(values, prefix);
  if (chosen.initialiser !== 'pytorch-uniform') return chosen;
  const bound = 1 / Math.sqrt(hidden);
  return { initialiser: 'uniform', settings: { low: -bound, high: bound } } as const;
}

/** PyTorch's blocks of rows, one per gate, in ONNX's order. */
function placeGates(
  drawn: Float32Array,
  weight: Float32Array | undefined,
  offset: number,
  gates: readonly number[],
): void {
  const block = drawn.length / gates.length;
  gates.forEach((gate, place) => {
    weight?.set(drawn.subarray(gate * block, (gate + 1) * block), offset + place * block);
  });
}
