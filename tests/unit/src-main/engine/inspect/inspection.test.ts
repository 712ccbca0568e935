import { describe, expect, test } from 'vitest';
import { newWeight } from '../../../../../shared/inspect/step';
import { inspectGoldens } from '../../../../golden/inspect/networks';
import { difference, engine } from '../native-fixtures';
import { inspect, oneStep, targetOf } from './golden-inspection';

const tolerance = 2e-6;

describe.each(inspectGoldens)('$name, stage by stage as PyTorch', (golden) => {
  const { run, whole, inspection, layers } = inspect(golden);
  const { loss } = run();

  test('outputs: every u and v', () => {
    expect(loss).toBeCloseTo(golden.error, 6);
    for (const [name, { data }] of Object.entries(golden.values)) {
      if (name === 'input') continue;
      expect(difference(whole({ of: 'value', name }), data), name).toBeLessThan(tolerance);
    }
  });

  test('output deltas and hidden deltas: ∂E/∂ every value', () => {
    for (const [name, { data }] of Object.entries(golden.valueGradients))
      expect(difference(whole({ of: 'value-gradient', name }), data), name).toBeLessThan(tolerance);
    expect(layers.filter(({ role }) => role === 'neurons').length).toBe(2);
  });

  test('corrections: every ∂E/∂w', () => {
    for (const [name, { data }] of Object.entries(golden.weightGradients))
      expect(difference(whole({ of: 'weight-gradient', name }), data), name).toBeLessThan(tolerance);
  });

  test('new weights: those of PyTorch and those of the trainer', async () => {
    const { loss: ofStep, weights: expected } = await oneStep(golden);
    expect(loss).toBe(ofStep);
    for (const [name, { data }] of Object.entries(golden.newWeights)) {
      const gradients = whole({ of: 'weight-gradient', name });
      const weights = whole({ of: 'weight', name }).map((weight, index) =>
        newWeight(weight, golden.rate, gradients[index] ?? NaN),
      );
      expect(difference(weights, data), name).toBeLessThan(tolerance);
      expect(weights, name).toEqual(expected[name]?.data);
    }
  });

  test('numerical gradients in double', async () => {
    const places = Object.entries(golden.numeric).flatMap(([name, { data }]) =>
      data.map((numeric, index) => ({ name, index, numeric })),
    );
    const checked = await inspection.check(places.map(({ name, index }) => ({ name, index })));
    expect(
      difference(
        checked.map(({ numeric }) => numeric),
        places.map(({ numeric }) => numeric),
      ),
    ).toBeLessThan(1e-7);
  });
});

test('a weight set by hand changes what follows and nothing is left of it', () => {
  const golden = inspectGoldens[0];
  if (!golden) throw new Error('no golden');
  const { run, whole, graph } = inspect(golden);
  run();
  const before = whole({ of: 'value', name: 'output' });
  run([{ name: 'linear.weight', index: 0, value: 3 }]);
  expect(whole({ of: 'value', name: 'output' })).not.toEqual(before);
  expect(whole({ of: 'weight', name: 'linear.weight' })[0]).toBe(3);
  expect(graph.initializers.find(({ name }) => name === 'linear.weight')?.data[0]).not.toBe(3);
  run();
  expect(whole({ of: 'value', name: 'output' })).toEqual(before);
});

test('a check that is under way keeps the numbers of its run when another run comes', async () => {
  const golden = inspectGoldens[0];
  if (!golden) throw new Error('no golden');
  const { run, inspection } = inspect(golden);
  const places = Object.entries(golden.weightGradients).flatMap(([name, { data }]) =>
    data.map((expected, index) => ({ name, index, expected })),
  );
  run();
  // Enough of them for many slices of time.
  const asked = Array.from({ length: Math.ceil(4000 / places.length) }, () => places).flat();
  const checking = inspection.check(asked.map(({ name, index }) => ({ name, index })));
  let over = false;
  void checking.then(() => (over = true));
  await new Promise((resolve) => setImmediate(resolve));
  run([{ name: 'linear.weight', index: 0, value: 3 }]);
  expect(over).toBe(false);
  const analytic = (await checking).map((checked) => checked.analytic);
  const expected = asked.map((place) => place.expected);
  expect(difference(analytic, expected)).toBeLessThan(tolerance);
});

test('what if: rate 0 changes nothing, a small one lowers the error, and the loss is that of the new weights', async () => {
  for (const golden of inspectGoldens) {
    const { run, inspection } = inspect(golden);
    const { loss } = run();
    const [none = NaN, small = NaN, step = NaN] = await inspection.whatIf([0, 1e-3, golden.rate]);
    expect(none).toBeCloseTo(loss, 6);
    expect(small).toBeLessThan(none);
    const { graph } = inspect({ ...golden, weights: golden.newWeights });
    const after = engine.gradients(
      graph,
      { input: { dims: golden.input.dims, data: Float32Array.from(golden.input.data) } },
      targetOf(golden),
      golden.loss,
    );
    expect(step).toBeCloseTo(after.loss, 5);
  }
});
