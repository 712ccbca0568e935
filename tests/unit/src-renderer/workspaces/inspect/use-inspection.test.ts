import { flushPromises } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it } from 'vitest';
import { effectScope } from 'vue';
import type { InspectRun, InspectSummary } from '../../../../../shared/api/inspect';
import { chain } from '../../../../../shared/network/templates';
import { useProjectStore } from '../../../../../src-renderer/stores/project';
import { useInspection } from '../../../../../src-renderer/workspaces/inspect/use-inspection';
import { answerCalls, openProject } from '../../fake-lab';

const summary = (inspection: string): InspectSummary => ({
  inspection,
  layers: [],
  parameters: 2,
  loss: 'mse',
  learningRate: 0.1,
  plainStep: true,
  optimizer: 'sgd',
  at: { step: 0, epoch: 0 },
  splits: { training: 10, validation: 0, test: 0 },
  inputs: [],
  target: { kind: 'numbers', names: ['y'], offset: [0], scale: [1] },
});
const ran = (loss: number): InspectRun => ({
  loss,
  computedOn: { device: 'cpu (avx2)', precision: 'float32', trained: null, reason: null },
  row: 0,
  output: [0],
  target: [1],
  largest: { value: 1, delta: 1, weight: 1, gradient: 1 },
});

async function opened(run: (index: number) => InspectRun | Promise<InspectRun> = ran) {
  const project = openProject();
  let count = 0;
  answerCalls({
    'projects.open': () => ({
      ...project,
      document: {
        ...project.document,
        network: chain([
          ['input', {}],
          ['linear', { units: 1 }],
          ['output', {}],
        ]),
      },
    }),
    'projects.update': ({ revision }) => ({ revision: revision + 1 }),
    'inspect.open': () => summary(`i${(count += 1)}`),
    'inspect.run': ({ sample }) => run(sample.index),
    'inspect.picture': () => [],
    'inspect.close': () => null,
  });
  const store = useProjectStore();
  await store.open('/projects/test');
  const state = effectScope().run(() => useInspection());
  if (!state) throw new Error('no scope');
  await state.open();
  return { state, store };
}

beforeEach(() => setActivePinia(createPinia()));

describe('the design under the microscope', () => {
  it('is out of date once the design has changed, until it is taken anew', async () => {
    const { state, store } = await opened();
    expect(state.outdated.value).toBe(false);
    store.edit('move', ({ network: { layers } }) => layers[0] && (layers[0].position.x += 50));
    expect(state.outdated.value, 'where a layer stands changes no number').toBe(false);
    store.edit('units', ({ network: { layers } }) => layers[1] && (layers[1].parameters.units = 3));
    expect(state.outdated.value).toBe(true);
    await state.open();
    expect(state.outdated.value).toBe(false);
    expect(state.summary.value?.inspection).toBe('i2');
  });
});

describe('answers', () => {
  it('of an older question never replace those of a newer one', async () => {
    const waiting = new Map<number, (run: InspectRun) => void>();
    const { state } = await opened((index) =>
      index === 0 ? ran(0) : new Promise((resolve) => waiting.set(index, resolve)),
    );
    state.change({ index: 1 });
    state.change({ index: 2 });
    await flushPromises();
    waiting.get(2)?.(ran(2));
    await flushPromises();
    waiting.get(1)?.(ran(1));
    await flushPromises();
    expect(state.run.value?.loss).toBe(2);
    expect(state.busy.value).toBe(false);
  });
});
