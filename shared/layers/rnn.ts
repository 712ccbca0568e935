import { permutations, turn, weightedProducts, type WeightedProduct } from './block';
import type { LayerDefinition, LayerDisguises } from './definition';
import { recurrent } from './recurrent';

const layer = recurrent({
  kind: 'rnn',
  opType: 'RNN',
  gates: [0],
  activations: ['Tanh'],
  label: { en: 'Recurrent (plain)', ru: 'Рекуррентный (простой)' },
  help: {
    en: 'Reads a sequence step by step: each state comes from the step and the state before, through tanh. The simplest recurrent layer, good to learn from; over many steps its gradient vanishes.',
    ru: 'Читает последовательность шаг за шагом: состояние получается из шага и прежнего состояния через tanh. Простейший рекуррентный слой, удобен для изучения; за много шагов его градиент затухает.',
  },
  formula: 'h_t = \\tanh(W x_t + b + R h_{t-1} + c)',
});

/** PyTorch's newer exporter writes every step of it out, all with the same weights. */
const unrolled: LayerDisguises = {
  key: ({ opType, inputs: [value = '', weight = ''] }, initializer) =>
    (opType === 'MatMul' || opType === 'Gemm') && !initializer(value) && initializer(weight)?.dims.length === 2,
  unrolled: true,
  guess(block) {
    const products = weightedProducts(block);
    const recurrences = products.filter(({ repeated, inputs, outputs }) => repeated && inputs === outputs);
    const hidden = recurrences[0]?.outputs ?? 0;
    const others = products.filter((product) => !recurrences.includes(product));
    const fits = [...recurrences, ...others].every(({ outputs }) => outputs === hidden);
    const ways = recurrences.length;
    if (!fits || ways < 1 || ways > 2 || others.length !== ways) return [];
    const directions = ways === 2 ? ['bidirectional'] : ['forward', 'reverse'];
    const result = block.output.length === 2 ? 'sequence' : 'last';
    const bias = products.some((product) => product.bias !== null);
    return permutations(recurrences).flatMap((states) =>
      permutations(others).flatMap((inputs) => {
        const biases = inputs.flatMap((product, way) => [product, states[way] ?? product]).map(biasOf);
        const weights = {
          'input-weight': joined(inputs.map(turned)),
          'recurrent-weight': joined(states.map(turned)),
          ...(bias && { bias: joined(biases) }),
        };
        return directions.map((direction) => ({ parameters: { hidden, direction, result, bias }, weights }));
      }),
    );
  },
};

const turned = ({ weight, inputs, outputs }: WeightedProduct): Float32Array => turn(weight, inputs, outputs);
const biasOf = ({ bias, outputs }: WeightedProduct): Float32Array => bias ?? new Float32Array(outputs);
const joined = (parts: readonly Float32Array[]): Float32Array => Float32Array.from(parts.flatMap((part) => [...part]));

export const rnn: LayerDefinition = { ...layer, disguises: [...(layer.disguises ?? []), unrolled] };
