import { formatFloat } from '../../language/floats';
import type { CallContext } from '../../language/host';
import { PyClass, type PyInstance, type Value } from '../../language/values';
import { toInt, toInts, toNumber, toTensor } from '../arguments';
import { Variable } from '../autograd/variable';
import { flattened } from '../functions/shaping';
import { softmaxOf } from '../functions/pointwise';
import type { Library } from '../library';
import { add, times } from '../math/pointwise';
import { reshape } from '../math/shaping';
import { float32, int64 } from '../tensor/dtype';
import { wrapDim } from '../arguments';
import { commonDevice } from '../tensor/device';
import { isTensor, Tensor } from '../tensor/tensor';
import { activations } from './activations';
import * as compute from './compute';
import { dropout, toWindow } from './functional';
import { fans, normal, uniform } from './init';
import type { Modules } from './module';

/** What a layer's functions get at. */
export interface LayerTools {
  library: Library;
  self: PyInstance;
  context: CallContext;
  get(name: string): Value;
  set(name: string, value: Value): void;
  /** A trained tensor of its own, of zeros. */
  parameter(name: string, shape: readonly number[], value?: number): Tensor;
  buffer(name: string, variable: Variable): void;
  variable(name: string): Variable | null;
  int(name: string): number;
  number(name: string): number;
}

/** A layer as data. Parameters of `__init__` become attributes of the same names before `setup` runs. */
export interface LayerDefinition {
  name: string;
  parameters: string;
  setup?(tools: LayerTools): void;
  forward(tools: LayerTools, x: Tensor, args: readonly Value[]): Value;
  /** How many inputs `forward` takes; 1 unless given. */
  inputs?: string;
  shown?(tools: LayerTools): string;
}

const tuple = (sizes: readonly number[]): string => `(${sizes.join(', ')}${sizes.length === 1 ? ',' : ''})`;
const python = formatFloat;
const flag = (value: Value): string => (value === true ? 'True' : 'False');

/** Weights uniform in ±1/√fanIn, and biases in the same range: what Linear and Conv start from. */
function drawWeights({ library, get, parameter, set }: LayerTools, shape: readonly number[], biases: number): void {
  const { session } = library;
  const { fanIn } = fans(shape);
  const bound = 1 / Math.sqrt(fanIn);
  const weight = parameter('weight', shape);
  // kaiming_uniform_ with a = √5, computed in the order PyTorch does.
  const limit = Math.sqrt(3) * (Math.sqrt(2 / (1 + Math.sqrt(5) ** 2)) / Math.sqrt(fanIn));
  uniform(session, weight, -limit, limit);
  if (get('bias') === true) uniform(session, parameter('bias', [biases]), -bound, bound);
  else set('bias', null);
}

function convolution(rank: number): LayerDefinition {
  const windows = (tools: LayerTools, name: string): number[] => toWindow(tools.get(name), rank, tools.context);
  const padding = (tools: LayerTools): number[] | 'same' | 'valid' => {
    const given = tools.get('padding');
    return given === 'same' || given === 'valid' ? given : windows(tools, 'padding');
  };
  return {
    name: `Conv${rank}d`,
    parameters: 'in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias: bool=True',
    setup: (tools) => {
      const groups = tools.int('groups');
      const outputs = tools.int('out_channels');
      drawWeights(tools, [outputs, tools.int('in_channels') / groups, ...windows(tools, 'kernel_size')], outputs);
    },
    forward: (tools, x) => {
      const options = {
        stride: windows(tools, 'stride'),
        padding: padding(tools),
        dilation: windows(tools, 'dilation'),
        groups: tools.int('groups'),
      };
      const { session } = tools.library;
      return session.wrap(
        compute.conv(
          session.tape,
          x.variable,
          tools.variable('weight') as Variable,
          tools.variable('bias'),
          options,
          rank,
        ),
        [x],
      );
    },
    shown: (tools) => {
      const parts = [
        `${tools.int('in_channels')}, ${tools.int('out_channels')}`,
        `kernel_size=${tuple(windows(tools, 'kernel_size'))}`,
        `stride=${tuple(windows(tools, 'stride'))}`,
      ];
      const pads = padding(tools);
      if (typeof pads === 'string') parts.push(`padding=${pads}`);
      else if (pads.some((size) => size !== 0)) parts.push(`padding=${tuple(pads)}`);
      if (windows(tools, 'dilation').some((size) => size !== 1))
        parts.push(`dilation=${tuple(windows(tools, 'dilation'))}`);
      if (tools.int('groups') !== 1) parts.push(`groups=${tools.int('groups')}`);
      if (tools.get('bias') === null) parts.push('bias=False');
      return parts.join(', ');
    },
  };
}

