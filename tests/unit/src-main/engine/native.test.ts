import { spawnSync } from 'node:child_process';
import { serialize } from 'node:v8';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../../src-main/engine/package-root';
import type { DataSplit, TrainPlan } from '../../../../src-main/engine/native';
import { engine, lane, network, recordsOf, smallPlan } from './native-fixtures';

const addonPath = join(packageRoot, 'src-native', 'out', 'deltalab.node');

/** The code and details of what `action` throws. */
function failure(action: () => unknown): { code: unknown; details: unknown } {
  try {
    action();
  } catch (error) {
    if (error instanceof Error && 'code' in error && 'details' in error)
      return { code: error.code, details: error.details };
    throw error;
  }
  return { code: 'nothing was thrown', details: null };
}

/** LECTURE L8, made with the engine's own generator in the lecture's order, in float32 like PyTorch. */
function lecturePlan(): TrainPlan {
  const generator = engine.createGenerator(42);
  const x = generator.rand(100);
  const noise = generator.rand(100).map((value) => Math.fround(0.1) * value);
  const y = x.map((value, i) => Math.fround(1 + Math.fround(2 * value)) + (noise[i] ?? 0));
  const index = Array.from(generator.rand(100), (value) => Math.floor(Math.fround(100 * value)));
  expect(index.slice(0, 10)).toEqual([4, 31, 92, 69, 47, 19, 19, 5, 33, 66]);
  expect(Array.from(y.slice(0, 3), (value) => value.toFixed(4))).toEqual(['2.7859', '2.8925', '1.8091']);
  const again = engine.createGenerator(42);
  const a = again.randn(1);
  const b = again.randn(1);
  const rows = (from: number, to: number): DataSplit => ({
    inputs: Float32Array.from(index.slice(from, to), (i) => x[i] ?? NaN),
    targets: Float32Array.from(index.slice(from, to), (i) => y[i] ?? NaN),
    count: to - from,
  });
  const graph = network([1, 1], '');
  graph.initializers = [
    { name: 'w0', dims: [1, 1], data: b },
    { name: 'b0', dims: [1], data: a },
  ];
  return {
    ...smallPlan([lane(0.1)]),
    graph,
    loss: 'mse',
    training: rows(0, 80),
    validation: rows(80, 100),
    batchSize: 0,
    shuffle: false,
    epochs: 1000,
    metrics: [],
  };
}

