import { PythonError } from '../../language/errors';
import { integers, type Tape } from '../autograd/tape';
import { Variable } from '../autograd/variable';
import { add, binary, mul, numberOf, sub, unary } from '../math/pointwise';
import { matmul } from '../math/products';
import { mean } from '../math/reducing';
import { permute, reshape, swapped } from '../math/shaping';
import { bool, type DType } from '../tensor/dtype';
import { elementCount, shapeText } from '../tensor/shape';

// What layers compute, on variables.

function sameDType(input: Variable, weight: Variable): void {
  if (input.dtype === weight.dtype) return;
  throw new PythonError(
    'RuntimeError',
    `mat1 and mat2 must have the same dtype, but got ${input.dtype.scalarName} and ${weight.dtype.scalarName}. Hint: x.float() makes a tensor torch.float32, as the weights are.`,
  );
}

/** x · weightᵀ + bias. x: (…, in), weight: (out, in), bias: (out). */
export function linear(tape: Tape, x: Variable, weight: Variable, bias: Variable | null): Variable {
  const [outputs = 1, inputs = 1] = weight.shape;
  const columns = x.shape.at(-1) ?? 1;
  const rows = elementCount(x.shape.slice(0, -1));
  sameDType(x, weight);
  if (columns !== inputs || x.shape.length === 0)
    throw new PythonError(
      'RuntimeError',
      `mat1 and mat2 shapes cannot be multiplied (${rows}x${columns} and ${inputs}x${outputs})`,
    );
  // ONNX has this product for any number of dimensions.
  if (tape.listener && x.shape.length > 2) {
    const product = matmul(tape, x, permute(tape, weight, [1, 0]));
    return bias ? add(tape, product, bias) : product;
  }
  const flat = x.shape.length === 2 ? x : reshape(tape, x, [rows, columns]);
  const given = bias ? [flat, weight, bias] : [flat, weight];
  const result = tape.apply('Gemm', given, {
    attributes: { transB: 1 },
    name: bias ? 'AddmmBackward0' : 'MmBackward0',
  });
  return x.shape.length === 2
    ? result
    : reshape(
        tape,
        result,
        [...x.shape.slice(0, -1), outputs],
        bias && x.shape.length > 1
          ? 'ViewBackward0'
          : x.shape.length === 1
            ? bias
              ? 'ViewBackward0'
              : 'SqueezeBackward4'
            : 'UnsafeViewBackward0',
      );
}

export interface ConvOptions {
  stride: number[];
  padding: number[] | 'same' | 'valid';
  dilation: number[];
  groups: number;
}

/** x: (N, C, …) or (C, …), weight: (out, C / groups, …). `spatial`: how many dimensions the windows have. */
export function conv(
  tape: Tape,
  x: Variable,
  weight: Variable,
  bias: Variable | null,
  options: ConvOptions,
  spatial: number,
): Variable {
  const { stride, dilation, groups } = options;
  const kernel = weight.shape.slice(2);
  sameDType(x, weight);
  if (x.shape.length !== spatial + 2 && x.shape.length !== spatial + 1)
    throw new PythonError(
      'RuntimeError',
      `Expected ${spatial + 1}D (unbatched) or ${spatial + 2}D (batched) input to conv${spatial}d, but got input of size: ${shapeText(x.shape)}`,
    );
  const channels = x.shape.at(-spatial - 1) as number;
  const wanted = (weight.shape[1] as number) * groups;
  if (channels !== wanted)
    throw new PythonError(
      'RuntimeError',
      `Given groups=${groups}, weight of size ${shapeText(weight.shape)}, expected input${shapeText(x.shape)} to have ${wanted} channels, but got ${channels} channels instead`,
    );
  const pads = padsOf(options.padding, kernel, dilation);
  const attributes = { strides: stride, dilations: dilation, group: groups, pads };
  return batched(tape, x, spatial, (batch) =>
    tape.apply('Conv', bias ? [batch, weight, bias] : [batch, weight], { attributes, name: 'ConvolutionBackward0' }),
  );
}

function padsOf(padding: ConvOptions['padding'], kernel: readonly number[], dilation: readonly number[]): number[] {
  if (padding === 'valid') return [...kernel, ...kernel].map(() => 0);
  if (padding !== 'same') return [...padding, ...padding];
  const total = kernel.map((size, i) => (dilation[i] as number) * (size - 1));
  return [...total.map((all) => Math.floor(all / 2)), ...total.map((all) => Math.ceil(all / 2))];
}

