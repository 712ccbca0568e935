import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { LabError } from '../../../../shared/errors';
import { compileNetwork } from '../../../../shared/network/compile';
import { freezeLayers } from '../../../../shared/network/edit';
import type { Graph } from '../../../../shared/network/graph';
import { chain, mlp } from '../../../../shared/network/templates';
import { layer, network, sequence } from './builders';

const endsSchema = z.object({ first: z.array(z.number()), last: z.array(z.number()), sum: z.number() });
const goldenSchema = z.object({
  mlps: z.array(
    z.object({
      seed: z.number(),
      sizes: z.array(z.number()),
      layers: z.array(z.object({ weight: endsSchema, bias: endsSchema })),
    }),
  ),
  initialisers: z.array(
    z.object({
      initialiser: z.string(),
      seed: z.number(),
      inputs: z.number(),
      units: z.number(),
      weight: z.array(z.number()),
    }),
  ),
  lecture: z.object({ seed: z.number(), a: z.array(z.number()), b: z.array(z.number()) }),
});
const path = join(import.meta.dirname, '../../../golden/network/initial-weights.json');
const golden = goldenSchema.parse(JSON.parse(readFileSync(path, 'utf8')));

function values(graph: Graph, name: string): number[] {
  return Array.from(graph.initializers.find((initializer) => initializer.name === name)!.data, Number);
}

describe('initial weights are PyTorch’s', () => {
  it.each(golden.mlps)('nn.Linear for $sizes under seed $seed, bit for bit', ({ seed, sizes, layers }) => {
    const [inputs = 0, ...rest] = sizes;
    const document = mlp({ hidden: rest.slice(0, -1), activation: 'relu', outputs: rest.at(-1)! });
    const graph = compileNetwork(document, { inputShape: [inputs], seed });
    layers.forEach((expected, index) => {
      const id = index === 0 ? 'linear' : `linear-${index + 1}`;
      for (const part of ['weight', 'bias'] as const) {
        const drawn = values(graph, `${id}.${part}`);
        expect(drawn.slice(0, 20)).toEqual(expected[part].first);
        expect(drawn.slice(-20)).toEqual(expected[part].last);
        expect(drawn.reduce((sum, value) => sum + value, 0)).toBeCloseTo(expected[part].sum, 9);
      }
    });
  });

  it.each(golden.initialisers)('$initialiser, $inputs × $units under seed $seed', (expected) => {
    const parameters = { units: expected.units, weightInitialiser: expected.initialiser };
    const graph = compileNetwork(
      chain([
        ['input', {}],
        ['linear', parameters],
        ['output', {}],
      ]),
      {
        inputShape: [expected.inputs],
        seed: expected.seed,
      },
    );
    const drawn = values(graph, 'linear.weight');
    expect(drawn).toHaveLength(expected.weight.length);
    // Uniform draws are exact; normal ones go through log, cos and sin, which differ by a rounding between libraries.
    const exact = expected.initialiser.endsWith('uniform');
    drawn.forEach((value, index) => {
      const wanted = expected.weight[index]!;
      if (exact) expect(value).toBe(wanted);
      else expect(Math.abs(value - wanted)).toBeLessThanOrEqual(4e-7 * Math.max(Math.abs(wanted), 0.1));
    });
  });

  it('the lecture’s y = a + b·x draws a, then b', () => {
    const parameters = { units: 1, weightInitialiser: 'normal', biasInitialiser: 'normal', drawOrder: 'bias first' };
    const graph = compileNetwork(
      chain([
        ['input', {}],
        ['linear', parameters],
        ['output', {}],
      ]),
      {
        inputShape: [1],
        seed: golden.lecture.seed,
      },
    );
    expect(values(graph, 'linear.bias')[0]).toBeCloseTo(golden.lecture.a[0]!, 6);
    expect(values(graph, 'linear.weight')[0]).toBeCloseTo(golden.lecture.b[0]!, 6);
    expect(values(graph, 'linear.bias')[0]!.toFixed(4)).toBe('0.3367');
    expect(values(graph, 'linear.weight')[0]!.toFixed(4)).toBe('0.1288');
  });

  it('constants, chosen bounds and a chosen σ are what was asked for', () => {
    const start = (parameters: Record<string, number | string>) =>
      compileNetwork(
        chain([
          ['input', {}],
          ['linear', { units: 40, ...parameters }],
          ['output', {}],
        ]),
        { inputShape: [50], seed: 4 },
      );
    const constant = start({ biasInitialiser: 'constant', biasValue: -0.5 });
    expect(new Set(values(constant, 'linear.bias'))).toEqual(new Set([-0.5]));
    const uniform = values(start({ weightInitialiser: 'uniform', weightLow: 2, weightHigh: 3 }), 'linear.weight');
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(2);
    expect(Math.max(...uniform)).toBeLessThan(3);
    expect(uniform.reduce((sum, value) => sum + value, 0) / uniform.length).toBeCloseTo(2.5, 1);
    const usual = values(start({ weightInitialiser: 'normal' }), 'linear.weight');
    const narrow = values(start({ weightInitialiser: 'normal', weightDeviation: 0.25 }), 'linear.weight');
    expect(narrow).toEqual(usual.map((value) => value * 0.25));
  });

  it('zeros and ones draw nothing, so what follows is unchanged', () => {
    const parameters = { units: 2, weightInitialiser: 'zeros', biasInitialiser: 'ones' };
    const build = (before: [string, Record<string, number | string>][]) =>
      compileNetwork(chain([['input', {}], ...before, ['linear', { units: 3 }], ['output', {}]]), {
        inputShape: [2],
        seed: 5,
      });
    const graph = build([['linear', parameters]]);
    expect(values(graph, 'linear.weight')).toEqual([0, 0, 0, 0]);
    expect(values(graph, 'linear.bias')).toEqual([1, 1]);
    expect(values(graph, 'linear-2.weight')).toEqual(values(build([]), 'linear.weight'));
  });
});

