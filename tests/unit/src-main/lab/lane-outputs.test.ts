import { describe, expect, it, vi } from 'vitest';
import type { LabContext } from '../../../../src-main/lab/context';
import type { Experiment, ExperimentRegistry } from '../../../../src-main/lab/experiment-registry';
import { laneOutputs } from '../../../../src-main/lab/lane-outputs';

const graph = { name: 'weights of this moment', nodes: [], initializers: [], inputs: [], outputs: [] };

async function answered(rows: number, which: 'last' | 'best') {
  const predict = vi.fn(async () => Float32Array.of(1));
  const outputs = vi.fn(async () => Float32Array.of(2));
  const context = { compute: { outputs } } as unknown as LabContext;
  const registry = { laneIndex: () => 0, laneGraph: async () => graph } as unknown as ExperimentRegistry;
  const experiment = { run: { predict } } as unknown as Experiment;
  await laneOutputs(context, registry, experiment, { id: 'lane-1', which }, new Float32Array(rows), rows);
  return { byTheRun: predict.mock.calls.length, byCompute: outputs.mock.calls };
}

describe('the answers of a running lane', () => {
  it('come from the training process for a picture', async () => {
    expect(await answered(48 * 48, 'last')).toEqual({ byTheRun: 1, byCompute: [] });
  });

  it('come from the other process for a whole split, so that the race goes on', async () => {
    const { byTheRun, byCompute } = await answered(30_000, 'last');
    expect(byTheRun).toBe(0);
    expect(byCompute).toEqual([[graph, new Float32Array(30_000), 30_000]]);
  });

  it('come from the other process for its best weights', async () => {
    expect((await answered(10, 'best')).byTheRun).toBe(0);
  });
});