function pooling(kind: 'Max' | 'Avg', rank: number): LayerDefinition {
  return {
    name: `${kind}Pool${rank}d`,
    parameters: `kernel_size, stride=None, padding=0, ${kind === 'Max' ? 'dilation=1, ' : ''}ceil_mode: bool=False${kind === 'Avg' ? ', count_include_pad: bool=True' : ''}`,
    setup: ({ get, set }) => {
      if (get('stride') === null) set('stride', get('kernel_size'));
    },
    forward: ({ library: { session }, get, context }, x) => {
      const windows = (name: string): number[] => toWindow(get(name), rank, context);
      const options = {
        kernel: windows('kernel_size'),
        stride: windows('stride'),
        padding: windows('padding'),
        ceil: get('ceil_mode') === true,
      };
      const variable = compute.pool(
        session.tape,
        kind === 'Max' ? 'Max' : 'Average',
        x.variable,
        options,
        kind === 'Max' || get('count_include_pad') === true,
      );
      return session.wrap(variable, [x]);
    },
    shown: ({ get, context }) => {
      const size = (name: string): string => context.str(get(name));
      const core = `kernel_size=${size('kernel_size')}, stride=${size('stride')}, padding=${size('padding')}`;
      return kind === 'Max' ? `${core}, dilation=${size('dilation')}, ceil_mode=${flag(get('ceil_mode'))}` : core;
    },
  };
}

const filled = ({ shape, dtype, array }: Variable, value: number): Variable =>
  Variable.of(dtype.array(array.length).fill(value), shape, dtype);

function batchNorm(rank: number): LayerDefinition {
  return {
    name: `BatchNorm${rank}d`,
    parameters: 'num_features, eps=1e-05, momentum=0.1, affine: bool=True, track_running_stats: bool=True',
    setup: ({ library: { session }, int, get, set, parameter, buffer }) => {
      const features = int('num_features');
      if (get('affine') === true) {
        parameter('weight', [features], 1);
        parameter('bias', [features]);
      } else {
        set('weight', null);
        set('bias', null);
      }
      const ones = session.zeros([features], float32);
      ones.array.fill(1);
      buffer('running_mean', session.zeros([features], float32));
      buffer('running_var', ones);
      buffer('num_batches_tracked', session.zeros([], int64));
    },
    forward: ({ library: { session }, get, variable, number }, x) => {
      const { tape } = session;
      const training = get('training') === true;
      const channels = x.shape.map((size, i) => (i === 1 ? size : 1));
      const running = (name: string): Variable => toTensor(get(name)).variable.alias(channels, null);
      const batch = training ? compute.batchStatistics(tape, x.variable) : null;
      const statistics = batch ?? { mean: running('running_mean'), variance: running('running_var') };
      const [weight, bias] = [variable('weight'), variable('bias')];
      const normalised = (): Variable =>
        compute.normalised(tape, x.variable, statistics, weight, bias, number('eps'), 'NativeBatchNormBackward0');
      const asOne = (): Variable => {
        const [mean, variance] = [toTensor(get('running_mean')).variable, toTensor(get('running_var')).variable];
        const inputs = [x.variable, weight ?? filled(mean, 1), bias ?? filled(mean, 0), mean, variance];
        const attributes = { epsilon: number('eps'), momentum: Number((1 - number('momentum')).toPrecision(12)) };
        return tape.as('BatchNormalization', inputs, attributes, normalised);
      };
      const result = batch || !tape.listener ? normalised() : asOne();
      if (batch) {
        const momentum = number('momentum');
        const move = (name: string, values: Variable, scale = (value: number): number => value): void => {
          const old = toTensor(get(name));
          session.withoutRecording(() => {
            const { shape, dtype } = old;
            if (old.variable.buffer.card) {
              // All of it stays on the card.
              const now = reshape(tape, times(tape, values, momentum * scale(1)), shape);
              old.assign(add(tape, times(tape, old.variable, 1 - momentum), now));
              return;
            }
            const scaled = values.array.map(scale);
            const moved = old.array.map((value, i) => (1 - momentum) * value + momentum * (scaled[i] as number));
            old.assign(Variable.of(moved, shape, dtype));
          });
        };
        const { count } = batch;
        move('running_mean', batch.mean);
        move('running_var', batch.variance, (value) => (value * count) / (count - 1));
        const seen = toTensor(get('num_batches_tracked'));
        session.withoutRecording(() =>
          seen.assign(
            Variable.of(
              seen.array.map((count) => count + 1),
              [],
              int64,
            ),
          ),
        );
      }
      return session.wrap(result, [x]);
    },
    shown: ({ int, number, get }) =>
      `${int('num_features')}, eps=${python(number('eps'))}, momentum=${python(number('momentum'))}, affine=${flag(get('affine'))}, bias=${flag(get('bias') !== null)}, track_running_stats=${flag(get('track_running_stats'))}`,
  };
}

