import type { TargetSummary } from '../api/data';
import type { Text } from '../text';
import type { Layer, NetworkDocument } from './document';
import { branchStep, freeId, layerStep } from './edit';

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
  {
    id: 'conv-small',
    label: { en: 'Small convolutional network', ru: 'Малая свёрточная сеть' },
    help: {
      en: 'Two convolutions of 3 × 3, each with pooling, then one linear layer. Far fewer weights than a wide network, and usually better on images.',
      ru: 'Две свёртки 3 × 3, каждая с макс-пулингом, затем один полносвязный слой. Весов намного меньше, чем в широкой сети, а на изображениях она обычно лучше.',
    },
    suits: (context) => isImage(context, 8),
    build: ({ inputShape, target }) =>
      chain([...asImage(inputShape), ...convolution(16), ...convolution(32), ['flatten', {}], ...answer(target)]),
  },
  {
    id: 'lenet',
    label: { en: 'LeNet', ru: 'LeNet' },
    help: {
      en: 'LeCun’s network of 1998 for handwritten digits, with ReLU and max pooling: two convolutions of 5 × 5, then 120, 84 and the answer.',
      ru: 'Сеть ЛеКуна 1998 года для рукописных цифр, с ReLU и макс-пулингом: две свёртки 5 × 5, затем 120, 84 и ответ.',
    },
    suits: (context) => isImage(context, 20),
    build: ({ inputShape, target }) =>
      chain([
        ...asImage(inputShape),
        ...convolution(6, { kernel: [5] }),
        ...convolution(16, { kernel: [5], padding: 'valid' }),
        ['flatten', {}],
        ['linear', { units: 120 }],
        ['relu', {}],
        ['linear', { units: 84 }],
        ['relu', {}],
        ...answer(target),
      ]),
  },
  {
    id: 'conv-norm',
    label: { en: 'Convolutions with batch normalisation', ru: 'Свёртки с пакетной нормализацией' },
    help: {
      en: 'Two convolutions with batch normalisation, then the mean of every channel and, against overfitting, dropout. Learns fast, and works for images of any size.',
      ru: 'Две свёртки с пакетной нормализацией, затем среднее по каждому каналу и dropout от переобучения. Быстро учится и подходит для изображений любого размера.',
    },
    suits: (context) => isImage(context, 8),
    build: ({ inputShape, target }) =>
      chain([
        ...asImage(inputShape),
        ...convolution(16, { bias: false }, [['batch-norm', {}]]),
        ...convolution(32, { bias: false }, [['batch-norm', {}]]),
        ['global-average-pool', {}],
        ['flatten', {}],
        ['dropout', { ratio: 0.2 }],
        ...answer(target),
      ]),
  },
  {
    id: 'lstm',
    label: { en: 'Sequence network, LSTM', ru: 'Сеть для последовательностей, LSTM' },
    help: {
      en: 'Reads the values one after another with an LSTM of 32 units and answers from its last state. For time series; a grey image is read row by row.',
      ru: 'Читает значения одно за другим слоем LSTM из 32 нейронов и отвечает по последнему состоянию. Для временных рядов; серое изображение читается построчно.',
    },
    suits: isSequence,
    build: ({ inputShape, target }) => chain([...asSequence(inputShape), ['lstm', { hidden: 32 }], ...answer(target)]),
  },
  {
    id: 'attention',
    label: { en: 'Small attention network', ru: 'Малая сеть со вниманием' },
    help: {
      en: 'One block of a transformer: every step looks at all others, then a small network works on each. Two paths bypass them, so that gradients stay alive.',
      ru: 'Один блок трансформера: каждый шаг смотрит на все остальные, затем с каждым работает малая сеть. Два обходных пути не дают градиенту затухнуть.',
    },
    suits: isSequence,
    build: ({ inputShape, target }) => transformerBlock(asSequence(inputShape), answer(target)),
  },
];

type Kinds = [kind: string, parameters: Layer['parameters']][];

const answer = (target: TargetSummary | null): Kinds => [
  ['linear', { units: outputsFor(target) }],
  ['output', {}],
];

/** The data as channels × height × width; a row of a square number may be a square image, as in many tables of digits. */
function imageShape(inputShape: readonly number[] | null): readonly number[] | null {
  if (inputShape?.length === 3) return inputShape;
  if (inputShape?.length === 2) return [1, ...inputShape];
  const side = Math.sqrt(inputShape?.length === 1 ? (inputShape[0] ?? 0) : 0);
  return side > 0 && Number.isInteger(side) ? [1, side, side] : null;
}

/** Height and width are at least `side`. */
function isImage({ inputShape }: TemplateContext, side: number): boolean {
  return (
    imageShape(inputShape)
      ?.slice(1)
      .every((size) => size >= side) ?? false
  );
}

function asImage(inputShape: readonly number[] | null): Kinds {
  const shape = imageShape(inputShape);
  if (!shape || inputShape?.length === 3) return [['input', {}]];
  return [
    ['input', {}],
    ['reshape', { shape: [...shape] }],
  ];
}

/** Steps of several values; eight numbers or more, as steps of one; the rows of a grey image. */
function isSequence({ inputShape }: TemplateContext): boolean {
  const [first = 0] = inputShape ?? [];
  const rank = inputShape?.length ?? 0;
  return rank === 2 || (rank === 1 && first >= 8) || (rank === 3 && first === 1);
}

function asSequence(inputShape: readonly number[] | null): Kinds {
  const shape = inputShape?.length === 3 ? inputShape.slice(1) : [...(inputShape ?? []), 1];
  return inputShape && inputShape.length !== 2
    ? [
        ['input', {}],
        ['reshape', { shape }],
      ]
    : [['input', {}]];
}

/** Convolution, ReLU, pooling that halves the size. */
function convolution(filters: number, parameters: Layer['parameters'] = {}, between: Kinds = []): Kinds {
  return [['conv2d', { filters, ...parameters }], ...between, ['relu', {}], ['max-pool', {}]];
}

/** Attention and a network for each step, bypassed each: they lie below the path that bypasses them. */
function transformerBlock(before: Kinds, after: Kinds): NetworkDocument {
  const document = chain([
    ...before,
    ['linear-steps', { units: 16 }],
    ['attention', { heads: 2 }],
    ['add', {}],
    ['layer-norm', {}],
    ['linear-steps', { units: 32 }],
    ['gelu', {}],
    ['linear-steps', { units: 16 }],
    ['add', {}],
    ['layer-norm', {}],
    ['flatten', {}],
    ...after,
  ]);
  const below = ['attention', 'linear-steps-2', 'gelu', 'linear-steps-3'];
  const layers = document.layers.map((layer) =>
    below.includes(layer.id) ? { ...layer, position: { ...layer.position, y: branchStep } } : layer,
  );
  const bypasses = [
    { from: 'linear-steps', to: 'add', port: 1 },
    { from: 'layer-norm', to: 'add-2', port: 1 },
  ];
  return { layers, edges: [...document.edges, ...bypasses] };
}

/** The one to begin with: a wide layer for images, a small network otherwise. */
export function suggestedTemplate(context: TemplateContext): NetworkTemplate | undefined {
  const id = inputs(context) >= 64 ? 'mlp-wide' : 'mlp-small';
  return networkTemplates.find((template) => template.id === id);
}
