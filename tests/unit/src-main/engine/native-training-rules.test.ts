import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { LanePlan, SchedulePlan, TrainPlan } from '../../../../src-main/engine/native';
import type { Graph } from '../../../../shared/network/graph';
import { lossOf, metricsOf } from '../../../../shared/training/evaluate';
import { lossNames, losses } from '../../../../shared/training/losses';
import { fitsMetric, metricNames } from '../../../../shared/training/metrics';
import { hyperparameterOptionals, optimizerNames } from '../../../../shared/training/optimizers';
import { laneParameters } from '../../../../shared/training/parameters';
import { rateAt, scheduleKinds, scheduleSchema } from '../../../../shared/training/schedule';
import { trainingSchema } from '../../../../shared/training/settings';
import {
  difference,
  engine,
  floats,
  golden,
  goldenTensor,
  integers,
  lane,
  network,
  recordsOf,
  smallPlan,
} from './native-fixtures';

const problemSchema = <Run extends z.ZodType>(run: Run) =>
  z.object({ x: goldenTensor, y: goldenTensor, weight: goldenTensor, bias: goldenTensor, runs: z.array(run) });
const steps = z.array(z.object({ loss: z.number(), weight: z.array(z.number()), bias: z.array(z.number()) }));
const settings = z.object({ ...hyperparameterOptionals, learningRate: z.number() });

interface Problem {
  x: z.infer<typeof goldenTensor>;
  y: z.infer<typeof goldenTensor>;
  weight: z.infer<typeof goldenTensor>;
  bias: z.infer<typeof goldenTensor>;
}

/** The linear problem of the generator, in full batches. */
function planOf(file: Problem, lanes: LanePlan[], more: Partial<TrainPlan> = {}): TrainPlan {
  const graph = network([3, 2], '');
  graph.initializers = [
    { name: 'w0', ...floats(file.weight) },
    { name: 'b0', ...floats(file.bias) },
  ];
  const training = { inputs: Float32Array.from(file.x.data), targets: Float32Array.from(file.y.data), count: 10 };
  const rules = { loss: 'mse', validation: null, batchSize: 0, shuffle: false, epochs: 100, metrics: [] } as const;
  return { ...smallPlan(lanes), graph, training, ...rules, metrics: [], ...more };
}

/** The largest difference to the golden run over all its steps. */
async function worstOf(plan: TrainPlan, runs: { steps: z.infer<typeof steps> }[]): Promise<number> {
  const trainer = engine.createTrainer(plan);
  let worst = 0;
  for (let step = 0; step < (runs[0]?.steps.length ?? 0); step++) {
    const report = await trainer.advance({ steps: 1 });
    for (const [k, run] of runs.entries()) {
      const expected = run.steps[step];
      const weights = trainer.weights(k);
      worst = Math.max(
        worst,
        difference([report.batchLoss[k] ?? NaN], [expected?.loss ?? NaN]),
        difference(Array.from(weights.w0?.data ?? [], Number), expected?.weight ?? []),
        difference(Array.from(weights.b0?.data ?? [], Number), expected?.bias ?? []),
      );
    }
  }
  return worst;
}

describe('optimizers against PyTorch', () => {
  const file = golden('optimizers', problemSchema(z.object({ optimizer: z.enum(optimizerNames), settings, steps })));

  it.each(optimizerNames)('%s: every variant for 20 steps, all of them racing side by side', async (optimizer) => {
    const runs = file.runs.filter((run) => run.optimizer === optimizer);
    // Settings as a project has them: defaults come from the table of optimizers.
    const shared = trainingSchema.parse({ optimizer: { name: optimizer } });
    const plan = planOf(
      file,
      runs.map((run) => laneParameters(shared, run.settings)),
      { optimizer },
    );
    expect(runs.length).toBeGreaterThan(0);
    expect(await worstOf(plan, runs)).toBeLessThan(2e-6);
  });

  it('notices another optimizer', async () => {
    const runs = file.runs.filter((run) => run.optimizer === 'adam');
    const plan = planOf(
      file,
      runs.map((run) => lane(run.settings.learningRate, run.settings)),
      { optimizer: 'rmsprop' },
    );
    expect(await worstOf(plan, runs)).toBeGreaterThan(1e-3);
  });
});

