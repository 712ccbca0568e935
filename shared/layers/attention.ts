import { biasParameter } from './bias';
import { scalar } from './constant-operand';
import { permutations, type LayerGuess, weightedProducts, type WeightedProduct } from './block';
import type { LayerDefinition } from './definition';
import { initialisation, initialiserParameters } from './initialisers';
import { needsSteps } from './recurrent';
import { elements } from './sizes';
import { placeTransposed } from './transpose';

/** Added where a step may not look: e to the power of it is 0 in float32. */
const masked = -1e9;

export const attention: LayerDefinition = {
  kind: 'attention',
  category: 'sequence',
  label: { en: 'Self-attention', ru: 'Самовнимание' },
  help: {
    en: 'Every step of a sequence looks at all steps and takes from each as much as it finds fitting; several heads look for different things. The heart of transformers: put it on a path that an Add bypasses.',
    ru: 'Каждый шаг последовательности смотрит на все шаги и берёт от каждого столько, сколько находит подходящим; несколько голов ищут разное. Сердце трансформеров: ставится на путь, который обходит «Сложение».',
  },
  formula:
    '\\begin{gathered} \\mathrm{softmax}\\!\\left(\\dfrac{Q K^{\\mathsf T}}{\\sqrt{d}}\\right) V \\\\ Q, K, V = X W_{q,k,v} \\end{gathered}',
  icon: 'eye',
  parameters: [
    {
      name: 'heads',
      type: 'integer',
      default: 2,
      minimum: 1,
      maximum: 1024,
      step: 1,
      label: { en: 'Heads', ru: 'Головы' },
      help: {
        en: 'How many attentions work side by side. Each has an equal part of the values of a step, so it has to divide their number.',
        ru: 'Сколько вниманий работает рядом. Значения шага делятся между ними поровну, поэтому число должно делить их количество.',
      },
    },
    {
      name: 'causal',
      type: 'boolean',
      default: false,
      label: { en: 'Causal', ru: 'Только назад' },
      help: {
        en: 'A step sees itself and the steps before it only. For predicting what comes next.',
        ru: 'Шаг видит только себя и предыдущие шаги. Нужно, чтобы предсказывать следующий.',
      },
    },
    { ...biasParameter, advanced: true },
    ...initialiserParameters({ prefix: 'weight', default: 'xavier-uniform' }),
  ],
  inputs: [1, 1],
  hasOutput: true,
  shape({ heads }, [input = []]) {
    const issue = needsSteps(input);
    if (issue) return issue;
    const width = input[1] ?? 1;
    if (width % Number(heads) === 0) return input;
    let fitting = Math.min(width, Number(heads));
    while (width % fitting !== 0) fitting--;
    return {
      code: 'network.heads',
      details: { width, heads: Number(heads) },
      fix: { kind: 'set-parameter', parameter: 'heads', value: fitting },
    };
  },
  weights({ bias }, [[, width = 1] = []]) {
    const zeros = { initialiser: 'zeros', fanIn: width, fanOut: width } as const;
    return [
      { name: 'input-weight', dims: [width, 3 * width], ...zeros },
      ...(bias === false ? [] : [{ name: 'input-bias', dims: [3 * width], ...zeros }]),
      { name: 'output-weight', dims: [width, width], ...zeros },
      ...(bias === false ? [] : [{ name: 'output-bias', dims: [width], ...zeros }]),
    ];
  },
  /** As nn.MultiheadAttention: the output's linear layer draws first, its bias is set to 0 again; biases begin with 0. */
  draws(values, [[, width = 1] = []]) {
    const output = { initialiser: 'pytorch-uniform', fanIn: width, fanOut: width } as const;
    return [
      {
        dims: [width, width],
        ...output,
        place: (drawn, weights) => placeTransposed(drawn, width, width, weights.get('output-weight')),
      },
      ...(values.bias === false ? [] : [{ dims: [width], ...output, place: null }]),
      {
        dims: [3 * width, width],
        ...initialisation(values, 'weight'),
        fanIn: width,
        fanOut: 3 * width,
        place: (drawn, weights) => placeTransposed(drawn, 3 * width, width, weights.get('input-weight')),
      },
    ];
  },
  cost({ bias }, [[steps = 1, width = 1] = []], output) {
    return {
      parameters: 4 * width * width + (bias === false ? 0 : 4 * width),
      // Four projections, and two products of steps by steps.
      multiplyAdds: 4 * steps * width * width + 2 * steps * steps * width,
      activationBytes: 4 * elements(output),
    };
  },
  emit({
    parameters,
    inputs: [[steps = 1, width = 1] = []],
    inputNames: [source = ''],
    outputName,
    weightName,
    constant,
    node,
  }) {
    const heads = Number(parameters.heads);
    const size = width / heads;
    const value = (name: string) => `${outputName}.${name}`;
    const step = (
      opType: string,
      inputs: string[],
      name: string,
      attributes: Record<string, number | number[]> = {},
    ) => {
      node(opType, inputs, value(name), attributes, name);
      return value(name);
    };
    const list = (name: string, sizes: number[]) =>
      constant(name, { dims: [sizes.length], data: BigInt64Array.from(sizes, BigInt), frozen: true });

    // [batch, steps, width] → [batch, steps, 3·width] → query, key and value.
    const product = step('MatMul', [source, weightName('input-weight')], 'projected');
    const projected =
      parameters.bias === false ? product : step('Add', [product, weightName('input-bias')], 'projected-bias');
    const parts = ['query', 'key', 'value'];
    node('Split', [projected, list('parts', [width, width, width])], parts.map(value), { axis: 2 }, 'parts');
    // → [batch, heads, steps, size], the key with its last two swapped.
    const shape = list('heads', [0, steps, heads, size]);
    const [query = '', key = '', content = ''] = parts.map((name) => {
      const split = step('Reshape', [value(name), shape], `${name}-heads`);
      return step('Transpose', [split], `${name}-ordered`, { perm: name === 'key' ? [0, 2, 3, 1] : [0, 2, 1, 3] });
    });
    const scores = step('MatMul', [query, key], 'scores');
    const scaled = step('Mul', [scores, constant('scale', scalar(1 / Math.sqrt(size)))], 'scaled');
    const seen =
      parameters.causal === true ? step('Add', [scaled, constant('mask', causalMask(steps))], 'seen') : scaled;
    const shares = step('Softmax', [seen], 'shares', { axis: -1 });
    const mixed = step('MatMul', [shares, content], 'mixed');
    // Back to [batch, steps, width], heads side by side.
    const ordered = step('Transpose', [mixed], 'mixed-ordered', { perm: [0, 2, 1, 3] });
    const joined = step('Reshape', [ordered, list('joined', [0, steps, width])], 'joined');
    if (parameters.bias === false) return node('MatMul', [joined, weightName('output-weight')], outputName);
    node(
      'Add',
      [step('MatMul', [joined, weightName('output-weight')], 'output'), weightName('output-bias')],
      outputName,
    );
  },
  /** Its key is the division of the values into heads; the match tells mask and biases. */
  recognise(node, initializer) {
    const data = node.opType === 'Reshape' ? initializer(node.inputs[1] ?? '')?.data : undefined;
    const [batch, , heads] = data instanceof BigInt64Array && data.length === 4 ? Array.from(data, Number) : [];
    return batch === 0 && heads !== undefined && heads > 0 ? { heads } : null;
  } /** One product for query, key and value or one for each, then whatever moves the values about. */,
  disguises: [
    {
      key: ({ opType }) => opType === 'Softmax',
      guess(block) {
        const [steps = 1, width = 1] = block.input;
        const scores = block.nodes.filter(({ opType }) => opType === 'Softmax').map(({ outputs }) => outputs[0] ?? '');
        const heads = elements(block.shape(scores[0] ?? '') ?? []) / (steps * steps);
        if (scores.length !== 1 || block.input.length !== 2 || !Number.isInteger(heads) || heads < 1) return [];
        const projections = projectionsOf(weightedProducts(block), width);
        return projections.flatMap((weights) =>
          [false, true].map((causal) => ({ parameters: { heads, causal, bias: 'input-bias' in weights }, weights })),
        );
      },
    },
  ],
};

