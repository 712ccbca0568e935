import { add } from './add';
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
  { category: 'linear', label: { en: 'Trainable', ru: 'Обучаемые' } },
  { category: 'activation', label: { en: 'Activation functions', ru: 'Функции активации' } },
  { category: 'shape', label: { en: 'Shape', ru: 'Форма' } },
  { category: 'combine', label: { en: 'Joining paths', ru: 'Объединение путей' } },
];