/** f on a batch; one sample without a batch is one of one. */
export function batched(tape: Tape, x: Variable, spatial: number, f: (x: Variable) => Variable): Variable {
  if (x.shape.length === spatial + 2) return f(x);
  const result = f(reshape(tape, x, [1, ...x.shape], 'UnsqueezeBackward0'));
  return reshape(tape, result, result.shape.slice(1), 'SqueezeBackward1');
}

/** weight: (C, out / groups, …) */
export function convTranspose(
  tape: Tape,
  x: Variable,
  weight: Variable,
  bias: Variable | null,
  options: { stride: number[]; padding: number[]; outputPadding: number[]; dilation: number[]; groups: number },
  spatial: number,
): Variable {
  const { stride, padding, outputPadding, dilation, groups } = options;
  const attributes = {
    strides: stride,
    dilations: dilation,
    group: groups,
    pads: [...padding, ...padding],
    output_padding: outputPadding,
  };
  return batched(tape, x, spatial, (batch) =>
    tape.apply('ConvTranspose', bias ? [batch, weight, bias] : [batch, weight], {
      attributes,
      name: 'ConvolutionBackward0',
    }),
  );
}

export interface PoolOptions {
  kernel: number[];
  stride: number[];
  padding: number[];
  ceil: boolean;
}

export function pool(
  tape: Tape,
  kind: 'Max' | 'Average',
  x: Variable,
  { kernel, stride, padding, ceil }: PoolOptions,
  countPadding = true,
): Variable {
  const spatial = kernel.length;
  if (x.shape.length !== spatial + 2 && x.shape.length !== spatial + 1)
    throw new PythonError(
      'RuntimeError',
      `Expected ${spatial + 1}D or ${spatial + 2}D (batch mode) tensor for input, but got: ${shapeText(x.shape)}`,
    );
  const shared = { kernel_shape: kernel, strides: stride, pads: [...padding, ...padding], ceil_mode: ceil ? 1 : 0 };
  const attributes = kind === 'Max' ? shared : { ...shared, count_include_pad: countPadding ? 1 : 0 };
  const name = kind === 'Max' ? `MaxPool${spatial}DWithIndicesBackward0` : `AvgPool${spatial}DBackward0`;
  return batched(tape, x, spatial, (batch) => tape.apply(`${kind}Pool`, [batch], { attributes, name }));
}

/** The mean over windows that tile the picture. Throws NotImplementedError where they would not. */
export function adaptiveAverage(tape: Tape, x: Variable, size: readonly number[]): Variable {
  const spatial = size.length;
  const given = x.shape.slice(-spatial);
  const kernel = given.map((length, i) => length / (size[i] as number));
  if (!kernel.every(Number.isInteger))
    throw new PythonError(
      'NotImplementedError',
      `an adaptive pool from ${shapeText(given)} to ${shapeText(size)} is not supported in a notebook: the one must be a multiple of the other`,
    );
  const pooled = (): Variable =>
    pool(tape, 'Average', x, { kernel, stride: kernel, padding: kernel.map(() => 0), ceil: false });
  const global = size.every((length) => length === 1) && x.shape.length === spatial + 2;
  const result = global ? tape.as('GlobalAveragePool', [x], {}, pooled) : pooled();
  if (result.edge)
    result.edge.node.name = size.every((length) => length === 1)
      ? 'MeanBackward1'
      : `AdaptiveAvgPool${spatial}DBackward0`;
  return result;
}

/** What batch normalisation learns of a batch: mean and variance of its values, which are so many. */
export interface BatchStatistics {
  mean: Variable;
  variance: Variable;
  count: number;
}

/** Over all dimensions but the second, shaped (1, C, 1, …). */
export function batchStatistics(tape: Tape, x: Variable): BatchStatistics {
  const dims = x.shape.flatMap((_, i) => (i === 1 ? [] : [i]));
  const centre = mean(tape, x, { dims, keep: true });
  const off = sub(tape, x, centre);
  const variance = mean(tape, mul(tape, off, off), { dims, keep: true });
  const count = elementCount(dims.map((dim) => x.shape[dim] as number));
  return { mean: centre, variance, count };
}