describe('the native engine', () => {
  it('says what it is', () => {
    const info = engine.info();
    expect(info.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(['baseline', 'generic', 'avx2', 'avx512']).toContain(info.instructionSet);
    expect(info.processors).toBeGreaterThan(0);
  });

  it('lists its operators', () => {
    const cpu = engine.operators().filter(({ device }) => device === 'cpu');
    const names = cpu.map(({ opType }) => opType);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(['Add', 'Conv', 'Gemm', 'MaxPool', 'Softmax']));
    expect(cpu.every(({ backward }) => backward)).toBe(true);
    expect(cpu.find(({ opType }) => opType === 'Reshape')).toMatchObject({ constants: [1], indices: [], running: [] });
    expect(cpu.find(({ opType }) => opType === 'BatchNormalization')).toMatchObject({ running: [3, 4] });
    expect(() => engine.operatorSamples('Quadruple', 1)).toThrow('Quadruple');
  });

  it('reproduces the lecture regression to its digits', async () => {
    const plan = lecturePlan();
    const trainer = engine.createTrainer(plan);
    const start = trainer.weights(0);
    expect([start.b0?.data[0], start.w0?.data[0]].map((v) => Number(v).toFixed(4))).toEqual(['0.3367', '0.1288']);
    const report = await trainer.advance({});
    const end = trainer.weights(0);
    expect([end.b0?.data[0], end.w0?.data[0]].map((v) => Number(v).toFixed(4))).toEqual(['1.0422', '1.9991']);
    const last = recordsOf(report, plan).at(-1);
    expect(last?.epoch).toBe(1000);
    expect(last?.training.loss.toFixed(4)).toBe('0.0007');
    expect(last?.validation?.loss.toFixed(4)).toBe('0.0005');
    expect(report.lanes[0]?.state).toBe('finished');
    trainer.dispose();
  });

  it('gives the same bytes on any number of threads', async () => {
    const run = async (threads: number) => {
      const generator = engine.createGenerator(9);
      const count = 300;
      const training = {
        inputs: generator.rand(count * 100),
        targets: BigInt64Array.from({ length: count }, (_, i) => BigInt(i % 10)),
        count,
      };
      const more = { graph: network([100, 300, 10], 'Tanh'), training, validation: training, batchSize: 128, threads };
      const trainer = engine.createTrainer(
        smallPlan([lane(0.1, { momentum: 0.9 }), lane(0.01)], { ...more, epochs: 2 }),
      );
      const report = await trainer.advance({});
      // As one string: comparing a megabyte element by element takes seconds.
      const result = { state: Buffer.from(trainer.saveState()).toString('base64'), epochs: report.epochs };
      trainer.dispose();
      return result;
    };
    const one = await run(1);
    for (const threads of [2, 5]) {
      const other = await run(threads);
      expect(other.epochs).toEqual(one.epochs);
      expect(other.state === one.state).toBe(true);
    }
  });

  it('trains lane k of eight exactly like the lone run', async () => {
    const rates = [0.001, 0.01, 0.1, 1, 0.5, 0.05, 1e30, 0.3].map((rate, i) =>
      lane(rate, { momentum: i % 2 ? 0.9 : 0 }),
    );
    const race = engine.createTrainer(smallPlan(rates));
    const report = await race.advance({});
    expect(report.lanes[6]?.state).toBe('diverged');
    for (const [k, settings] of rates.entries()) {
      const plan = smallPlan([settings]);
      const alone = engine.createTrainer(plan);
      const lone = await alone.advance({});
      expect(alone.weights(0)).toEqual(race.weights(k));
      expect(alone.bestWeights(0)).toEqual(race.bestWeights(k));
      const ofLane = recordsOf(report, plan).filter((record) => record.lane === k);
      expect(recordsOf(lone, plan)).toEqual(ofLane.map((record) => ({ ...record, lane: 0 })));
      expect(lone.lanes[0]).toEqual(report.lanes[k]);
    }
    expect(race.weights(0)).not.toEqual(race.weights(1));
  });

  it('goes on from a saved state bit for bit', async () => {
    const plan = smallPlan([lane(0.1, { momentum: 0.9 }), lane(0.01)]);
    const whole = engine.createTrainer(plan);
    await whole.advance({});
    const first = engine.createTrainer(plan);
    await first.advance({ steps: 10 });
    const second = engine.createTrainer(plan);
    second.loadState(first.saveState());
    expect(second.progress()).toEqual({ step: 10 });
    await second.advance({});
    expect(second.saveState()).toEqual(whole.saveState());
    const other = engine.createTrainer(smallPlan([lane(0.1)]));
    expect(failure(() => other.loadState(first.saveState())).code).toBe('state.mismatch');
    expect(failure(() => other.loadState(new Uint8Array(3))).code).toBe('state.mismatch');
  });

  it('reports epochs, limits and lanes as the contract says', async () => {
    const plan = smallPlan([lane(0.1), lane(0.2)]);
    const trainer = engine.createTrainer(plan);
    expect(trainer.bestWeights(0)).toBeNull();
    const start = await trainer.advance({ steps: 0 });
    expect(start).toMatchObject({ reason: 'steps', step: 0, epoch: 0, sampleInEpoch: 0, samplesPerEpoch: 50 });
    const [first, second] = recordsOf(start, plan);
    expect([first, second].map((record) => [record?.lane, record?.epoch])).toEqual([
      [0, 0],
      [1, 0],
    ]);
    expect(first?.training).toEqual(second?.training);
    expect(first?.training).toEqual(trainer.evaluate(0, plan.training));
    expect(start.batchLoss).toEqual([NaN, NaN]);

    const step = await trainer.advance({ steps: 3 });
    expect(step).toMatchObject({ reason: 'steps', step: 3, sampleInEpoch: 24, epochs: new Float64Array() });
    expect(step.batchLoss.every(Number.isFinite)).toBe(true);
    trainer.setLearningRate(0, 0.05);
    trainer.stopLane(1);
    const epoch = await trainer.advance({ epochs: 1 });
    expect(epoch).toMatchObject({ reason: 'epochs', step: 7, epoch: 1, sampleInEpoch: 0 });
    const records = recordsOf(epoch, plan);
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({ lane: 0, epoch: 1, step: 7, learningRate: 0.05 });
    expect(records[0]?.validation).toEqual(trainer.evaluate(0, plan.validation ?? fail()));
    expect(epoch.batchLoss[1]).toBeNaN();
    expect(epoch.lanes[0]).toMatchObject({ state: 'running', learningRate: 0.05, step: null, bestEpoch: 1 });
    expect(epoch.lanes[1]).toMatchObject({ state: 'stopped', step: 3, epoch: 1, cause: null, loss: null });
    expect(trainer.norms(0).map(({ name }) => name)).toEqual(['w0', 'b0', 'w1', 'b1']);
    expect((await trainer.advance({})).reason).toBe('finished');
  });

  it('is busy while it trains, can be interrupted, and is gone once disposed of', async () => {
    const plan = smallPlan([lane(0.001)], { epochs: 1e9, validation: null });
    const trainer = engine.createTrainer(plan);
    const running = trainer.advance({});
    for (const call of [
      () => trainer.weights(0),
      () => trainer.saveState(),
      () => trainer.setLearningRate(0, 1),
      () => trainer.predict(0, new Float32Array(4), 1),
      () => trainer.advance({}),
    ])
      expect(failure(call).code).toBe('trainer.busy');
    await expect.poll(() => trainer.progress().step).toBeGreaterThan(0);
    trainer.interrupt();
    expect((await running).reason).toBe('interrupted');
    expect((await trainer.advance({ milliseconds: 20 })).reason).toBe('time');

    const lost = trainer.advance({});
    trainer.dispose();
    await expect(lost).rejects.toMatchObject({ code: 'trainer.disposed' });
    expect(failure(() => trainer.progress()).code).toBe('trainer.disposed');
    trainer.dispose();
  });

  it('lets its process end in the middle of a training', () => {
    const plan = smallPlan([lane(0.001)], { epochs: 1e9 });
    const script = `
      const { deserialize } = require('node:v8');
      const engine = require(process.argv[1]);
      const trainer = engine.createTrainer(deserialize(Buffer.from(process.argv[2], 'base64')));
      trainer.advance({});
      setTimeout(() => process.exit(trainer.progress().step > 0 ? 7 : 1), 100);`;
    const argument = serialize(plan).toString('base64');
    const result = spawnSync(process.execPath, ['-e', script, addonPath, argument], { encoding: 'utf8' });
    expect({ status: result.status, signal: result.signal, stderr: result.stderr }).toEqual({
      status: 7,
      signal: null,
      stderr: '',
    });
  });

  it('names what is wrong with a plan', () => {
    const broken = (change: (plan: TrainPlan) => void) => {
      const plan = smallPlan([lane(0.1)]);
      change(plan);
      return failure(() => engine.createTrainer(plan));
    };
    expect(broken((plan) => (plan.graph.nodes[1] = { ...plan.graph.nodes[1]!, opType: 'Swish' }))).toEqual({
      code: 'graph.operator',
      details: { node: 'act0', operator: 'Swish' },
    });
    expect(
      broken((plan) => (plan.graph.nodes[0] = { ...plan.graph.nodes[0]!, inputs: ['v0', 'w0', 'b0'] })),
    ).toMatchObject({
      code: 'graph.cycle',
      details: { layers: expect.arrayContaining(['linear0', 'act0']) },
    });
    expect(broken((plan) => (plan.graph.inputs[0] = { name: 'x', dims: [-1, 5] }))).toMatchObject({
      code: 'graph.shape',
      details: { node: 'linear0' },
    });
    expect(broken((plan) => (plan.training.targets = new Float32Array(50)))).toMatchObject({ code: 'plan.data' });
    expect(broken((plan) => (plan.metrics = ['r2']))).toMatchObject({ code: 'plan.metric' });
    expect(broken((plan) => (plan.lanes = [lane(NaN)]))).toMatchObject({
      code: 'plan.setting',
      details: { setting: 'learningRate' },
    });
    expect(broken((plan) => Object.assign(plan, { batchSize: '8' }))).toMatchObject({
      code: 'engine.argument',
      details: { argument: 'plan.batchSize' },
    });
    expect(failure(() => engine.infer(network([4, 3], ''), {})).code).toBe('graph.input');
    const wrong = { x: { dims: [2, 5], data: new Float32Array(10) } };
    expect(failure(() => engine.infer(network([4, 3], ''), wrong))).toMatchObject({ details: { input: 'x' } });
  });

  it('predicts what inference gives with the exported weights', async () => {
    const trainer = engine.createTrainer(smallPlan([lane(0.1), lane(0.5)]));
    await trainer.advance({});
    const inputs = engine.createGenerator(6).rand(700 * 4);
    const graph = network([4, 8, 3], 'Relu');
    const weights = trainer.weights(1);
    graph.initializers = graph.initializers.map((item) => ({ ...item, ...weights[item.name] }));
    const [output] = Object.values(engine.infer(graph, { x: { dims: [700, 4], data: inputs } }, { threads: 2 }));
    expect(output?.dims).toEqual([700, 3]);
    expect(output?.data).toEqual(trainer.predict(1, inputs, 700));
  });

  it('writes gradients into arrays of an earlier answer where they fit', () => {
    const graph = network([3, 2], '');
    const x = { dims: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
    const target = { dims: [2, 2], data: Float32Array.of(1, 0, 0, 1) };
    const input = { [graph.inputs[0]?.name ?? '']: x };
    const first = engine.gradients(graph, input, target, 'mse').gradients;
    const kept = Object.fromEntries(Object.entries(first).map(([name, { data }]) => [name, data.slice()]));
    const names = Object.keys(first);
    const short = { ...first, [names[0] ?? '']: { dims: [1], data: Float32Array.of(7) } };
    const other = { ...target, data: Float32Array.of(5, 5, 5, 5) };
    const second = engine.gradients(graph, input, other, 'mse', { into: short }).gradients;
    expect(names).toHaveLength(2);
    expect(second[names[1] ?? '']?.data).toBe(first[names[1] ?? '']?.data);
    expect(second[names[0] ?? '']?.data).not.toBe(first[names[0] ?? '']?.data);
    expect(first[names[0] ?? '']?.data).toEqual(kept[names[0] ?? '']);
    const alone = engine.gradients(graph, input, other, 'mse').gradients;
    for (const name of names) expect(second[name]).toEqual(alone[name]);
    expect(failure(() => engine.gradients(graph, input, target, 'mse', { into: 1 as never })).code).toBe(
      'engine.argument',
    );
  });

  it('runs a session as often as wanted, for any shapes in turns, to the bits of a single run', () => {
    const graph = network([4, 8, 3], 'Relu');
    const session = engine.createSession(graph, { threads: 2 });
    // More shapes than are kept, larger ones after smaller ones, and some again.
    for (const count of [1, 700, 3, 1, 64, 5, 2000, 1, 700, 6, 3]) {
      const inputs = { x: { dims: [count, 4], data: engine.createGenerator(count).rand(count * 4) } };
      expect(session.run(inputs)).toEqual(engine.infer(graph, inputs));
    }
    expect(failure(() => session.run({})).code).toBe('graph.input');
    session.dispose();
    expect(failure(() => session.run({})).code).toBe('session.disposed');
  });
});

function fail(): never {
  throw new Error('the plan has validation data');
}
