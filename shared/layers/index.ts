import { add } from './add';
import { averagePool } from './average-pool';
import { batchNorm } from './batch-norm';
import { conv1d } from './conv1d';
import { conv2d } from './conv2d';
import { convTranspose1d } from './conv-transpose1d';
import { convTranspose2d } from './conv-transpose2d';
import { dropout } from './dropout';
import { globalAveragePool } from './global-average-pool';
import { globalMaxPool } from './global-max-pool';
import { maxPool } from './max-pool';
import type { LayerCategory, LayerDefinition } from './definition';
import { elu } from './elu';
import { flatten } from './flatten';
import { identity } from './identity';
import { input } from './input';
import { leakyRelu } from './leaky-relu';
import { linear } from './linear';
import { output } from './output';
import { relu } from './relu';
import { reshape } from './reshape';
import { sigmoid } from './sigmoid';
import { softmax } from './softmax';
import { softplus } from './softplus';
import { step } from './step';
import { tanh } from './tanh';
import type { Text } from '../text';

const all: LayerDefinition[] = [
  input,
  output,
  linear,
  conv2d,
  conv1d,
  convTranspose2d,
  convTranspose1d,
  maxPool,
  averagePool,
  globalMaxPool,
  globalAveragePool,
  batchNorm,
  dropout,
  relu,
  leakyRelu,
  elu,
  sigmoid,
  tanh,
  softplus,
  softmax,
  step,
  flatten,
  reshape,
  identity,
  add,
];

/** Every layer there is, by kind, in the order of the palette. */
export const layerDefinitions: ReadonlyMap<string, LayerDefinition> = new Map(all.map((layer) => [layer.kind, layer]));

export function layerDefinition(kind: string): LayerDefinition | undefined {
  return layerDefinitions.get(kind);
}

/** Headings of the palette, in its order. */
export const layerCategories: { category: LayerCategory; label: Text }[] = [
  { category: 'endpoint', label: { en: 'Ends of the network', ru: 'Концы сети' } },
  { category: 'linear', label: { en: 'Linear', ru: 'Полносвязные' } },
  { category: 'convolution', label: { en: 'Convolution', ru: 'Свёртки' } },
  { category: 'pooling', label: { en: 'Pooling', ru: 'Объединение соседей (pooling)' } },
  { category: 'normalisation', label: { en: 'Normalisation', ru: 'Нормализация' } },
  { category: 'regularisation', label: { en: 'Regularisation', ru: 'Регуляризация' } },
  { category: 'activation', label: { en: 'Activation functions', ru: 'Функции активации' } },
  { category: 'shape', label: { en: 'Shape', ru: 'Форма' } },
  { category: 'combine', label: { en: 'Joining paths', ru: 'Объединение путей' } },
];