/** The weights that products of these sizes may be, the last product being the way out. */
function projectionsOf(products: readonly WeightedProduct[], width: number): LayerGuess['weights'][] {
  const output = products.at(-1);
  const before = products.slice(0, -1);
  const fits = products.every(({ inputs, repeated }) => inputs === width && !repeated);
  if (!output || !fits || output.outputs !== width) return [];
  const biased = products.some(({ bias }) => bias !== null);
  const biasOf = ({ bias, outputs }: WeightedProduct): Float32Array => bias ?? new Float32Array(outputs);
  const withOutput = (weight: Float32Array, bias: Float32Array): LayerGuess['weights'] => ({
    'input-weight': weight,
    ...(biased && { 'input-bias': bias, 'output-bias': biasOf(output) }),
    'output-weight': output.weight,
  });
  const [whole] = before;
  if (before.length === 1 && whole?.outputs === 3 * width) return [withOutput(whole.weight, biasOf(whole))];
  if (before.length !== 3 || before.some(({ outputs }) => outputs !== width)) return [];
  return permutations(before).map((parts) => {
    const weight = new Float32Array(3 * width * width);
    const bias = new Float32Array(3 * width);
    parts.forEach((part, at) => {
      bias.set(biasOf(part), at * width);
      for (let row = 0; row < width; row++)
        weight.set(part.weight.subarray(row * width, (row + 1) * width), (3 * row + at) * width);
    });
    return withOutput(weight, bias);
  });
}

/** [steps, steps]: 0 where a step may look, the first row being the first step. */
function causalMask(steps: number) {
  const data = Float32Array.from({ length: steps * steps }, (_, index) =>
    index % steps > Math.floor(index / steps) ? masked : 0,
  );
  return { dims: [steps, steps], data, frozen: true };
}
