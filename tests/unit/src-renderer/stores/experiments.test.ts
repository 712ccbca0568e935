import { createPinia, disposePinia, setActivePinia, type Pinia } from 'pinia';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nextTick, shallowRef } from 'vue';
import type { ExperimentProgress, ExperimentSummary } from '../../../../shared/api/experiments';
import { LabError } from '../../../../shared/errors';
import { useExperimentsStore } from '../../../../src-renderer/stores/experiments';
import { epochPoint, experimentSummary, laneSummary } from '../workspaces/train/summaries';

const host = vi.hoisted(() => ({
  calls: [] as [string, unknown][],
  answers: {} as Record<string, (input: never) => unknown>,
  listeners: new Map<string, (payload: never) => void>(),
}));
const connection = shallowRef('connected');
const project = { project: { id: 'p' } as { id: string } | null, flush: vi.fn(async () => undefined) };

vi.mock('../../../../src-renderer/client', () => ({
  lab: {
    get connection() {
      return connection;
    },
    on: (event: string, listener: (payload: never) => void) => {
      host.listeners.set(event, listener);
      return () => host.listeners.delete(event);
    },
    call: async (name: string, input: never) => {
      host.calls.push([name, input]);
      const answer = host.answers[name];
      return answer ? answer(input) : null;
    },
  },
}));
vi.mock('../../../../src-renderer/stores/project', () => ({ useProjectStore: () => project }));

function progress(
  change: Partial<ExperimentProgress> & { points?: [number, number][]; bestEpoch?: number },
): ExperimentProgress {
  return {
    project: 'p',
    experiment: '001',
    state: 'running',
    step: 60,
    epoch: 6,
    sampleInEpoch: 40,
    samplesPerEpoch: 80,
    samplesPerSecond: 1000,
    secondsLeft: 9,
    lanes: [
      {
        id: 'lane-1',
        state: 'running',
        health: 'improving',
        learningRate: 0.1,
        batchLoss: 0.5,
        divergedAt: null,
        bestEpoch: change.bestEpoch ?? null,
        points: (change.points ?? []).map(([epoch, loss]) => epochPoint(epoch, loss)),
        norms: [{ name: 'linear-1.weight', weight: 2, update: 0.1 }],
      },
    ],
    error: null,
    ...change,
  };
}

const send = (event: string, payload: unknown): void => host.listeners.get(event)?.(payload as never);
const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
  await nextTick();
};

