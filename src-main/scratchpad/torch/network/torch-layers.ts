import { isNumberList, type AttributeValue, type GraphNode, type Initializer } from '../../../../shared/network/graph';
import { PyTuple, type Value } from '../../language/values';

/** A layer of torch.nn that computes what nodes of a graph compute. */
export interface TorchLayer {
  /** Class in torch.nn. */
  type: string;
  args: Value[];
  keywords?: Record<string, Value>;
  /** Values of its tensors, by attribute. */
  tensors?: Record<string, Initializer>;
}

/** Nodes that stand for one layer, and who their constants are. */
export interface LayerNodes {
  kind: string;
  nodes: readonly GraphNode[];
  initializer(name: string | undefined): Initializer | undefined;
}

type Convert = (node: GraphNode, weight: (place: number) => Initializer | undefined) => TorchLayer | null;

/** The layer of torch.nn for a layer of a graph. Null: torch.nn has none that computes just that. */
export function torchLayer({ kind, nodes, initializer }: LayerNodes): TorchLayer | null {
  const [first, second] = nodes;
  if (!first) return null;
  const weightOf = (node: GraphNode | undefined) => (place: number) => initializer(node?.inputs[place]);
  if (kind === 'linear-steps' && nodes.length <= 2) return overSteps(weightOf(first)(1), weightOf(second)(1));
  if (kind === 'embedding' && second?.opType === 'Gather') return embedding(weightOf(second)(0));
  return nodes.length === 1 ? (converters[first.opType]?.(first, weightOf(first)) ?? null) : null;
}

const size = (item: Initializer, dim: number): bigint => BigInt(item.dims[dim] ?? 1);

function linear(weight: Initializer | undefined, bias: Initializer | undefined): TorchLayer | null {
  if (weight?.dims.length !== 2 || (bias && bias.dims.length !== 1)) return null;
  return {
    type: 'Linear',
    args: [size(weight, 1), size(weight, 0)],
    keywords: { bias: bias !== undefined },
    tensors: { weight, ...(bias ? { bias } : {}) },
  };
}

/** Its weight is kept with rows as columns. */
function overSteps(weight: Initializer | undefined, bias: Initializer | undefined): TorchLayer | null {
  const [rows = 0, columns = 0, ...rest] = weight?.dims ?? [];
  if (!weight || !(weight.data instanceof Float32Array) || rest.length > 0) return null;
  const { data } = weight;
  const turned = data.map((_, i) => data[(i % rows) * columns + Math.floor(i / rows)] ?? 0);
  return linear({ ...weight, dims: [columns, rows], data: turned }, bias);
}

function embedding(weight: Initializer | undefined): TorchLayer | null {
  if (weight?.dims.length !== 2) return null;
  return { type: 'Embedding', args: [size(weight, 0), size(weight, 1)], tensors: { weight } };
}

const numbers = (value: AttributeValue | undefined): number[] => (isNumberList(value) ? value : []);
const tuple = (values: readonly number[]): Value =>
  values.every((value) => value === values[0]) ? BigInt(values[0] ?? 1) : new PyTuple(values.map(BigInt));

/** Padding that is the same on both sides. Null: it is not. */
function padding({ attributes }: GraphNode, spatial: number): number[] | null {
  if ((attributes.auto_pad ?? 'NOTSET') !== 'NOTSET') return null;
  const pads = numbers(attributes.pads);
  const before = pads.length === 0 ? new Array<number>(spatial).fill(0) : pads.slice(0, spatial);
  const after = pads.length === 0 ? before : pads.slice(spatial);
  return before.every((value, i) => value === after[i]) ? before : null;
}

const ones = (given: AttributeValue | undefined, spatial: number): number[] =>
  numbers(given).length > 0 ? numbers(given) : new Array<number>(spatial).fill(1);

const convolution: Convert = (node, tensor) => {
  const [weight, bias] = [tensor(1), tensor(2)];
  const spatial = (weight?.dims.length ?? 0) - 2;
  const pads = padding(node, spatial);
  if (!weight || !pads || (spatial !== 1 && spatial !== 2)) return null;
  const group = Number(node.attributes.group ?? 1);
  return {
    type: `Conv${spatial}d`,
    args: [size(weight, 1) * BigInt(group), size(weight, 0), tuple(weight.dims.slice(2))],
    keywords: {
      stride: tuple(ones(node.attributes.strides, spatial)),
      padding: tuple(pads),
      dilation: tuple(ones(node.attributes.dilations, spatial)),
      groups: BigInt(group),
      bias: bias !== undefined,
    },
    tensors: { weight, ...(bias ? { bias } : {}) },
  };
};

