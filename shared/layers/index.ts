import type { Text } from '../text';
import { absolute } from './abs';
import { add } from './add';
import { attention } from './attention';
import { averagePool } from './average-pool';
import { batchNorm } from './batch-norm';
import { clip } from './clip';
import { concatenate } from './concatenate';
import { convTranspose1d } from './conv-transpose1d';
import { convTranspose2d } from './conv-transpose2d';
import { conv1d } from './conv1d';
import { conv2d } from './conv2d';
import type { LayerCategory, LayerDefinition } from './definition';
import { divide } from './divide';
import { dropout } from './dropout';
import { elu } from './elu';
import { embedding } from './embedding';
import { exponential } from './exp';
import { flatten } from './flatten';
import { gelu } from './gelu';
import { globalAveragePool } from './global-average-pool';
import { globalMaxPool } from './global-max-pool';
import { groupNorm } from './group-norm';
import { gru } from './gru';
import { hardSigmoid } from './hard-sigmoid';
import { hardSwish } from './hard-swish';
import { identity } from './identity';
import { input } from './input';
import { instanceNorm } from './instance-norm';
import { layerNorm } from './layer-norm';
import { leakyRelu } from './leaky-relu';
import { linear } from './linear';
import { linearSteps } from './linear-steps';
import { logarithm } from './log';
import { logSoftmax } from './log-softmax';
import { lstm } from './lstm';
import { maxPool } from './max-pool';
import { maximum } from './maximum';
import { minimum } from './minimum';
import { mish } from './mish';
import { multiply } from './multiply';
import { negate } from './negate';
import { operator, operatorOutput } from './operator';
import { output } from './output';
import { pad } from './pad';
import { permute } from './permute';
import { power } from './power';
import { prelu } from './prelu';
import { reduce } from './reduce';
import { relu } from './relu';
import { reshape } from './reshape';
import { rnn } from './rnn';
import { scale } from './scale';
import { selu } from './selu';
import { shift } from './shift';
import { sigmoid } from './sigmoid';
import { slice } from './slice';
import { softmax } from './softmax';
import { softplus } from './softplus';
import { softsign } from './softsign';
import { squareRoot } from './sqrt';
import { step } from './step';
import { subtract } from './subtract';
import { tanh } from './tanh';

const all: LayerDefinition[] = [
  input,
  output,
  linear,
  linearSteps,
  conv2d,
  conv1d,
  convTranspose2d,
  convTranspose1d,
  maxPool,
  averagePool,
  globalMaxPool,
  globalAveragePool,
  batchNorm,
  layerNorm,
  groupNorm,
  instanceNorm,
  dropout,
  relu,
  leakyRelu,
  prelu,
  elu,
  selu,
  gelu,
  mish,
  hardSwish,
  sigmoid,
  hardSigmoid,
  tanh,
  softsign,
  softplus,
  softmax,
  logSoftmax,
  step,
  embedding,
  rnn,
  lstm,
  gru,
  attention,
  flatten,
  reshape,
  permute,
  slice,
  pad,
  identity,
  add,
  concatenate,
  multiply,
  subtract,
  divide,
  maximum,
  minimum,
  scale,
  shift,
  power,
  clip,
  absolute,
  negate,
  squareRoot,
  logarithm,
  exponential,
  reduce,
];

/** Every layer there is, by kind, in the order of the palette. */
export const layerDefinitions: ReadonlyMap<string, LayerDefinition> = new Map(all.map((layer) => [layer.kind, layer]));

/** What only an import makes: nodes of a model that are no layer of the palette. */
const imported: ReadonlyMap<string, LayerDefinition> = new Map(
  [operator, operatorOutput].map((layer) => [layer.kind, layer]),
);

export function layerDefinition(kind: string): LayerDefinition | undefined {
  return layerDefinitions.get(kind) ?? imported.get(kind);
}

/** Headings of the palette, in its order. */
export const layerCategories: { category: LayerCategory; label: Text }[] = [
  { category: 'endpoint', label: { en: 'Ends of the network', ru: 'Концы сети' } },
  { category: 'linear', label: { en: 'Linear', ru: 'Полносвязные' } },
  { category: 'convolution', label: { en: 'Convolution', ru: 'Свёртки' } },
  { category: 'pooling', label: { en: 'Pooling', ru: 'Пулинг' } },
  { category: 'normalisation', label: { en: 'Normalisation', ru: 'Нормализация' } },
  { category: 'regularisation', label: { en: 'Regularisation', ru: 'Регуляризация' } },
  { category: 'activation', label: { en: 'Activation functions', ru: 'Функции активации' } },
  { category: 'sequence', label: { en: 'Sequences and attention', ru: 'Последовательности и внимание' } },
  { category: 'shape', label: { en: 'Shape', ru: 'Форма' } },
  { category: 'combine', label: { en: 'Joining paths', ru: 'Объединение путей' } },
  { category: 'math', label: { en: 'Arithmetic', ru: 'Арифметика' } },
];