describe('experiments store', () => {
  let stored: ExperimentSummary[];
  let pinia: Pinia;

  afterEach(() => {
    vi.useRealTimers();
    disposePinia(pinia);
  });

  beforeEach(() => {
    pinia = createPinia();
    setActivePinia(pinia);
    connection.value = 'connected';
    host.calls.length = 0;
    stored = [experimentSummary([laneSummary('lane-1')])];
    host.answers = {
      'experiments.list': () => stored,
      'experiments.series': () => [epochPoint(0, 2), epochPoint(1, 1.5), epochPoint(2, 1.2)],
      'experiments.start': () =>
        experimentSummary([laneSummary('lane-1')], { id: '002', createdAt: '2026-01-02T00:00:00.000Z' }),
    };
  });

  it('shows the running experiment with its curves when it comes late', async () => {
    const store = useExperimentsStore();
    await settle();
    expect(store.currentId).toBe('001');
    expect([...store.seriesOf('001').lane('lane-1').epochs]).toEqual([0, 1, 2]);
    expect(store.running).toMatchObject({ state: 'running', epoch: 5, epochs: 100, fraction: 0.05, secondsLeft: null });
  });

  it('shows the speed that the running experiment was slowed down to', async () => {
    stored = [experimentSummary([laneSummary('lane-1')], { epochsPerSecond: 4 })];
    const store = useExperimentsStore();
    await settle();
    expect(store.speed).toBe(4);
  });

  it('applies progress to curves at once and shows it ten times a second', async () => {
    const store = useExperimentsStore();
    await settle();
    vi.useFakeTimers();
    const series = store.seriesOf('001');
    const version = series.version.value;
    send(
      'experiment.progress',
      progress({
        points: [
          [3, 1],
          [4, 0.9],
        ],
        bestEpoch: 4,
      }),
    );
    expect([...series.lane('lane-1').epochs]).toEqual([0, 1, 2, 3, 4]);
    send('experiment.progress', progress({ bestEpoch: 4 }));
    expect(series.version.value).toBe(version);
    vi.advanceTimersByTime(100);
    expect(series.version.value).toBe(version + 1);
    expect(store.current?.lanes[0]).toMatchObject({ bestEpoch: 4, epoch: 4, best: { training: { loss: 0.9 } } });
    expect(store.running).toMatchObject({ epoch: 6, fraction: 0.065, secondsLeft: 9 });
    expect(store.live?.lanes.get('lane-1')?.norms[0]?.weight).toBe(2);
  });

  it('shows a change of state at once', async () => {
    const store = useExperimentsStore();
    await settle();
    send('experiment.progress', progress({ state: 'paused', points: [[3, 1]] }));
    expect(store.running?.state).toBe('paused');
  });

  it('keeps points that stream in while the history is loading', async () => {
    let deliver: (points: unknown) => void = () => undefined;
    host.answers['experiments.series'] = () => new Promise((resolve) => (deliver = resolve));
    const store = useExperimentsStore();
    await settle();
    send('experiment.progress', progress({ points: [[3, 1]] }));
    deliver([epochPoint(0, 2), epochPoint(1, 1.5), epochPoint(2, 1.2), epochPoint(3, 1)]);
    await settle();
    expect([...store.seriesOf('001').lane('lane-1').epochs]).toEqual([0, 1, 2, 3]);
  });

  it('saves the document before it starts, then shows the new run', async () => {
    const store = useExperimentsStore();
    await settle();
    expect(await store.start({ paused: true })).toBe(true);
    expect(project.flush).toHaveBeenCalled();
    expect(host.calls.find(([name]) => name === 'experiments.start')?.[1]).toEqual({ project: 'p', paused: true });
    expect(store.currentId).toBe('002');
    expect(store.list.map((summary) => summary.id)).toEqual(['002', '001']);
  });

  it('keeps the reason of a failed command for the page', async () => {
    const store = useExperimentsStore();
    await settle();
    host.answers['experiments.pause'] = () => {
      throw new LabError('experiment.not-found', { experiment: '001' });
    };
    expect(await store.pause()).toBe(false);
    expect(store.error?.code).toBe('experiment.not-found');
    expect(store.busy).toBe(false);
  });

  it('follows an interruption and forgets what is deleted elsewhere', async () => {
    const store = useExperimentsStore();
    await settle();
    const error = new LabError('engine.died', { cause: 'SIGKILL', epoch: 4 }).toRecord();
    send('experiment.changed', {
      project: 'p',
      experiment: '001',
      summary: { ...stored[0], state: 'interrupted', error },
    });
    expect(store.current).toMatchObject({ state: 'interrupted', error: { code: 'engine.died' } });
    expect(store.running).toBeNull();
    send('experiment.changed', { project: 'p', experiment: '001', summary: null });
    expect(store.list).toEqual([]);
    expect(store.currentId).toBeNull();
  });

  it('ignores other projects and reloads after a lost connection', async () => {
    const store = useExperimentsStore();
    await settle();
    send('experiment.progress', progress({ project: 'other', points: [[9, 9]] }));
    expect(store.seriesOf('001').lane('lane-1').length).toBe(3);
    host.calls.length = 0;
    connection.value = 'lost';
    await settle();
    connection.value = 'connected';
    await settle();
    expect(host.calls.map(([name]) => name)).toEqual(['experiments.list', 'experiments.series']);
  });

  it('takes up a run that was started elsewhere', async () => {
    const store = useExperimentsStore();
    await settle();
    host.answers['experiments.get'] = () =>
      experimentSummary([laneSummary('lane-1')], { id: '009', createdAt: '2026-02-01T00:00:00.000Z' });
    send('experiment.progress', progress({ experiment: '009' }));
    await settle();
    expect(store.list[0]?.id).toBe('009');
  });
});
