import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkNetwork } from '../../../../shared/network/check';
import { compileNetwork } from '../../../../shared/network/compile';
import { networkSchema, type Layer, type NetworkDocument } from '../../../../shared/network/document';
import { replaceKind, tieWeight } from '../../../../shared/network/edit';
import { applyFix } from '../../../../shared/network/fix';
import { possibleTies } from '../../../../shared/network/ties';
import type { TrainPlan } from '../../../../src-main/engine/native';
import { difference, engine, lane } from '../../src-main/engine/native-fixtures';
import { layer, network } from './builders';

const values = z.record(z.string(), z.array(z.number()));
const goldenSchema = z.array(
  z.object({
    name: z.string(),
    seed: z.number(),
    steps: z.number(),
    rate: z.number(),
    rows: z.number(),
    inputs: z.array(z.number()),
    targets: z.array(z.number()),
    initial: values,
    gradients: values,
    final: values,
  }),
);
const path = new URL('../../../golden/network/tied.json', import.meta.url);
const golden = goldenSchema.parse(JSON.parse(readFileSync(path, 'utf8')));

const tied = (made: Layer, ties: Layer['tied']): Layer => ({ ...made, tied: ties });

/** The networks of generate_tied.py; `names` are the initializers by PyTorch's names. */
const networks: Record<string, { document: NetworkDocument; inputShape: number[]; names: Record<string, string> }> = {
  'language-model': {
    document: network(
      [
        layer('input'),
        layer('words', 'embedding', { vocabulary: 7, width: 4 }),
        layer('mix', 'linear-steps', { units: 4 }),
        layer('tanh'),
        tied(layer('answer', 'linear-steps', { units: 7 }), { weight: 'words.weight^T' }),
        layer('output'),
      ],
      'input>words words>mix mix>tanh tanh>answer answer>output',
    ),
    inputShape: [3],
    names: { '0.weight': 'words.weight', '1.weight': 'mix.weight', '1.bias': 'mix.bias', '3.bias': 'answer.bias' },
  },
  'next-word': {
    document: network(
      [
        layer('input'),
        layer('words', 'embedding', { vocabulary: 7, width: 4 }),
        layer('flatten'),
        layer('mix', 'linear', { units: 4 }),
        layer('tanh'),
        tied(layer('answer', 'linear', { units: 7 }), { weight: 'words.weight' }),
        layer('output'),
      ],
      'input>words words>flatten flatten>mix mix>tanh tanh>answer answer>output',
    ),
    inputShape: [1],
    names: { '0.weight': 'words.weight', '2.weight': 'mix.weight', '2.bias': 'mix.bias', '4.bias': 'answer.bias' },
  },
  twice: {
    document: network(
      [
        layer('input'),
        layer('first', 'linear', { units: 5 }),
        layer('tanh'),
        // A tie to a tie leads to the end of it.
        tied(layer('second', 'linear', { units: 5 }), { weight: 'first.weight', bias: 'first.bias' }),
        layer('tanh-2', 'tanh'),
        layer('answer', 'linear', { units: 2 }),
        layer('output'),
      ],
      'input>first first>tanh tanh>second second>tanh-2 tanh-2>answer answer>output',
    ),
    inputShape: [5],
    names: {
      '0.weight': 'first.weight',
      '0.bias': 'first.bias',
      '4.weight': 'answer.weight',
      '4.bias': 'answer.bias',
    },
  },
};

/** PyTorch keeps the weight of a linear layer as [outputs, inputs]; a layer per step has it turned. */
function asPyTorch(initializer: string, data: ArrayLike<number>): number[] {
  if (initializer !== 'mix.weight' || data.length !== 16) return Array.from(data);
  return Array.from(data, (_, at) => data[(at % 4) * 4 + Math.floor(at / 4)] ?? NaN);
}