/** (x - mean) / √(variance + eps) · weight + bias, channel by channel. */
export function normalised(
  tape: Tape,
  x: Variable,
  statistics: Pick<BatchStatistics, 'mean' | 'variance'>,
  weight: Variable | null,
  bias: Variable | null,
  eps: number,
  name: string,
): Variable {
  const perChannel = (v: Variable): Variable =>
    reshape(
      tape,
      v,
      x.shape.map((_, i) => (i === 1 ? (x.shape[1] as number) : 1)),
    );
  const deviation = unary(tape, 'Sqrt', add(tape, statistics.variance, numberOf(eps, x.dtype)));
  let result = binary(tape, 'Div', sub(tape, x, statistics.mean), deviation, { name });
  if (weight) result = binary(tape, 'Mul', result, perChannel(weight), { name });
  return bias ? binary(tape, 'Add', result, perChannel(bias), { name }) : result;
}

/** Over the last dimensions, as many as `shape` has. */
export function layerNorm(
  tape: Tape,
  x: Variable,
  shape: readonly number[],
  weight: Variable | null,
  bias: Variable | null,
  eps: number,
): Variable {
  const axis = x.shape.length - shape.length;
  const fits = shape.every((size, i) => x.shape[axis + i] === size);
  if (!fits)
    throw new PythonError(
      'RuntimeError',
      `Given normalized_shape=${shapeText(shape)}, expected input with shape [*, ${shape.join(', ')}], but got input of size${shapeText(x.shape)}`,
    );
  const ones = weight ?? Variable.of(x.dtype.array(elementCount(shape)).fill(1), shape, x.dtype);
  const inputs = bias ? [x, ones, bias] : [x, ones];
  return tape.apply('LayerNormalization', inputs, {
    attributes: { axis, epsilon: eps },
    name: 'NativeLayerNormBackward0',
  });
}

/** ONNX's number for int64. */
const onnxInt64 = 7;

/** Rows of the weights that whole numbers name. */
export function embedding(tape: Tape, indices: Variable, weight: Variable): Variable {
  const rows = weight.shape[0] as number;
  if (indices.dtype.kind === 'float')
    throw new PythonError(
      'RuntimeError',
      `Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got torch.${indices.dtype.scalarName}Tensor instead (while checking arguments for embedding)`,
    );
  if (indices.array.some((index) => index < 0 || index >= rows))
    throw new PythonError('IndexError', 'index out of range in self');
  const array = weight.dtype.array(indices.count);
  array.set(indices.array);
  const rowsRead = Variable.of(array, indices.shape, weight.dtype);
  tape.listener?.operator('Cast', [indices], { to: onnxInt64 }, [rowsRead]);
  return tape.apply('Gather', [weight, rowsRead], {
    attributes: { axis: 0 },
    name: 'EmbeddingBackward0',
  });
}

/** What is added to scores: a mask of truth values becomes 0 where `keeps` says so, and −∞ elsewhere; numbers stay what they are. */
export function additiveMask(mask: Variable, dtype: DType, keeps: (value: number) => boolean): Variable {
  if (mask.dtype !== bool) return mask;
  const array = dtype.array(mask.count);
  for (let i = 0; i < array.length; i++) array[i] = keeps(mask.array[i] as number) ? 0 : -Infinity;
  return Variable.of(array, mask.shape, dtype);
}

/** weights = softmax(q · kᵀ / √d + mask), values = weights · v; `change` of the weights before they are used. */
export function attention(
  tape: Tape,
  q: Variable,
  k: Variable,
  v: Variable,
  mask: Variable | null,
  change: (weights: Variable) => Variable = (weights) => weights,
): { values: Variable; weights: Variable } {
  const rank = k.shape.length;
  const turned = permute(tape, k, swapped(rank, rank - 1, rank - 2));
  const scores = mul(tape, matmul(tape, q, turned), numberOf(1 / Math.sqrt(q.shape.at(-1) as number), q.dtype));
  const masked = mask ? add(tape, scores, mask) : scores;
  const weights = change(tape.apply('Softmax', [masked], { attributes: { axis: rank - 1 } }));
  return { values: matmul(tape, weights, v), weights };
}

export const pad = (tape: Tape, x: Variable, pads: readonly number[], value: number): Variable =>
  tape.apply('Pad', [x, integers(pads), { dims: [], data: Float32Array.of(value) }], {
    name: 'ConstantPadNdBackward0',
  });
