import { PythonError, typeError, valueError } from '../../language/errors';
import { formatFloat } from '../../language/floats';
import { PyList, PyTuple, type Value } from '../../language/values';
import { toTensor } from '../arguments';
import { concat, narrow, permute, reshape } from '../math/shaping';
import type { Tape } from '../autograd/tape';
import type { Variable } from '../autograd/variable';
import { shapeText, type Shape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { dropout } from './functional';
import { uniform } from './init';
import type { LayerDefinition, LayerTools } from './layers';

// RNN, LSTM and GRU of PyTorch on the operators of the same names of ONNX, which compute all moments of a layer at once.

type Kind = 'RNN' | 'LSTM' | 'GRU';

/** Blocks of rows of a weight in the order in which ONNX has its gates. PyTorch: LSTM input, forget, cell, output; GRU reset, update, new. */
const gateOrder: Record<Kind, readonly number[]> = { RNN: [0], LSTM: [0, 3, 1, 2], GRU: [1, 0, 2] };

/** Weights of one direction of one layer, by the names PyTorch gives them. */
const names = ['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'] as const;

function inOnnxOrder(tape: Tape, kind: Kind, weight: Variable): Variable {
  const order = gateOrder[kind];
  if (order.length === 1) return weight;
  const rows = (weight.shape[0] as number) / order.length;
  return concat(
    tape,
    order.map((gate) => narrow(tape, weight, 0, gate * rows, rows)),
    0,
  );
}

/** What all moments of one layer give. */
interface LayerResult {
  /** [steps, directions, batch, hidden] */
  outputs: Variable;
  /** [directions, batch, hidden]: the state at the end; of an LSTM its cells, too. */
  last: readonly Variable[];
}

/**
 * One layer over x [steps, batch, features], in one direction or two. `suffixes`: of the names of its weights, by direction. `states`: what it starts
 * from [directions, batch, hidden]; none: zeros.
 */
function runLayer(
  { library, variable, get, int }: LayerTools,
  kind: Kind,
  x: Variable,
  suffixes: readonly string[],
  states: readonly Variable[],
): LayerResult {
  const { tape } = library.session;
  const weight = (name: (typeof names)[number], suffix: string): Variable =>
    inOnnxOrder(tape, kind, variable(`${name}${suffix}`) as Variable);
  /** By direction, under a dimension of its own. */
  const stacked = (make: (suffix: string) => Variable): Variable =>
    concat(
      tape,
      suffixes.map(make).map((one) => reshape(tape, one, [1, ...one.shape])),
      0,
    );
  const biases =
    get('bias') === true
      ? stacked((suffix) => concat(tape, [weight('bias_ih', suffix), weight('bias_hh', suffix)], 0))
      : null;
  const inputs = [
    x,
    stacked((suffix) => weight('weight_ih', suffix)),
    stacked((suffix) => weight('weight_hh', suffix)),
    biases,
    null,
    ...states,
  ];
  const activation = get('nonlinearity') === 'relu' ? 'Relu' : 'Tanh';
  const [outputs, ...last] = tape.applyAll(kind, inputs, {
    attributes: {
      hidden_size: int('hidden_size'),
      direction: suffixes.length === 2 ? 'bidirectional' : 'forward',
      // As PyTorch has it: the reset gate acts on the product with the state.
      ...(kind === 'GRU' ? { linear_before_reset: 1 } : {}),
      ...(kind === 'RNN' ? { activations: suffixes.map(() => activation) } : {}),
    },
    outputs: kind === 'LSTM' ? 3 : 2,
  });
  return { outputs: outputs as Variable, last };
}

/** ±1/√hidden, in the order in which PyTorch draws. */
function drawWeights(tools: LayerTools, kind: Kind, suffix: string, features: number): void {
  const { session } = tools.library;
  const hidden = tools.int('hidden_size');
  const rows = gateOrder[kind].length * hidden;
  const bound = 1 / Math.sqrt(hidden);
  const shapes = { weight_ih: [rows, features], weight_hh: [rows, hidden], bias_ih: [rows], bias_hh: [rows] };
  for (const name of names) {
    if (name.startsWith('bias') && tools.get('bias') !== true) continue;
    uniform(session, tools.parameter(`${name}${suffix}`, shapes[name]), -bound, bound);
  }
}

function checkNonlinearity({ get }: LayerTools, layer: string): void {
  const given = get('nonlinearity');
  if (given !== 'tanh' && given !== 'relu')
    throw valueError(`Unknown nonlinearity '${String(given)}'. Select from 'tanh' or 'relu'. (${layer})`);
}

/** The states that were given: one tensor, or a pair of an LSTM. Empty: none. */
function givenStates(kind: Kind, value: Value | undefined): Tensor[] {
  if (value === null || value === undefined) return [];
  if (kind !== 'LSTM') return [toTensor(value, 'hx', 2)];
  if (!(value instanceof PyTuple || value instanceof PyList) || value.items.length !== 2)
    throw typeError('an LSTM starts from a pair of tensors: (h_0, c_0)');
  return value.items.map((item) => toTensor(item, 'hx', 2));
}

function checkFeatures({ int }: LayerTools, x: Tensor): void {
  const [wanted, given] = [int('input_size'), x.shape.at(-1)];
  if (given !== wanted)
    throw new PythonError(
      'RuntimeError',
      `input.size(-1) must be equal to input_size. Expected ${wanted}, got ${given ?? 0}`,
    );
}

function checkStates(kind: Kind, states: readonly Tensor[], wanted: Shape): void {
  for (const [index, { shape }] of states.entries()) {
    if (shape.length === wanted.length && shape.every((size, i) => size === wanted[i])) continue;
    const which = kind === 'LSTM' ? `hidden[${index}]` : 'hidden';
    throw new PythonError('RuntimeError', `Expected ${which} size (${wanted.join(', ')}), got ${shapeText(shape)}`);
  }
}

/** As PyTorch returns it: the state, or the pair of an LSTM. */
const stateValue = (states: readonly Tensor[]): Value =>
  states.length === 1 ? (states[0] as Tensor) : new PyTuple(states);

function recurrent(kind: Kind): LayerDefinition {
  const directions = ({ get }: LayerTools): number => (get('bidirectional') === true ? 2 : 1);
  const suffixesOf = (tools: LayerTools, layer: number): string[] =>
    [`_l${layer}`, `_l${layer}_reverse`].slice(0, directions(tools));
  return {
    name: kind,
    parameters: `input_size, hidden_size, num_layers=1, ${kind === 'RNN' ? "nonlinearity='tanh', " : ''}bias: bool=True, batch_first: bool=False, dropout=0.0, bidirectional: bool=False`,
    setup: (tools) => {
      if (kind === 'RNN') checkNonlinearity(tools, kind);
      for (let layer = 0; layer < tools.int('num_layers'); layer++)
        for (const suffix of suffixesOf(tools, layer))
          drawWeights(
            tools,
            kind,
            suffix,
            layer === 0 ? tools.int('input_size') : tools.int('hidden_size') * directions(tools),
          );
    },
    inputs: 'input, hx=None',
    forward: (tools, input, [hx]) => {
      const { library, int, get, number } = tools;
      const { session } = library;
      const { tape } = session;
      const rank = input.shape.length;
      if (rank !== 2 && rank !== 3) throw valueError(`${kind}: Expected input to be 2D or 3D, got ${rank}D instead`);
      checkFeatures(tools, input);
      const batched = rank === 3;
      const batchFirst = batched && get('batch_first') === true;
      const given = givenStates(kind, hx);
      const [layers, hidden, both] = [int('num_layers'), int('hidden_size'), directions(tools)];

      // Inside: [steps, batch, features], and states [layers · directions, batch, hidden].
      let x = input.variable;
      if (!batched) x = reshape(tape, x, [x.shape[0] as number, 1, x.shape[1] as number]);
      if (batchFirst) x = permute(tape, x, [1, 0, 2], 'TransposeBackward0');
      const [steps = 0, batch = 0] = x.shape;
      if (steps === 0) throw new PythonError('RuntimeError', 'Expected sequence length to be larger than 0 in RNN');
      checkStates(kind, given, batched ? [layers * both, batch, hidden] : [layers * both, hidden]);
      const started = given.map(({ variable }) => reshape(tape, variable, [layers * both, batch, hidden]));

      const ends: Variable[][] = [];
      for (let layer = 0; layer < layers; layer++) {
        if (layer > 0 && number('dropout') > 0)
          x = dropout(library, session.wrap(x), number('dropout'), get('training') === true).variable;
        const own = started.map((state) => narrow(tape, state, 0, layer * both, both));
        const { outputs, last } = runLayer(tools, kind, x, suffixesOf(tools, layer), own);
        const side = both === 1 ? outputs : permute(tape, outputs, [0, 2, 1, 3]);
        x = reshape(tape, side, [steps, batch, both * hidden]);
        ends.push([...last]);
      }
      if (batchFirst) x = permute(tape, x, [1, 0, 2], 'TransposeBackward0');
      if (!batched) x = reshape(tape, x, [steps, both * hidden]);
      const operands = [input, ...given];
      const last = (ends[0] ?? []).map((_, which) => {
        const all = concat(
          tape,
          ends.map((end) => end[which] as Variable),
          0,
        );
        return session.wrap(batched ? all : reshape(tape, all, [layers * both, hidden]), operands);
      });
      return new PyTuple([session.wrap(x, operands), stateValue(last)]);
    },
    shown: ({ int, get, number }) => {
      const parts = [`${int('input_size')}, ${int('hidden_size')}`];
      if (int('num_layers') !== 1) parts.push(`num_layers=${int('num_layers')}`);
      if (get('bias') !== true) parts.push('bias=False');
      if (get('batch_first') === true) parts.push('batch_first=True');
      if (number('dropout') !== 0) parts.push(`dropout=${formatFloat(number('dropout'))}`);
      if (get('bidirectional') === true) parts.push('bidirectional=True');
      return parts.join(', ');
    },
  };
}

/** One moment of the layer of that kind, with the state as the caller keeps it. */
function cell(kind: Kind): LayerDefinition {
  return {
    name: `${kind}Cell`,
    parameters: `input_size, hidden_size, bias: bool=True${kind === 'RNN' ? ", nonlinearity='tanh'" : ''}`,
    setup: (tools) => {
      if (kind === 'RNN') checkNonlinearity(tools, 'RNNCell');
      drawWeights(tools, kind, '', tools.int('input_size'));
    },
    inputs: 'input, hx=None',
    forward: (tools, input, [hx]) => {
      const { session } = tools.library;
      const { tape } = session;
      const rank = input.shape.length;
      if (rank !== 1 && rank !== 2)
        throw valueError(`${kind}Cell: Expected input to be 1D or 2D, got ${rank}D instead`);
      checkFeatures(tools, input);
      const hidden = tools.int('hidden_size');
      const batch = rank === 2 ? (input.shape[0] as number) : 1;
      const shape = rank === 2 ? [batch, hidden] : [hidden];
      const given = givenStates(kind, hx);
      checkStates(kind, given, shape);
      const x = reshape(tape, input.variable, [1, batch, tools.int('input_size')]);
      const states = given.map(({ variable }) => reshape(tape, variable, [1, batch, hidden]));
      const { last } = runLayer(tools, kind, x, [''], states);
      return stateValue(last.map((state) => session.wrap(reshape(tape, state, shape), [input, ...given])));
    },
    shown: ({ int, get }) => {
      const parts = [`${int('input_size')}, ${int('hidden_size')}`];
      if (get('bias') !== true) parts.push('bias=False');
      if (kind === 'RNN' && get('nonlinearity') !== 'tanh') parts.push(`nonlinearity=${String(get('nonlinearity'))}`);
      return parts.join(', ');
    },
  };
}

export const recurrentLayers: readonly LayerDefinition[] = [
  recurrent('RNN'),
  recurrent('LSTM'),
  recurrent('GRU'),
  cell('RNN'),
  cell('LSTM'),
  cell('GRU'),
];
