import { PythonError } from '../../language/errors';
import { PyTuple, type Value } from '../../language/values';
import { toTensor } from '../arguments';
import type { Variable } from '../autograd/variable';
import type { Library } from '../library';
import { add } from '../math/pointwise';
import { mean } from '../math/reducing';
import { narrow, permute, reshape } from '../math/shaping';
import { isTensor, type Tensor } from '../tensor/tensor';
import * as compute from './compute';
import { dropout } from './functional';
import { xavierUniform } from './init';
import { layerClass, linear, type LayerDefinition, type LayerTools } from './layers';
import type { Modules } from './module';

/**
 * torch.nn.MultiheadAttention, with queries, keys and values of one width: three products in one weight, softmax(q · kᵀ / √d) · v in every head, and a
 * product of the heads side by side.
 */
export function attentionLayer(library: Library, modules: Modules): LayerDefinition {
  // PyTorch's name of a Linear that stays float when a network is quantised.
  const outputLayer = layerClass(library, modules, { ...linear, name: 'NonDynamicallyQuantizableLinear' });
  return {
    name: 'MultiheadAttention',
    parameters: 'embed_dim, num_heads, dropout=0.0, bias: bool=True, batch_first: bool=False',
    setup: (tools) => {
      const [width, heads] = [tools.int('embed_dim'), tools.int('num_heads')];
      if (width % heads !== 0) throw new PythonError('AssertionError', 'embed_dim must be divisible by num_heads');
      const { session } = library;
      const weight = tools.parameter('in_proj_weight', [3 * width, width]);
      const biased = tools.get('bias') === true;
      if (biased) tools.parameter('in_proj_bias', [3 * width]);
      const made = tools.context.call(outputLayer, [BigInt(width), BigInt(width), biased]);
      tools.set('out_proj', made);
      xavierUniform(session, weight);
      const bias = tools.context.attribute(made, 'bias');
      if (isTensor(bias)) session.withoutRecording(() => bias.assign(session.zeros(bias.shape, bias.dtype)));
    },
    inputs:
      'query, key, value, key_padding_mask=None, need_weights: bool=True, attn_mask=None, average_attn_weights: bool=True',
    forward: (tools, query, [key, value, padding, needWeights, mask, average]) =>
      forward(tools, [query, toTensor(key, 'key', 2), toTensor(value, 'value', 3)], {
        padding: isTensor(padding) ? padding.variable : null,
        mask: isTensor(mask) ? mask.variable : null,
        weights: needWeights !== true ? 'none' : average === true ? 'mean' : 'heads',
      }),
  };
}

interface AttentionOptions {
  /** [batch, keys]: true (or −∞) where a key counts for nothing. */
  padding: Variable | null;
  /** [queries, keys], or one for every sample and head [batch · heads, queries, keys]: true where a query may not look. */
  mask: Variable | null;
  weights: 'none' | 'mean' | 'heads';
}

function forward(tools: LayerTools, given: [Tensor, Tensor, Tensor], options: AttentionOptions): Value {
  const { library, get, int, number, variable, context } = tools;
  const { session } = library;
  const { tape } = session;
  const [width, heads] = [int('embed_dim'), int('num_heads')];
  const depth = width / heads;
  const batched = given[0].shape.length === 3;
  const batchFirst = batched && get('batch_first') === true;
  for (const { shape } of given)
    if (shape.at(-1) !== width)
      throw new PythonError(
        'AssertionError',
        `was expecting embedding dimension of ${width}, but got ${shape.at(-1) ?? 0}`,
      );

  const weight = variable('in_proj_weight') as Variable;
  const bias = variable('in_proj_bias');
  /** [batch, heads, length, depth] */
  const [q, k, v] = given.map(({ variable: x }, index) => {
    const ordered = !batched
      ? reshape(tape, x, [1, ...x.shape])
      : batchFirst
        ? x
        : permute(tape, x, [1, 0, 2], 'TransposeBackward0');
    const [batch = 0, length = 0] = ordered.shape;
    const rows = narrow(tape, weight, 0, index * width, width);
    const shift = bias && narrow(tape, bias, 0, index * width, width);
    const projected = compute.linear(tape, ordered, rows, shift);
    return permute(tape, reshape(tape, projected, [batch, length, heads, depth]), [0, 2, 1, 3]);
  }) as [Variable, Variable, Variable];
  const [batch = 0, , queries = 0] = q.shape;
  const keys = k.shape[2] as number;

  const { values, weights } = compute.attention(
    tape,
    q,
    k,
    v,
    maskOf(tools, options, { batch, heads, keys, dtype: q.dtype }),
    (all) => dropout(library, session.wrap(all), number('dropout'), get('training') === true).variable,
  );
  const joined = reshape(tape, permute(tape, values, [0, 2, 1, 3]), [batch, queries, width]);
  const output = toTensor(context.call(get('out_proj'), [session.wrap(joined, given)])).variable;
  const ordered = !batched
    ? reshape(tape, output, [queries, width])
    : batchFirst
      ? output
      : permute(tape, output, [1, 0, 2], 'TransposeBackward0');
  const result = session.wrap(ordered, given);
  if (options.weights === 'none') return new PyTuple([result, null]);
  const shown = options.weights === 'mean' ? mean(tape, weights, { dims: [1], keep: false }) : weights;
  return new PyTuple([result, session.wrap(batched ? shown : reshape(tape, shown, shown.shape.slice(1)), given)]);
}

/** Both masks as what is added to the scores [batch, heads, queries, keys]; null: neither was given. */
function maskOf(
  { library: { session } }: LayerTools,
  { padding, mask }: AttentionOptions,
  { batch, heads, keys, dtype }: { batch: number; heads: number; keys: number; dtype: Variable['dtype'] },
): Variable | null {
  const { tape } = session;
  const additive = (given: Variable): Variable => compute.additiveMask(given, dtype, (ignored) => ignored === 0);
  const ofKeys = padding && reshape(tape, additive(padding), [batch, 1, 1, keys]);
  if (!mask) return ofKeys;
  const added = additive(mask);
  const ofQueries = added.shape.length === 3 ? reshape(tape, added, [batch, heads, ...added.shape.slice(1)]) : added;
  return ofKeys ? add(tape, ofQueries, ofKeys) : ofQueries;
}