export const linear: LayerDefinition = {
  name: 'Linear',
  parameters: 'in_features, out_features, bias: bool=True',
  setup: (tools) =>
    drawWeights(tools, [tools.int('out_features'), tools.int('in_features')], tools.int('out_features')),
  forward: ({ library: { session }, variable }, x) =>
    session.wrap(compute.linear(session.tape, x.variable, variable('weight') as Variable, variable('bias')), [x]),
  shown: ({ int, get }) =>
    `in_features=${int('in_features')}, out_features=${int('out_features')}, bias=${flag(get('bias') !== null)}`,
};

export const layers: readonly LayerDefinition[] = [
  linear,
  convolution(1),
  convolution(2),
  pooling('Max', 1),
  pooling('Max', 2),
  pooling('Avg', 1),
  pooling('Avg', 2),
  {
    name: 'AdaptiveAvgPool2d',
    parameters: 'output_size',
    forward: ({ library: { session }, get, context }, x) =>
      session.wrap(compute.adaptiveAverage(session.tape, x.variable, toWindow(get('output_size'), 2, context)), [x]),
    shown: ({ get, context }) => `output_size=${context.str(get('output_size'))}`,
  },
  batchNorm(1),
  batchNorm(2),
  {
    name: 'LayerNorm',
    parameters: 'normalized_shape, eps=1e-05, elementwise_affine: bool=True, bias: bool=True',
    setup: ({ get, set, parameter, context }) => {
      const shape = toInts(get('normalized_shape'), context);
      const affine = get('elementwise_affine') === true;
      const biased = affine && get('bias') === true;
      if (affine) parameter('weight', shape, 1);
      else set('weight', null);
      if (biased) parameter('bias', shape);
      else set('bias', null);
    },
    forward: ({ library: { session }, get, variable, number, context }, x) =>
      session.wrap(
        compute.layerNorm(
          session.tape,
          x.variable,
          toInts(get('normalized_shape'), context),
          variable('weight'),
          variable('bias'),
          number('eps'),
        ),
        [x],
      ),
    shown: ({ get, number, context }) =>
      `${tuple(toInts(get('normalized_shape'), context))}, eps=${python(number('eps'))}, elementwise_affine=${flag(get('elementwise_affine'))}, bias=${flag(get('bias') !== null)}`,
  },
  {
    name: 'Embedding',
    parameters: 'num_embeddings, embedding_dim, padding_idx=None',
    setup: ({ library: { session }, int, parameter }) => {
      normal(session, parameter('weight', [int('num_embeddings'), int('embedding_dim')]), 0, 1);
    },
    forward: ({ library: { session }, variable }, x) =>
      session.wrap(compute.embedding(session.tape, x.variable, variable('weight') as Variable), [x]),
    shown: ({ int }) => `${int('num_embeddings')}, ${int('embedding_dim')}`,
  },
  {
    name: 'Dropout',
    parameters: 'p=0.5, inplace: bool=False',
    forward: ({ library, get, number }, x) => dropout(library, x, number('p'), get('training') === true),
    shown: ({ number, get }) => `p=${python(number('p'))}, inplace=${flag(get('inplace'))}`,
  },
  {
    name: 'Flatten',
    parameters: 'start_dim=1, end_dim=-1',
    forward: ({ int }, x) =>
      flattened(x, wrapDim(int('start_dim'), x.shape.length), wrapDim(int('end_dim'), x.shape.length)),
    shown: ({ int }) => `start_dim=${int('start_dim')}, end_dim=${int('end_dim')}`,
  },
  ...(['Softmax', 'LogSoftmax'] as const).map((name): LayerDefinition => ({
    name,
    parameters: 'dim=None',
    forward: ({ library, get, context }, x) => {
      const dim = get('dim') === null ? (x.shape.length === 2 ? 1 : 0) : toInt(get('dim'), context);
      return library.session.wrap(softmaxOf(library, name, x.variable, dim), [x]);
    },
    shown: ({ get, context }) => `dim=${context.str(get('dim'))}`,
  })),
  {
    name: 'PReLU',
    parameters: 'num_parameters=1, init=0.25',
    setup: ({ int, number, parameter }) => void parameter('weight', [int('num_parameters')], number('init')),
    forward: ({ library: { session }, variable }, x) => {
      const weight = variable('weight') as Variable;
      const shape = weight.count === 1 ? [1] : x.shape.slice(1).map((size, i) => (i === 0 ? size : 1));
      const slope =
        shape.length === 1
          ? weight
          : session.tape.apply('Reshape', [weight, { dims: [shape.length], data: BigInt64Array.from(shape, BigInt) }]);
      return session.wrap(session.tape.apply('PRelu', [x.variable, slope], { name: 'PreluKernelBackward0' }), [x]);
    },
    shown: ({ int }) => `num_parameters=${int('num_parameters')}`,
  },
  ...activations.map(({ layer, parameters, compute: f, shown }): LayerDefinition => {
    const names = parameters
      .split(',')
      .map((part) => part.trim().split(/[:=]/)[0] ?? '')
      .filter((name) => /^\w+$/.test(name));
    const options = ({ get }: LayerTools): (number | string)[] =>
      names.map((name) => {
        const value = get(name);
        return typeof value === 'bigint' ? Number(value) : (value as number | string);
      });
    return {
      name: layer,
      parameters,
      forward: (tools, x) => tools.library.session.wrap(f(tools.library.session.tape, x.variable, options(tools)), [x]),
      shown: (tools) =>
        [shown?.(options(tools)) ?? '', tools.self.attributes.get('inplace') === true ? 'inplace=True' : '']
          .filter(Boolean)
          .join(', '),
    };
  }),
];