describe('clipping and penalties against PyTorch', () => {
  const file = golden('clipping', problemSchema(z.object({ settings, steps })));

  it('take the same 20 steps', async () => {
    const lanes = file.runs.map((run) => lane(run.settings.learningRate, run.settings));
    expect(await worstOf(planOf(file, lanes), file.runs)).toBeLessThan(2e-6);
    const without = lanes.map((item) => ({ ...item, clipNorm: 0, clipValue: 0, l1: 0 }));
    expect(await worstOf(planOf(file, without), file.runs)).toBeGreaterThan(1e-3);
  });

  it('keep the weights into each output unit within the largest norm, biases aside', async () => {
    const plan = planOf(file, [lane(0.3, { maxNorm: 0.25 })]);
    const trainer = engine.createTrainer(plan);
    await trainer.advance({ steps: 30 });
    const { w0, b0 } = trainer.weights(0);
    const weights = Array.from(w0?.data ?? [], Number);
    const norms = [weights.slice(0, 3), weights.slice(3)].map((row) => Math.hypot(...row));
    for (const norm of norms) expect(norm).toBeLessThan(0.25 * (1 + 1e-6));
    expect(Math.max(...norms)).toBeGreaterThan(0.2499);
    expect(Math.hypot(...Array.from(b0?.data ?? [], Number))).toBeGreaterThan(0.25);
  });
});

describe('schedules against PyTorch', () => {
  const cases = golden(
    'schedules',
    z.array(
      z.object({
        settings: scheduleSchema,
        base: z.number(),
        start: z.number(),
        rates: z.array(z.number()),
      }),
    ),
  );
  const graph = (weight: number): Graph => ({
    name: 'one weight',
    nodes: [{ name: 'product', opType: 'Mul', inputs: ['x', 'w'], outputs: ['y'], attributes: {} }],
    initializers: [{ name: 'w', dims: [1], data: Float32Array.of(weight) }],
    inputs: [{ name: 'x', dims: [-1, 1] }],
    outputs: [{ name: 'y', dims: [-1, 1] }],
  });

  it.each(cases.map((item) => [JSON.stringify(item.settings), item] as const))('%s', async (_, item) => {
    const { unit, ...rest } = item.settings;
    expect(unit).toBe('epoch');
    for (const perStep of [false, true]) {
      const schedule: SchedulePlan = { ...rest, perStep };
      const plan: TrainPlan = {
        ...smallPlan([lane(item.base), lane(item.base / 3)]),
        graph: graph(item.start),
        schedule,
        loss: 'absolute',
        training: { inputs: Float32Array.of(1), targets: Float32Array.of(0), count: 1 },
        validation: null,
        epochs: item.rates.length,
        metrics: [],
      };
      const records = recordsOf(await engine.createTrainer(plan).advance({}), plan);
      const ofFirst = records.filter(({ lane: k, epoch }) => k === 0 && epoch > 0);
      const rates = ofFirst.map(({ learningRate }) => learningRate);
      // A rate that ends near 0 is compared with the size it started from.
      expect(difference(rates, item.rates, 1e-3)).toBeLessThan(1e-5);
      if (rest.kind === 'plateau') continue;
      const preview = item.rates.map((_rate, time) => rateAt(item.settings, item.base, time, item.rates.length));
      expect(difference(preview, rates, 1e-3)).toBeLessThan(1e-9);
    }
  });

  it('cover every kind', () => {
    expect(new Set(cases.map((item) => item.settings.kind))).toEqual(new Set(scheduleKinds));
  });
});