describe('compileNetwork', () => {
  it('gives the nodes, names and dimensions of a small classifier', () => {
    const graph = compileNetwork(sequence('input flatten linear:16 relu linear:3 output'), {
      inputShape: [2, 2],
      seed: 1,
    });
    expect(graph.inputs).toEqual([{ name: 'input', dims: [-1, 2, 2] }]);
    expect(graph.outputs).toEqual([{ name: 'output', dims: [-1, 3] }]);
    expect(graph.nodes).toEqual([
      { name: 'flatten', opType: 'Flatten', inputs: ['input'], outputs: ['flatten.value'], attributes: { axis: 1 } },
      {
        name: 'linear',
        opType: 'Gemm',
        inputs: ['flatten.value', 'linear.weight', 'linear.bias'],
        outputs: ['linear.value'],
        attributes: { alpha: 1, beta: 1, transA: 0, transB: 1 },
      },
      { name: 'relu', opType: 'Relu', inputs: ['linear.value'], outputs: ['relu.value'], attributes: {} },
      {
        name: 'linear-2',
        opType: 'Gemm',
        inputs: ['relu.value', 'linear-2.weight', 'linear-2.bias'],
        outputs: ['output'],
        attributes: { alpha: 1, beta: 1, transA: 0, transB: 1 },
      },
    ]);
    expect(graph.initializers.map(({ name, dims }) => [name, dims])).toEqual([
      ['linear.weight', [16, 4]],
      ['linear.bias', [16]],
      ['linear-2.weight', [3, 16]],
      ['linear-2.bias', [3]],
    ]);
  });

  it('names what the output reads "output" even where another layer reads it too', () => {
    const layers = [layer('input'), layer('tanh'), layer('relu'), layer('add'), layer('output')];
    const graph = compileNetwork(network(layers, 'input>tanh tanh>relu tanh>add relu>add.1 add>output'), {
      inputShape: [2],
      seed: 0,
    });
    expect(graph.nodes.map(({ inputs, outputs }) => `${inputs.join('+')}=${outputs.join()}`)).toEqual([
      'input=tanh.value',
      'tanh.value=relu.value',
      'tanh.value+relu.value=output',
    ]);
  });

  it('adds three values in two nodes, reshapes by a constant and passes an input straight through', () => {
    const layers = [
      layer('input'),
      layer('tanh'),
      layer('relu'),
      layer('add'),
      layer('reshape', 'reshape', { shape: [2, -1] }),
      layer('output'),
    ];
    const graph = compileNetwork(
      network(layers, 'input>tanh input>relu input>add tanh>add.1 relu>add.2 add>reshape reshape>output'),
      { inputShape: [6], seed: 0 },
    );
    expect(graph.nodes.filter(({ opType }) => opType === 'Add').map(({ name, inputs }) => [name, inputs])).toEqual([
      ['add.sum1', ['input', 'tanh.value']],
      ['add', ['add.value.sum1', 'relu.value']],
    ]);
    expect(graph.initializers).toEqual([
      { name: 'reshape.shape', dims: [3], data: BigInt64Array.from([0n, 2n, 3n]), frozen: true },
    ]);
    expect(graph.outputs[0]?.dims).toEqual([-1, 2, 3]);

    const straight = compileNetwork(sequence('input output'), { inputShape: [3], seed: 0 });
    expect(straight.nodes).toEqual([
      { name: 'output', opType: 'Identity', inputs: ['input'], outputs: ['output'], attributes: {} },
    ]);
  });

  it('keeps ids such as "output" and "input" of other kinds apart from the graph’s own names', () => {
    const layers = [layer('output', 'input'), layer('input', 'linear', { units: 2 }), layer('end', 'output')];
    const graph = compileNetwork(network(layers, 'output>input input>end'), { inputShape: [3], seed: 0 });
    expect(graph.nodes[0]).toMatchObject({
      name: 'input',
      inputs: ['input', 'input.weight', 'input.bias'],
      outputs: ['output'],
    });
  });

  it('draws in topological order whatever the order of the document, and leaves dead branches out', () => {
    const layers = [
      layer('output'),
      layer('linear-2', 'linear', { units: 3 }),
      layer('side', 'linear', { units: 9 }),
      layer('linear', 'linear', { units: 5 }),
      layer('input'),
    ];
    const shuffled = network(layers, 'linear-2>output linear>linear-2 input>side input>linear');
    const graph = compileNetwork(shuffled, { inputShape: [4], seed: 3 });
    const plain = compileNetwork(sequence('input linear:5 linear:3 output'), { inputShape: [4], seed: 3 });
    expect(graph.initializers).toEqual(plain.initializers);
  });

  it('marks the weights of frozen layers, and draws them all the same', () => {
    const plain = sequence('input linear:5 linear:3 output');
    const compile = (document: typeof plain) => compileNetwork(document, { inputShape: [4], seed: 3 }).initializers;
    const frozen = compile(freezeLayers(plain, ['linear'], true));
    expect(frozen.map((item) => [item.name, item.frozen ?? false])).toEqual([
      ['linear.weight', true],
      ['linear.bias', true],
      ['linear-2.weight', false],
      ['linear-2.bias', false],
    ]);
    expect(frozen.map(({ data }) => data)).toEqual(compile(plain).map(({ data }) => data));
  });

  it('gives several outputs, the first of them left out, where a layer takes the last state', () => {
    const graph = compileNetwork(
      chain([
        ['input', {}],
        ['lstm', { hidden: 3 }],
        ['output', {}],
      ]),
      { inputShape: [5, 2], seed: 0 },
    );
    expect(graph.nodes.map(({ name, opType, outputs }) => [name, opType, outputs])).toEqual([
      ['lstm.steps-first', 'Transpose', ['output.steps-first']],
      ['lstm.lstm', 'LSTM', ['', 'output.states']],
      ['lstm.ordered', 'Transpose', ['output.ordered']],
      ['lstm', 'Reshape', ['output']],
    ]);
    expect(graph.initializers.map(({ name, dims }) => [name, dims])).toEqual([
      ['lstm.input-weight', [1, 12, 2]],
      ['lstm.recurrent-weight', [1, 12, 3]],
      ['lstm.bias', [1, 24]],
      ['lstm.shape', [2]],
    ]);
  });

  it('throws the first error by name and layer', () => {
    const wrong = sequence('input linear:0 output');
    expect(() => compileNetwork(wrong, { inputShape: [4], seed: 0 })).toThrow(
      new LabError('network.parameter-integer', {
        parameter: 'units',
        value: '0',
        minimum: 1,
        maximum: 65_536,
        layer: 'linear',
      }),
    );
  });
});
