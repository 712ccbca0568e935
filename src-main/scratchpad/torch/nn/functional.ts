import { PythonError, valueError } from '../../language/errors';
import type { CallContext } from '../../language/host';
import type { Value } from '../../language/values';
import { numberOrNull, toInt, toInts, toNumber, toTensor } from '../arguments';
import { scalar } from '../autograd/tape';
import { Variable } from '../autograd/variable';
import { bernoulliDraw } from '../functions/random';
import { softmaxOf } from '../functions/pointwise';
import type { Library } from '../library';
import { binary, cast, mul, numberOf } from '../math/pointwise';
import { norm, sum } from '../math/reducing';
import { int64 } from '../tensor/dtype';
import { isTensor, type Tensor } from '../tensor/tensor';
import { activations } from './activations';
import * as compute from './compute';
import {
  binaryCrossEntropy,
  binaryCrossEntropyLogits,
  crossEntropy,
  elementLoss,
  elementLosses,
  klDivergence,
  negativeLogLikelihood,
  toReduction,
  type ClassOptions,
} from './losses';

/** Lists of `rank` ints; one int stands for all. */
export function toWindow(value: Value | undefined, rank: number, context: CallContext): number[] {
  const given = toInts(value, context);
  return given.length === 1 ? new Array<number>(rank).fill(given[0] as number) : given;
}

const maybe = (value: Value | undefined): Variable | null => (isTensor(value) ? value.variable : null);

/** Zeros with a probability, and what is left scaled up by as much. */
export function dropout({ session }: Library, x: Tensor, p: number, training: boolean): Tensor {
  if (p < 0 || p > 1) throw valueError(`dropout probability has to be between 0 and 1, but got ${p}`);
  const { tape } = session;
  if (!training || p === 0) {
    if (!tape.listener || p === 1) return x;
    // A network drops values in training: it keeps the layer, which must not be taken for what it reads.
    const same = tape.as('Dropout', [x.variable, scalar(p)], {}, () => tape.apply('Identity', [x.variable]));
    return session.wrap(same, [x]);
  }
  const keep = 1 - p;
  const mask = x.dtype.array(x.count).map(() => (bernoulliDraw(session.generator) < keep ? 1 / keep : 0));
  if (keep === 0) mask.fill(0);
  const dropped = tape.retold(
    () => binary(tape, 'Mul', x.variable, Variable.of(mask, x.shape, x.dtype)),
    (listener, result) => listener.foreign('dropout(training=True)', [x.variable], result),
  );
  return session.wrap(dropped, [x]);
}