describe('losses against PyTorch', () => {
  const cases = golden(
    'losses',
    z.array(
      z.object({
        loss: z.enum(lossNames),
        options: z.object({
          delta: z.number().optional(),
          labelSmoothing: z.number().optional(),
          classWeights: z.array(z.number()).optional(),
          margin: z.number().optional(),
        }),
        output: goldenTensor,
        target: goldenTensor,
        value: z.number(),
        gradient: goldenTensor,
      }),
    ),
  );
  const tolerance = 2e-6;

  it.each(
    cases.map(
      (item) => [`${item.loss} ${Object.keys(item.options).join(' ')} of ${item.output.dims.join('×')}`, item] as const,
    ),
  )('%s', (_, item) => {
    const graph: Graph = {
      name: 'loss',
      nodes: [{ name: 'same', opType: 'Identity', inputs: ['p'], outputs: ['y'], attributes: {} }],
      initializers: [{ name: 'p', ...floats(item.output) }],
      inputs: [{ name: 'x', dims: [-1, 1] }],
      outputs: [{ name: 'y', dims: item.output.dims }],
    };
    const target = losses[item.loss].targets === 'classes' ? integers(item.target) : floats(item.target);
    const x = { x: { dims: [1, 1], data: new Float32Array(1) } };
    for (const precision of ['float32', 'float64'] as const) {
      const report = engine.gradients(graph, x, target, item.loss, { precision, loss: item.options });
      expect(difference([report.loss], [item.value])).toBeLessThan(tolerance);
      const gradient = Array.from(report.gradients.p?.data ?? [], Number);
      expect(difference(gradient, item.gradient.data)).toBeLessThan(tolerance);
    }
    const [count = 0, width = 0] = item.output.dims;
    const answers = { outputs: floats(item.output).data, targets: target.data, count, width };
    expect(difference([lossOf(item.loss, answers, item.options)], [item.value])).toBeLessThan(tolerance);
  });

  it('cover every loss and every option', () => {
    expect(new Set(cases.map(({ loss }) => loss))).toEqual(new Set(lossNames));
    for (const name of lossNames)
      for (const option of losses[name].options)
        expect(cases.some((item) => item.loss === name && item.options[option] !== undefined)).toBe(true);
  });
});

describe('metrics against scikit-learn', () => {
  const cases = golden(
    'metrics',
    z.array(
      z.object({
        loss: z.enum(lossNames),
        columns: z.number(),
        scales: z.array(z.number()).optional(),
        outputs: z.array(z.number()),
        targets: z.array(z.number()),
        metrics: z.partialRecord(z.enum(metricNames), z.number()),
      }),
    ),
  );

  it.each(cases.map((item) => [`${item.loss}, ${item.outputs.length} of ${item.columns}`, item] as const))(
    '%s',
    (_, item) => {
      const { columns: width, loss } = item;
      const outputs = Float32Array.from(item.outputs);
      const count = outputs.length / width;
      const classes = loss === 'cross-entropy';
      const targets = classes ? BigInt64Array.from(item.targets, BigInt) : Float32Array.from(item.targets);
      const names = metricNames.filter(
        (name) => fitsMetric(name, classes, loss) && !(loss === 'bce-logits' && /^(mae|rmse|r2)$/.test(name)),
      );
      const trainer = engine.createTrainer({
        ...smallPlan([lane(0.1)]),
        // The outputs themselves come in; a scale of 1 makes it trainable.
        graph: {
          name: 'as it is',
          nodes: [{ name: 'product', opType: 'Mul', inputs: ['x', 'one'], outputs: ['y'], attributes: {} }],
          initializers: [{ name: 'one', dims: [1], data: Float32Array.of(1) }],
          inputs: [{ name: 'x', dims: [-1, width] }],
          outputs: [{ name: 'y', dims: [-1, width] }],
        },
        loss,
        training: { inputs: outputs, targets, count },
        validation: null,
        metrics: names,
        ...(item.scales ? { targetScales: item.scales } : {}),
      });
      const { metrics } = trainer.evaluate(0, { inputs: outputs, targets, count });
      const ours = metricsOf(names, { outputs, targets, count, width }, { loss, targetScales: item.scales ?? [] });
      expect(new Set(Object.keys(metrics))).toEqual(new Set(Object.keys(item.metrics)));
      for (const [name, expected] of Object.entries(item.metrics)) {
        expect(metrics[name], name).toBeCloseTo(expected, 6);
        expect(ours[name], name).toBeCloseTo(expected, 6);
      }
    },
  );

  it('cover every metric', () => {
    expect(new Set(cases.flatMap((item) => Object.keys(item.metrics)))).toEqual(new Set(metricNames));
  });
});