describe.each(golden)('$name equals PyTorch', (entry) => {
  const { document, inputShape, names } = networks[entry.name]!;
  const graph = compileNetwork(document, { inputShape, seed: entry.seed });
  const perStep = entry.name === 'language-model';
  const like = (name: string, data: ArrayLike<number>) => (perStep ? asPyTorch(name, data) : Array.from(data));

  it('has each shared weight once, and draws the values of PyTorch', () => {
    expect(graph.initializers.filter(({ name }) => Object.values(names).includes(name))).toHaveLength(
      Object.keys(names).length,
    );
    expect(Object.keys(entry.initial).toSorted()).toEqual(Object.keys(names).toSorted());
    for (const [theirs, ours] of Object.entries(names)) {
      const { data } = graph.initializers.find(({ name }) => name === ours)!;
      expect(difference(like(ours, data as Float32Array), entry.initial[theirs]!)).toBeLessThan(5e-7);
    }
  });

  const inputs = Float32Array.from(entry.inputs);
  const targets = Float32Array.from(entry.targets);

  it('has the sum over both uses as the gradient', () => {
    const sample = { dims: [entry.rows, ...inputShape], data: inputs };
    const output = graph.outputs[0]!.dims.slice(1);
    const target = { dims: [entry.rows, ...output], data: targets };
    const { gradients } = engine.gradients(graph, { input: sample }, target, 'mse');
    for (const [theirs, ours] of Object.entries(names))
      expect(difference(like(ours, gradients[ours]!.data as Float32Array), entry.gradients[theirs]!, 0.1)).toBeLessThan(
        1e-5,
      );
  });

  it.each([1, 2])('trains as one weight with one state of the optimizer, on %i threads', async (threads) => {
    const plan: TrainPlan = {
      graph,
      optimizer: 'adam',
      // A second lane, for the shared weight is each lane's own.
      lanes: [lane(entry.rate), lane(0.1)],
      loss: 'mse',
      training: { inputs, targets, count: entry.rows },
      validation: null,
      batchSize: 0,
      shuffle: false,
      seed: 1,
      epochs: entry.steps,
      targetLoss: null,
      divergenceFactor: 1000,
      threads,
      metrics: [],
    };
    const trainer = engine.createTrainer(plan);
    for (let step = 0; step < entry.steps; step++) await trainer.advance({ steps: 1 });
    const weights = trainer.weights(0);
    trainer.dispose();
    for (const [theirs, ours] of Object.entries(names))
      expect(difference(like(ours, weights[ours]!.data as Float32Array), entry.final[theirs]!)).toBeLessThan(1e-5);
  });
});

describe('ties that cannot be', () => {
  const codes = (ties: Record<string, Layer['tied']>): unknown[] => {
    const { document } = networks.twice!;
    const layers = document.layers.map((it) => (it.id in ties ? tied(it, ties[it.id]) : it));
    return checkNetwork({ ...document, layers }, { inputShape: [5], target: null, loss: null })
      .issues.filter(({ code }) => code.startsWith('network.tie'))
      .map(({ layer: on, code, details, fix }) => ({ on, code, details, fix }));
  };

  it('names the weight, where it leads and the way out', () => {
    expect(codes({ second: { slope: 'first.weight' } })).toEqual([
      {
        on: 'second',
        code: 'network.tie-weight',
        details: { layer: 'second', weight: 'slope', other: 'first.weight', known: ['weight', 'bias'] },
        fix: { kind: 'untie-weight', layer: 'second', weight: 'slope' },
      },
    ]);
  });

  it.each([
    ['no such layer', { second: { weight: 'third.weight' } }, ['network.tie-missing']],
    ['no such weight', { second: { weight: 'first.slope' } }, ['network.tie-missing']],
    ['no weights at all', { tanh: { weight: 'first.weight' } }, ['network.tie-weight']],
    ['itself', { second: { weight: 'second.weight' } }, ['network.tie-circle']],
    ['each other', { first: { weight: 'second.weight' } }, ['network.tie-circle', 'network.tie-circle']],
    ['other sizes', { answer: { weight: 'first.weight' } }, ['network.tie-shape']],
    ['a list turned', { second: { bias: 'first.bias^T' } }, ['network.tie-shape']],
  ])('%s', (_, ties, expected) => {
    expect(codes(ties as Record<string, Layer['tied']>)).toMatchObject(expected.map((code) => ({ code })));
  });

  it('counts a shared weight once, and follows ties of ties', () => {
    const { document } = networks.twice!;
    const chained = tieWeight(tieWeight(document, 'answer', 'weight', null), 'first', 'weight', null);
    expect(checkNetwork(chained, { inputShape: [5], target: null, loss: null }).total.parameters).toBe(30 + 12);
  });

  it('refuses places written otherwise', () => {
    const { document } = networks.twice!;
    for (const place of ['first', 'first.weight.more', 'First.weight', 'first.weight^t'])
      expect(networkSchema.safeParse(tieWeight(document, 'second', 'weight', place)).success).toBe(false);
  });
});

describe('editing', () => {
  const { document } = networks['language-model']!;
  const shapes = new Map(Object.entries(checkNetwork(document, { inputShape: [3], target: null, loss: null }).shapes));
  const layers = new Map(document.layers.map((it) => [it.id, it]));

  it('offers the weights that would fit, turned where only that does', () => {
    expect(possibleTies(layers.get('answer')!, 'weight', layers, shapes)).toEqual(['words.weight^T']);
    expect(possibleTies(layers.get('words')!, 'weight', layers, shapes)).toEqual([]);
    expect(possibleTies(layers.get('mix')!, 'bias', layers, shapes)).toEqual([]);
  });

  it('unties by the fix, and when the layer becomes another', () => {
    const answer = (changed: NetworkDocument) => changed.layers.find(({ id }) => id === 'answer');
    const fixed = applyFix(document, { kind: 'untie-weight', layer: 'answer', weight: 'weight' });
    expect(answer(fixed)).not.toHaveProperty('tied');
    expect(answer(replaceKind(document, 'answer', 'relu'))).not.toHaveProperty('tied');
  });
});