/** A class of torch.nn from its definition. */
export function layerClass(library: Library, modules: Modules, definition: LayerDefinition): PyClass {
  const { session } = library;
  const toolsFor = (self: PyInstance, context: CallContext): LayerTools => {
    const get = (name: string): Value => self.attributes.get(name) ?? null;
    return {
      library,
      self,
      context,
      get,
      set: (name, value) => void self.attributes.set(name, value),
      parameter: (name, shape, value = 0) => {
        const variable = session.zeros(shape, float32);
        if (value !== 0) variable.array.fill(value);
        const made = new Tensor(session, variable, null, session.defaultDevice, session.parameterClass);
        made.setRequiresGrad(true);
        // Behind what came before, although __init__ has set a flag of this name (bias=True).
        self.attributes.delete(name);
        self.attributes.set(name, made);
        return made;
      },
      buffer: (name, variable) =>
        modules.registerBuffer(self, name, new Tensor(session, variable, null, session.defaultDevice)),
      variable: (name) => {
        const value = get(name);
        return value instanceof Tensor ? value.variable : null;
      },
      int: (name) => toInt(get(name), context),
      number: (name) => toNumber(get(name), context),
    };
  };
  const made = new PyClass(definition.name, modules.moduleClass, [], { module: 'torch.nn.modules' });
  const initialise = library.make(
    '__init__',
    `self${definition.parameters ? `, ${definition.parameters}` : ''}, *, device=None, dtype=None`.replace(
      '*args, **kwargs, *, device=None, dtype=None',
      '*args, **kwargs',
    ),
    (args, context) => {
      const self = args[0] as PyInstance;
      modules.initialise(self);
      const names = initialise.signature.parameters.map(({ name }) => name);
      names.forEach((name, i) => {
        if (i > 0 && !['device', 'dtype', 'args', 'kwargs'].includes(name)) self.attributes.set(name, args[i] ?? null);
      });
      definition.setup?.(toolsFor(self, context));
      return null;
    },
  );
  const forward = library.make(
    'forward',
    `self, ${definition.inputs ?? 'input'}`,
    ([self, input, ...rest], context) => {
      const tools = toolsFor(self as PyInstance, context);
      const x = toTensor(input);
      commonDevice([x, ...[...tools.self.attributes.values()].filter(isTensor)]);
      return definition.forward(tools, x, rest);
    },
  );
  const described = library.make(
    'extra_repr',
    'self',
    ([self], context) => definition.shown?.(toolsFor(self as PyInstance, context)) ?? '',
  );
  made.attributes.set('__init__', initialise).set('forward', forward).set('extra_repr', described);
  return made;
}
