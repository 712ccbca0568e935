import { describe, expect, it, vi } from 'vitest';
import { LabError } from '../../../../shared/errors';
import type { Precision } from '../../../../shared/training/precision';
import type { AnsweringCard } from '../../../../src-main/engine/native';
import type { LabContext } from '../../../../src-main/lab/context';
import type { ChosenDevice } from '../../../../src-main/lab/devices';
import type { Experiment, ExperimentRegistry } from '../../../../src-main/lab/experiment-registry';
import { laneOutputs } from '../../../../src-main/lab/lane-outputs';

const graph = { name: 'weights of this moment', nodes: [], initializers: [], inputs: [], outputs: [] };
const trained = 'cuda:1 (Card), TF32';
const card = { library: 'cards.so', card: 1 };
const answering: AnsweringCard = { ...card, precision: 'tf32' };
const processor = { description: 'cpu (avx2), float32', cards: [] };
const gone = new LabError('device.unavailable', { device: 'cuda:1', reason: 'no-such-card', count: 1 });

interface Answered {
  like?: (description: string, precision: Precision) => Promise<ChosenDevice>;
  outputs?: (device: AnsweringCard | null) => Promise<Float32Array>;
}

async function answered(
  rows: number,
  which: 'last' | 'best',
  {
    like = async (description, precision) => {
      expect({ description, precision }).toEqual({ description: trained, precision: 'tf32' });
      return { description: trained, cards: [card] };
    },
    outputs: compute = async () => Float32Array.of(2),
  }: Answered = {},
) {
  const predict = vi.fn(async () => Float32Array.of(1));
  const outputs = vi.fn((...[, , , device]: [unknown, Float32Array, number, AnsweringCard | null]) => compute(device));
  const close = vi.fn(async () => undefined);
  const devices = { like, processor: async (wanted: Precision) => (expect(wanted).toBe('tf32'), processor) };
  const context = { compute: { outputs, close }, devices } as unknown as LabContext;
  const registry = { laneIndex: () => 0, laneGraph: async () => graph } as unknown as ExperimentRegistry;
  const frozen = { device: trained, precision: 'tf32', settings: { precision: 'tf32' } };
  const experiment = { run: { predict }, frozen, status: { movedTo: [] } } as unknown as Experiment;
  const { computedOn } = await laneOutputs(
    context,
    registry,
    experiment,
    { id: 'lane-1', which },
    new Float32Array(rows),
    rows,
  );
  return { byTheRun: predict.mock.calls.length, byCompute: outputs.mock.calls, computedOn, ended: close.mock.calls };
}

describe('the answers of a running lane', () => {
  it('come from the training process for a picture', async () => {
    const { byTheRun, byCompute, computedOn } = await answered(48 * 48, 'last');
    expect({ byTheRun, byCompute }).toEqual({ byTheRun: 1, byCompute: [] });
    expect(computedOn).toEqual({ device: trained, precision: 'tf32', trained, reason: null });
  });

  it('come from the other process for a whole split, so that the race goes on', async () => {
    const { byTheRun, byCompute, computedOn } = await answered(30_000, 'last');
    expect(byTheRun).toBe(0);
    expect(byCompute).toEqual([[graph, new Float32Array(30_000), 30_000, answering]]);
    expect(computedOn).toEqual({ device: trained, precision: 'tf32', trained, reason: null });
  });

  it('come from the other process for its best weights', async () => {
    expect((await answered(10, 'best')).byTheRun).toBe(0);
  });

  it('come from the processor where the card is gone, and say why', async () => {
    const { byCompute, computedOn } = await answered(10, 'best', { like: () => Promise.reject(gone) });
    expect(byCompute.map(([, , , device]) => device)).toEqual([null]);
    expect(computedOn).toEqual({
      device: processor.description,
      precision: 'float32',
      trained,
      reason: gone.toRecord(),
    });
  });

  it.each([
    ['device.memory', { needed: 2, free: 1, total: 1 }, 0],
    // Nothing more is computed in a process whose card has failed.
    ['device.failed', { call: 'kernel', reason: 'illegal address' }, 1],
    ['engine.call-lost', { call: 'runSession', cause: 'signal', signal: 'SIGSEGV', state: 'ready' }, 0],
  ] as const)('come from the processor after %s, asked once more', async (code, details, ended) => {
    const error = new LabError(code, details);
    const found = await answered(10, 'best', {
      outputs: (device) => (device ? Promise.reject(error) : Promise.resolve(Float32Array.of(3))),
    });
    expect(found.byCompute.map(([, , , device]) => device)).toEqual([answering, null]);
    expect(found.computedOn).toEqual({
      device: processor.description,
      precision: 'float32',
      trained,
      reason: error.toRecord(),
    });
    expect(found.ended).toHaveLength(ended);
  });

  it('fail where that is no fault of a card', async () => {
    const outputs = () => Promise.reject(new LabError('experiment.not-found', { experiment: '1' }));
    await expect(answered(10, 'best', { outputs })).rejects.toMatchObject({ code: 'experiment.not-found' });
  });
});
