import { describe, expect, test } from 'vitest';
import { compileNetwork } from '../../../../../shared/network/compile';
import type { Graph } from '../../../../../shared/network/graph';
import type { RecordedGraph, RecordedNode, RecordedValue } from '../../../../../shared/recorded-graph/recorded-graph';
import { parallelSets } from '../../../../../shared/recorded-graph/order';
import { losses } from '../../../../../shared/training/losses';
import { recordNetwork } from '../../../../../src-main/engine/inspect/recorded-graph';
import { goldenGraph, inspectGoldens } from '../../../../golden/inspect/networks';
import { layer, network, sequence } from '../../../shared/network/builders';
import { difference, engine } from '../native-fixtures';

const numbers = (summary: RecordedValue['value'] | undefined): number[] =>
  summary?.kind === 'numbers' ? summary.numbers : [];

const nodeOf = (graph: RecordedGraph, id: string): RecordedNode => {
  const found = graph.nodes.find((node) => node.id === id);
  if (!found) throw new Error(`no node ${id}`);
  return found;
};

function recordRandom(graph: Graph): RecordedGraph {
  const dims = (graph.inputs[0]?.dims ?? []).map((size) => Math.max(1, size));
  const count = dims.reduce((product, size) => product * size, 1);
  const answer = (graph.outputs[0]?.dims ?? []).map((size) => Math.max(1, size));
  return recordNetwork(engine, {
    graph,
    sample: { input: { dims, data: Float32Array.from({ length: count }, (_, i) => Math.sin(i + 1)) } },
    target: { dims: answer, data: new Float32Array(answer.reduce((product, size) => product * size, 1)) },
    loss: 'mse',
    lossOptions: {},
    device: null,
  });
}

describe.each(inspectGoldens)('$name, as PyTorch computes it', (golden) => {
  const { dims, data } = golden.target;
  const classes = losses[golden.loss].targets === 'classes';
  const graph = recordNetwork(engine, {
    graph: goldenGraph(golden),
    sample: { input: { dims: golden.input.dims, data: Float32Array.from(golden.input.data) } },
    target: { dims, data: classes ? BigInt64Array.from(data, BigInt) : Float32Array.from(data) },
    loss: golden.loss,
    lossOptions: {},
    device: null,
  });
  const known = [...graph.nodes.entries()];

  test('ends in the loss', () => {
    const last = graph.nodes.at(-1);
    expect(last).toMatchObject({ operator: golden.loss, result: true, outputs: [{ names: ['E'], shape: [] }] });
    expect(numbers(last?.outputs[0]?.value)[0]).toBeCloseTo(golden.error, 6);
  });

  test('every value and its gradient', () => {
    const source = goldenGraph(golden);
    const operators = source.nodes.filter(({ outputs: [name = ''] }) => name in golden.values);
    expect(operators.length).toBeGreaterThan(2);
    for (const { name, outputs } of operators) {
      const [value] = nodeOf(graph, name).outputs;
      const [wanted, gradient] = [golden.values, golden.valueGradients].map((table) => table[outputs[0] ?? '']);
      expect(value?.shape).toEqual(wanted?.dims);
      if (value?.value?.kind === 'numbers')
        expect(difference(numbers(value.value), wanted?.data ?? [])).toBeLessThan(2e-6);
      if (value?.gradient?.kind === 'numbers')
        expect(difference(numbers(value.gradient), gradient?.data ?? [])).toBeLessThan(2e-6);
    }
  });

  test('every weight is a leaf of its layer, with its gradient', () => {
    for (const [name, { dims: shape, data: wanted }] of Object.entries(golden.weightGradients)) {
      const node = nodeOf(graph, name);
      const [group, own] = name.split('.');
      expect(node).toMatchObject({ kind: 'leaf', group, requiresGrad: true, outputs: [{ names: [own], shape }] });
      const [value] = node.outputs;
      if (value?.gradient?.kind === 'numbers') expect(difference(numbers(value.gradient), wanted)).toBeLessThan(2e-6);
    }
  });

  test('every node stands behind those it reads', () => {
    const places = new Map(known.map(([place, { id }]) => [id, place]));
    for (const { from, to } of graph.edges) expect(places.get(from)).toBeLessThan(places.get(to) ?? -1);
  });
});

test('a value with two readers: what comes back through each adds up to its gradient', () => {
  const document = network(
    [
      layer('input'),
      layer('first', 'linear', { units: 3 }),
      layer('left', 'tanh'),
      layer('right', 'sigmoid'),
      layer('sum', 'add'),
      layer('output'),
    ],
    'input>first first>left first>right left>sum right>sum.1 sum>output',
  );
  const graph = recordRandom(compileNetwork(document, { inputShape: [2], seed: 1 }));
  const parts = graph.edges.filter(({ from }) => from === 'first').map(({ gradient }) => numbers(gradient));
  const whole = numbers(nodeOf(graph, 'first').outputs[0]?.gradient);
  expect(parts).toHaveLength(2);
  whole.forEach((value, i) => expect((parts[0]?.[i] ?? 0) + (parts[1]?.[i] ?? 0)).toBeCloseTo(value, 6));
  expect(parallelSets(graph)).toContainEqual(['left', 'right']);
});

test('a frozen layer is a constant, and no gradient goes behind it', () => {
  const document = sequence('input linear:3 relu linear:1 output');
  const [, first] = document.layers;
  const frozen = {
    ...document,
    layers: document.layers.map((one) => (one === first ? { ...one, frozen: true } : one)),
  };
  const graph = recordRandom(compileNetwork(frozen, { inputShape: [2], seed: 1 }));
  const reached = graph.nodes.filter(({ requiresGrad }) => requiresGrad).map(({ id }) => id);
  expect(reached).toEqual(['linear-2.weight', 'linear-2.bias', 'linear-2', '#loss']);
  expect(nodeOf(graph, 'linear.weight')).toMatchObject({ kind: 'constant', outputs: [{ gradient: null }] });
  expect(nodeOf(graph, 'linear').outputs[0]?.gradient).toBeNull();
});

test.each(['lstm', 'gru', 'attention', 'conv1d'])('a layer of many operators: %s', (kind) => {
  const document = network([layer('input'), layer('it', kind), layer('output')], 'input>it it>output');
  const graph = recordRandom(compileNetwork(document, { inputShape: [4, 8], seed: 3 }));
  const inside = graph.nodes.filter(({ group }) => group === 'it');
  expect(inside.length).toBeGreaterThan(2);
  for (const { id, requiresGrad, outputs } of inside.filter(({ kind: own }) => own === 'operator')) {
    expect(outputs[0]?.value, id).not.toBeNull();
    if (requiresGrad) expect(outputs[0]?.gradient, id).not.toBeNull();
  }
});