/** torch.nn.functional. Functions that layers call too are written beside them (compute.ts, losses.ts, activations.ts). */
export function functional(library: Library): Map<string, Value> {
  const { session } = library;
  const { tape } = session;
  const members = new Map<string, Value>();
  const define = (
    name: string,
    signature: string,
    body: (args: Value[], context: CallContext) => Value,
    help?: string,
  ): void => {
    members.set(name, library.make(name, signature, body, help));
  };

  for (const { name, parameters, compute: f } of activations)
    define(name, parameters ? `input, ${parameters}` : 'input', ([input, ...options]) => {
      const x = toTensor(input);
      const values = options.map((value) => (typeof value === 'bigint' ? Number(value) : (value as number | string)));
      return session.wrap(f(tape, x.variable, values), [x]);
    });
  for (const [name, opType] of [
    ['softmax', 'Softmax'],
    ['log_softmax', 'LogSoftmax'],
  ] as const)
    define(name, 'input, dim=None, dtype=None', ([input, dim], context) => {
      const x = toTensor(input);
      const along = dim === null ? (x.shape.length === 2 ? 1 : 0) : toInt(dim, context);
      return session.wrap(softmaxOf(library, opType, x.variable, along), [x]);
    });
  define(
    'linear',
    'input, weight, bias=None',
    ([input, weight, bias]) => {
      const [x, w] = [toTensor(input), toTensor(weight, 'weight', 2)];
      return session.wrap(compute.linear(tape, x.variable, w.variable, maybe(bias)), [x, w]);
    },
    'x · weightᵀ + bias.',
  );
  for (const rank of [1, 2, 3]) {
    define(
      `conv${rank}d`,
      'input, weight, bias=None, stride=1, padding=0, dilation=1, groups: int=1',
      ([input, weight, bias, stride, padding, dilation, groups], context) => {
        const [x, w] = [toTensor(input), toTensor(weight, 'weight', 2)];
        const options = {
          stride: toWindow(stride, rank, context),
          padding: padding === 'same' || padding === 'valid' ? padding : toWindow(padding, rank, context),
          dilation: toWindow(dilation, rank, context),
          groups: toInt(groups, context),
        } as compute.ConvOptions;
        return session.wrap(compute.conv(tape, x.variable, w.variable, maybe(bias), options, rank), [x, w]);
      },
    );
    const windows = (
      kernel: Value | undefined,
      stride: Value | undefined,
      padding: Value | undefined,
      ceil: Value | undefined,
      context: CallContext,
    ): compute.PoolOptions => ({
      kernel: toWindow(kernel, rank, context),
      stride: toWindow(stride ?? kernel, rank, context),
      padding: toWindow(padding, rank, context),
      ceil: ceil === true,
    });
    define(
      `max_pool${rank}d`,
      'input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode: bool=False',
      ([input, kernel, stride, padding, , ceil], context) => {
        const x = toTensor(input);
        return session.wrap(compute.pool(tape, 'Max', x.variable, windows(kernel, stride, padding, ceil, context)), [
          x,
        ]);
      },
    );
    define(
      `avg_pool${rank}d`,
      'input, kernel_size, stride=None, padding=0, ceil_mode: bool=False, count_include_pad: bool=True',
      ([input, kernel, stride, padding, ceil, count], context) => {
        const x = toTensor(input);
        return session.wrap(
          compute.pool(tape, 'Average', x.variable, windows(kernel, stride, padding, ceil, context), count === true),
          [x],
        );
      },
    );
    define(`adaptive_avg_pool${rank}d`, 'input, output_size', ([input, size], context) => {
      const x = toTensor(input);
      return session.wrap(compute.adaptiveAverage(tape, x.variable, toWindow(size, rank, context)), [x]);
    });
  }
  define('dropout', 'input, p=0.5, training: bool=True, inplace: bool=False', ([input, p, training], context) =>
    dropout(library, toTensor(input), toNumber(p, context), training === true),
  );
  define(
    'layer_norm',
    'input, normalized_shape, weight=None, bias=None, eps=1e-05',
    ([input, shape, weight, bias, eps], context) => {
      const x = toTensor(input);
      return session.wrap(
        compute.layerNorm(tape, x.variable, toInts(shape, context), maybe(weight), maybe(bias), toNumber(eps, context)),
        [x],
      );
    },
  );
  define(
    'batch_norm',
    'input, running_mean, running_var, weight=None, bias=None, training: bool=False, momentum=0.1, eps=1e-05',
    ([input, mean, variance, weight, bias, training, , eps], context) => {
      const x = toTensor(input);
      const channels = x.shape.map((size, i) => (i === 1 ? size : 1));
      const fixed = (v: Value | undefined): Variable => toTensor(v).variable.alias(channels, null);
      const statistics =
        training === true
          ? compute.batchStatistics(tape, x.variable)
          : { mean: fixed(mean), variance: fixed(variance) };
      return session.wrap(
        compute.normalised(
          tape,
          x.variable,
          statistics,
          maybe(weight),
          maybe(bias),
          toNumber(eps, context),
          'NativeBatchNormBackward0',
        ),
        [x],
      );
    },
  );
  define('embedding', 'input, weight', ([input, weight]) => {
    const [x, w] = [toTensor(input), toTensor(weight, 'weight', 2)];
    return session.wrap(compute.embedding(tape, x.variable, w.variable), [x, w]);
  });
  define('one_hot', 'tensor, num_classes: int=-1', ([tensor, classes], context) => {
    const x = toTensor(tensor);
    const given = toInt(classes, context);
    const count = given === -1 ? Math.max(...x.array) + 1 : given;
    const array = new Float64Array(x.count * count);
    x.array.forEach((label, i) => {
      if (label < 0 || label >= count)
        throw new PythonError('RuntimeError', 'Class values must be smaller than num_classes.');
      array[i * count + label] = 1;
    });
    return session.wrap(Variable.of(array, [...x.shape, count], int64), [x]);
  });
  define('pad', "input, pad, mode: str='constant', value=None", ([input, pad, mode, value], context) => {
    const x = toTensor(input);
    if (mode !== 'constant')
      throw new PythonError('NotImplementedError', `pad with mode '${String(mode)}' is not supported in a notebook`);
    const given = toInts(pad, context);
    const before = x.shape.map((_, i) => given[2 * (x.shape.length - 1 - i)] ?? 0);
    const after = x.shape.map((_, i) => given[2 * (x.shape.length - 1 - i) + 1] ?? 0);
    return session.wrap(compute.pad(tape, x.variable, [...before, ...after], numberOrNull(value, context) ?? 0), [x]);
  });
  define('scaled_dot_product_attention', 'query, key, value, attn_mask=None', ([query, key, value, mask]) => {
    const [q, k, v] = [toTensor(query), toTensor(key), toTensor(value)];
    const given = maybe(mask);
    const additive = given && compute.additiveMask(given, q.dtype, (keep) => keep !== 0);
    return session.wrap(compute.attention(tape, q.variable, k.variable, v.variable, additive).values, [q, k, v]);
  });
  define('normalize', 'input, p=2.0, dim: int=1, eps=1e-12', ([input, p, dim, eps], context) => {
    const x = toTensor(input);
    const at = toInt(dim, context);
    const length = norm(tape, x.variable, toNumber(p, context), {
      dims: [at < 0 ? at + x.shape.length : at],
      keep: true,
    });
    const safe = binary(tape, 'Max', length, numberOf(toNumber(eps, context), x.dtype));
    return session.wrap(binary(tape, 'Div', x.variable, safe), [x]);
  });
  define('cosine_similarity', 'x1, x2, dim: int=1, eps=1e-08', ([first, second, dim, eps], context) => {
    const [a, b] = [toTensor(first), toTensor(second)];
    const at = toInt(dim, context);
    const over = { dims: [at < 0 ? at + a.shape.length : at], keep: false };
    const length = (v: Variable): Variable =>
      binary(tape, 'Max', norm(tape, v, 2, over), numberOf(toNumber(eps, context), v.dtype));
    const products = sum(tape, mul(tape, a.variable, b.variable), over);
    return session.wrap(binary(tape, 'Div', products, mul(tape, length(a.variable), length(b.variable))), [a, b]);
  });

  for (const [name, { options = {} }] of Object.entries(elementLosses)) {
    const extra = Object.entries(options)
      .map(([key, value]) => `, ${key}=${value}.0`)
      .join('');
    define(name, `input, target, reduction: str='mean'${extra}`, ([input, target, reduction, ...values], context) => {
      const [x, t] = [toTensor(input), toTensor(target, 'target', 2)];
      const given = Object.fromEntries(Object.keys(options).map((key, i) => [key, toNumber(values[i], context)]));
      return session.wrap(elementLoss(tape, name, x.variable, t.variable, toReduction(reduction), given), [x, t]);
    });
  }
  const classOptions = (
    weight: Value | undefined,
    ignore: Value | undefined,
    reduction: Value | undefined,
    smoothing: number,
    context: CallContext,
  ): ClassOptions => ({
    weight: maybe(weight),
    ignore: toInt(ignore, context),
    reduction: toReduction(reduction),
    smoothing,
  });
  define(
    'cross_entropy',
    "input, target, weight=None, ignore_index: int=-100, reduction: str='mean', label_smoothing=0.0",
    ([input, target, weight, ignore, reduction, smoothing], context) => {
      const [x, t] = [toTensor(input), toTensor(target, 'target', 2)];
      return session.wrap(
        crossEntropy(
          tape,
          x.variable,
          t.variable,
          classOptions(weight, ignore, reduction, toNumber(smoothing, context), context),
        ),
        [x, t],
      );
    },
    'From logits and class indices.',
  );
  define(
    'nll_loss',
    "input, target, weight=None, ignore_index: int=-100, reduction: str='mean'",
    ([input, target, weight, ignore, reduction], context) => {
      const [x, t] = [toTensor(input), toTensor(target, 'target', 2)];
      return session.wrap(
        negativeLogLikelihood(tape, x.variable, t.variable, classOptions(weight, ignore, reduction, 0, context)),
        [x, t],
      );
    },
    'From logarithms of probabilities and class indices.',
  );
  define(
    'binary_cross_entropy',
    "input, target, weight=None, reduction: str='mean'",
    ([input, target, weight, reduction]) => {
      const [x, t] = [toTensor(input), toTensor(target, 'target', 2)];
      return session.wrap(binaryCrossEntropy(tape, x.variable, t.variable, maybe(weight), toReduction(reduction)), [
        x,
        t,
      ]);
    },
  );
  define(
    'binary_cross_entropy_with_logits',
    "input, target, weight=None, reduction: str='mean', pos_weight=None",
    ([input, target, weight, reduction, positive]) => {
      const [x, t] = [toTensor(input), toTensor(target, 'target', 2)];
      return session.wrap(
        binaryCrossEntropyLogits(tape, x.variable, t.variable, maybe(weight), maybe(positive), toReduction(reduction)),
        [x, t],
      );
    },
  );
  define(
    'kl_div',
    "input, target, reduction: str='mean', log_target: bool=False",
    ([input, target, reduction, logs]) => {
      const [x, t] = [toTensor(input), toTensor(target, 'target', 2)];
      const how = reduction === 'batchmean' ? 'batchmean' : toReduction(reduction);
      return session.wrap(klDivergence(tape, x.variable, cast(tape, t.variable, x.dtype), how, logs === true), [x, t]);
    },
  );
  return members;
}
