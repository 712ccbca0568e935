import type { TargetSummary } from '../api/data';
import type { Text } from '../text';
import type { Layer, NetworkDocument } from './document';
import { freeId, layerStep } from './edit';

export interface MlpOptions {
  /** Of the data, if known: more than one dimension asks for a Flatten first. */
  inputShape?: readonly number[] | null;
  /** Units of each hidden layer; none gives a linear model. */
  hidden: number[];
  /** A kind of the catalogue, put after each hidden layer. */
  activation: string;
  outputs: number;
  /** Of every linear layer. */
  parameters?: Layer['parameters'];
}

/** Input, [Linear, activation] for each hidden size, Linear, output: laid out from left to right. */
export function mlp({ inputShape, hidden, activation, outputs, parameters = {} }: MlpOptions): NetworkDocument {
  const flatten: [kind: string, Layer['parameters']][] = inputShape && inputShape.length !== 1 ? [['flatten', {}]] : [];
  return chain([
    ['input', {}],
    ...flatten,
    ...hidden.flatMap((units): [string, Layer['parameters']][] => [
      ['linear', { ...parameters, units }],
      [activation, {}],
    ]),
    ['linear', { ...parameters, units: outputs }],
    ['output', {}],
  ]);
}

/** Layers one after another, from left to right. */
export function chain(kinds: [kind: string, parameters: Layer['parameters']][]): NetworkDocument {
  const network: NetworkDocument = { layers: [], edges: [] };
  let x = 0;
  for (const [kind, parameters] of kinds) {
    const id = freeId(network, kind);
    const before = network.layers.at(-1);
    network.layers.push({ id, kind, parameters, position: { x, y: 0 } });
    x += layerStep(kind);
    if (before) network.edges.push({ from: before.id, to: id, port: 0 });
  }
  return network;
}

/** What the data ask of a network; nulls while they are not chosen. */
export interface TemplateContext {
  inputShape: readonly number[] | null;
  target: TargetSummary | null;
}

export interface NetworkTemplate {
  id: string;
  label: Text;
  help: Text;
  /** Suits this data; the page shows others under these. */
  suits(context: TemplateContext): boolean;
  build(context: TemplateContext): NetworkDocument;
}

/** One value per class, or per target column. */
export function outputsFor(target: TargetSummary | null): number {
  if (!target) return 1;
  return target.kind === 'classes' ? target.classes.length : target.names.length;
}

const inputs = ({ inputShape }: TemplateContext) => (inputShape ?? []).reduce((product, size) => product * size, 1);

const template = (
  id: string,
  label: Text,
  help: Text,
  hidden: (context: TemplateContext) => number[],
  activation: string,
  suits: NetworkTemplate['suits'],
): NetworkTemplate => ({
  id,
  label,
  help,
  suits,
  build: (context) =>
    mlp({ inputShape: context.inputShape, hidden: hidden(context), activation, outputs: outputsFor(context.target) }),
});

export const networkTemplates: NetworkTemplate[] = [
  template(
    'linear-regression',
    { en: 'Linear regression', ru: 'Линейная регрессия' },
    {
      en: 'One linear layer: a weighted sum of the inputs. The first thing to try on numbers, and the measure for anything larger.',
      ru: 'Один полносвязный слой: взвешенная сумма входов. Первое, что стоит попробовать на числах, и мерка для всего более сложного.',
    },
    () => [],
    'relu',
    ({ target }) => target?.kind !== 'classes',
  ),
  template(
    'softmax-classifier',
    { en: 'Linear classifier', ru: 'Линейный классификатор' },
    {
      en: 'One linear layer with a value per class; with cross-entropy this is logistic (softmax) regression. It separates classes by straight lines.',
      ru: 'Один полносвязный слой со значением на каждый класс; с перекрёстной энтропией это логистическая (softmax) регрессия. Разделяет классы прямыми линиями.',
    },
    () => [],
    'relu',
    ({ target }) => target?.kind === 'classes',
  ),
  template(
    'mlp-small',
    { en: 'Small network, 16 tanh', ru: 'Малая сеть, 16 tanh' },
    {
      en: 'One hidden layer of 16 neurons with tanh. Enough for smooth curves and small tables.',
      ru: 'Один скрытый слой из 16 нейронов с tanh. Достаточно для гладких кривых и небольших таблиц.',
    },
    () => [16],
    'tanh',
    () => true,
  ),
  template(
    'mlp',
    { en: 'Two hidden layers, ReLU', ru: 'Два скрытых слоя, ReLU' },
    {
      en: 'Two hidden layers with ReLU, 32 units each. For tables with curved borders between classes, such as the two spirals.',
      ru: 'Два скрытых слоя с ReLU по 32 нейрона. Для таблиц с изогнутыми границами между классами, например для двух спиралей.',
    },
    () => [32, 32],
    'relu',
    (context) => inputs(context) < 256,
  ),
  template(
    'mlp-wide',
    { en: 'Image network, 128 ReLU', ru: 'Сеть для изображений, 128 ReLU' },
    {
      en: 'One hidden layer of 128 neurons with ReLU. The classic start for images of digits.',
      ru: 'Один скрытый слой из 128 нейронов с ReLU. Классическое начало для изображений цифр.',
    },
    () => [128],
    'relu',
    (context) => inputs(context) >= 64,
  ),
];

/** The one to begin with: a wide layer for images, a small network otherwise. */
export function suggestedTemplate(context: TemplateContext): NetworkTemplate | undefined {
  const id = inputs(context) >= 64 ? 'mlp-wide' : 'mlp-small';
  return networkTemplates.find((template) => template.id === id);
}
