import { describe, expect, it } from 'vitest';
import { newWeight } from '../../../shared/inspect/step';
import { precisions } from '../../../shared/training/precision';
import { inspectGoldens } from '../../golden/inspect/networks';
import { inspect, oneStep } from '../../unit/src-main/engine/inspect/golden-inspection';
import { difference, engine } from '../../unit/src-main/engine/native-fixtures';
import { emulatedCard } from '../support/emulated-card';

const card = { library: emulatedCard, card: 0, precision: 'float32' } as const;

describe.runIf(process.platform === 'linux').each(inspectGoldens)('on a card, emulated, $name', (golden) => {
  const { run, whole, inspection } = inspect(golden, card);
  const { loss } = run();

  it.each(precisions)(
    'has the loss and the gradients of a training step there, bit for bit, in %s',
    async (precision) => {
      const rounding = { ...card, precision };
      const inspected = inspect(golden, rounding);
      const step = await oneStep(golden, rounding);
      expect(inspected.run().loss).toBe(step.loss);
      for (const name of Object.keys(golden.weightGradients)) {
        const gradients = inspected.whole({ of: 'weight-gradient', name });
        const weights = inspected
          .whole({ of: 'weight', name })
          .map((weight, index) => newWeight(weight, golden.rate, gradients[index] ?? NaN));
        expect(weights, name).toEqual(step.weights[name]?.data);
      }
      // What is drawn is the same answer.
      const last = inspected.inspection.recordedGraph().nodes.at(-1)?.outputs[0]?.value;
      expect(last).toEqual({ kind: 'numbers', numbers: [step.loss] });
      expect(step.loss === loss).toBe(precision === 'float32');
    },
  );

  it('has the values and the deltas of PyTorch', () => {
    const compare = (of: 'value' | 'value-gradient', wanted: Record<string, { data: number[] }>) => {
      for (const [name, { data }] of Object.entries(wanted))
        if (name !== 'input') expect(difference(whole({ of, name }), data), `${of} ${name}`).toBeLessThan(2e-6);
    };
    compare('value', golden.values);
    compare('value-gradient', golden.valueGradients);
  });

  it('is drawn with the values of the card', () => {
    const graph = inspection.recordedGraph();
    expect(new Set(graph.nodes.map(({ device }) => device))).toEqual(new Set(['cuda:0']));
    const last = graph.nodes.at(-1)?.outputs[0]?.value;
    expect(last).toEqual({ kind: 'numbers', numbers: [loss] });
    for (const { id, outputs } of graph.nodes)
      if (id in golden.weightGradients && outputs[0]?.gradient?.kind === 'numbers')
        expect(outputs[0].gradient.numbers, id).toEqual([...whole({ of: 'weight-gradient', name: id })]);
  });

  it('is checked numerically on the processor', async () => {
    const places = Object.entries(golden.numeric).flatMap(([name, { data }]) =>
      data.map((numeric, index) => ({ name, index, numeric })),
    );
    const checked = await inspection.check(places.map(({ name, index }) => ({ name, index })));
    checked.forEach(({ numeric, analytic }, at) => {
      expect(numeric).toBeCloseTo(places[at]?.numeric ?? NaN, 7);
      expect(analytic).toBeCloseTo(numeric, 5);
    });
  });
});

describe.runIf(process.platform === 'linux')('a card', () => {
  const graph = {
    name: 'sum',
    nodes: [{ name: 'add', opType: 'Add', inputs: ['x', 'w'], outputs: ['y'], attributes: {} }],
    initializers: [{ name: 'w', dims: [2], data: Float32Array.of(1, 2) }],
    inputs: [{ name: 'x', dims: [-1, 2] }],
    outputs: [{ name: 'y', dims: [-1, 2] }],
  };
  const x = { dims: [1, 2], data: Float32Array.of(3, 4) };

  it('keeps a session', () => {
    const session = engine.createSession(graph, { device: card });
    for (const rows of [1, 2, 1]) {
      const data = Float32Array.from({ length: 2 * rows }, (_, i) => i);
      const expected = Array.from(data, (value, i) => value + 1 + (i % 2));
      expect([...(session.run({ x: { dims: [rows, 2], data } }).y?.data ?? [])]).toEqual(expected);
    }
    session.dispose();
    expect(() => session.run({ x })).toThrow(expect.objectContaining({ code: 'session.disposed' }));
  });

  it.each([
    ['float32', [1 + 2 ** -9, 1 + 2 ** -12]],
    ['tf32', [1 + 2 ** -9, 1]],
    ['bf16', [1, 1]],
  ] as const)('multiplies in the precision that is named: %s', (precision, expected) => {
    const { nodes, initializers, ...rest } = graph;
    const product = {
      ...rest,
      nodes: nodes.map((node) => ({ ...node, opType: 'MatMul' })),
      initializers: initializers.map((item) => ({ ...item, dims: [2, 2], data: Float32Array.of(1, 0, 0, 1) })),
    };
    const given = { dims: [1, 2], data: Float32Array.of(1 + 2 ** -9, 1 + 2 ** -12) };
    const { y } = engine.infer(product, { x: given }, { device: { ...card, precision } });
    expect([...(y?.data ?? [])]).toEqual(expected);
  });

  it('refuses double precision, a precision that is none, and a card that is not there', () => {
    const ask = (options: Parameters<typeof engine.gradients>[4]) =>
      engine.gradients(graph, { x }, { dims: [1, 2], data: Float32Array.of(0, 0) }, 'mse', options);
    expect(() => ask({ device: card, precision: 'float64' })).toThrow(
      expect.objectContaining({
        code: 'engine.argument',
        details: expect.objectContaining({ argument: 'options.precision' }),
      }),
    );
    expect(() => ask({ device: { ...card, card: 7 } })).toThrow(
      expect.objectContaining({ code: 'device.unavailable' }),
    );
    expect(() => engine.infer(graph, { x }, { device: { ...card, card: -1 } })).toThrow(
      expect.objectContaining({ code: 'engine.argument' }),
    );
    const float16 = 'float16' as 'float32';
    expect(() => engine.infer(graph, { x }, { device: { ...card, precision: float16 } })).toThrow(
      expect.objectContaining({
        code: 'engine.argument',
        details: { argument: 'options.device.precision', reason: 'one of float32, tf32, bf16 is needed' },
      }),
    );
  });
});