const pooling =
  (kind: 'Max' | 'Avg'): Convert =>
  (node) => {
    const { attributes } = node;
    const kernel = numbers(attributes.kernel_shape);
    const spatial = kernel.length;
    const pads = padding(node, spatial);
    const dilated = numbers(attributes.dilations).some((step) => step !== 1);
    if (!pads || dilated || (spatial !== 1 && spatial !== 2)) return null;
    return {
      type: `${kind}Pool${spatial}d`,
      args: [tuple(kernel)],
      keywords: {
        stride: tuple(ones(attributes.strides, spatial)),
        padding: tuple(pads),
        ceil_mode: attributes.ceil_mode === 1,
        ...(kind === 'Avg' ? { count_include_pad: attributes.count_include_pad === 1 } : {}),
      },
    };
  };

const plain =
  (type: string): Convert =>
  ({ attributes }) =>
    Object.keys(attributes).length === 0 ? { type, args: [] } : null;

/** With one number, which ONNX rounds to float32: it is written as short as it can be. */
const withNumber =
  (type: string, attribute: string, usual: number): Convert =>
  ({ attributes }) => ({ type, args: [Number(Number(attributes[attribute] ?? usual).toPrecision(7))] });

const alongAxis =
  (type: string): Convert =>
  ({ attributes }) => ({ type, args: [BigInt(Number(attributes.axis ?? -1))] });

const normalisation: Convert = ({ attributes }, tensor) => {
  const [weight, bias, mean, variance] = [tensor(1), tensor(2), tensor(3), tensor(4)];
  if (!weight || !bias || !mean || !variance || attributes.training_mode === 1) return null;
  const keywords = {
    eps: Number(attributes.epsilon ?? 1e-5),
    momentum: Number((1 - Number(attributes.momentum ?? 0.9)).toPrecision(7)),
  };
  // Its forward takes any number of dimensions, BatchNorm1d would do as well.
  return {
    type: 'BatchNorm2d',
    args: [size(weight, 0)],
    keywords,
    tensors: { weight, bias, running_mean: mean, running_var: variance },
  };
};

const layerNormalisation: Convert = ({ attributes }, tensor) => {
  const [weight, bias] = [tensor(1), tensor(2)];
  if (!weight || Number(attributes.axis ?? -1) !== -weight.dims.length) return null;
  return {
    type: 'LayerNorm',
    args: [new PyTuple(weight.dims.map(BigInt))],
    keywords: { eps: Number(attributes.epsilon ?? 1e-5), bias: bias !== undefined },
    tensors: { weight, ...(bias ? { bias } : {}) },
  };
};

const converters: Record<string, Convert> = {
  Gemm: ({ attributes: { alpha = 1, beta = 1, transA = 0, transB = 0 } }, tensor) =>
    alpha === 1 && beta === 1 && transA === 0 && transB === 1 ? linear(tensor(1), tensor(2)) : null,
  Conv: convolution,
  MaxPool: pooling('Max'),
  AveragePool: pooling('Avg'),
  BatchNormalization: normalisation,
  LayerNormalization: layerNormalisation,
  Dropout: (_, tensor) => ({ type: 'Dropout', args: [Number(Number(tensor(1)?.data[0] ?? 0.5).toPrecision(7))] }),
  Flatten: ({ attributes }) => ((attributes.axis ?? 1) === 1 ? { type: 'Flatten', args: [] } : null),
  Relu: plain('ReLU'),
  Tanh: plain('Tanh'),
  Sigmoid: plain('Sigmoid'),
  Softplus: plain('Softplus'),
  Softsign: plain('Softsign'),
  Mish: plain('Mish'),
  HardSwish: plain('Hardswish'),
  Identity: plain('Identity'),
  LeakyRelu: withNumber('LeakyReLU', 'alpha', 0.01),
  Elu: withNumber('ELU', 'alpha', 1),
  Celu: withNumber('CELU', 'alpha', 1),
  Gelu: ({ attributes }) => ({
    type: 'GELU',
    args: [],
    keywords: { approximate: String(attributes.approximate ?? 'none') },
  }),
  Softmax: alongAxis('Softmax'),
  LogSoftmax: alongAxis('LogSoftmax'),
};
