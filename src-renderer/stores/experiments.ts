import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import type { ExperimentProgress, ExperimentSummary } from '../../shared/api/experiments';
import { type LabError, toLabError } from '../../shared/errors';
import { lab } from '../client';
import { SeriesStore, type ExperimentSeries } from '../series/series-store';
import { withProgress, liveOf, type LiveRun } from './experiment-progress';
import { useProjectStore } from './project';

export type StepUnit = 'sample' | 'batch' | 'epoch';

/** Milliseconds between two looks at a running experiment. */
const showEvery = 100;

const active: ReadonlySet<ExperimentSummary['state']> = new Set(['starting', 'running', 'paused']);

export function isActive(summary: ExperimentSummary): boolean {
  return active.has(summary.state);
}

export const useExperimentsStore = defineStore('experiments', () => {
  const project = useProjectStore();
  const seriesStore = new SeriesStore();

  /** Newest first. Replaced, never changed in place. */
  const list = shallowRef<ExperimentSummary[]>([]);
  const currentId = ref<string | null>(null);
  /** What only a running experiment has: speed, time left, norms. By experiment. */
  const live = shallowRef<LiveRun | null>(null);
  const loading = ref(false);
  /** A command is on its way; its button waits. */
  const busy = ref(false);
  /** Why the last command failed. */
  const error = shallowRef<LabError | null>(null);
  /** Epochs a second, null is full speed. */
  const speed = ref<number | null>(null);

  const projectId = computed(() => project.project?.id ?? null);
  const current = computed(() => list.value.find((entry) => entry.id === currentId.value) ?? null);
  const activeExperiment = computed(() => list.value.find(isActive) ?? null);

  const running = computed(() => {
    const summary = activeExperiment.value;
    if (!summary) return null;
    const epochs = summary.settings.epochs;
    const inEpoch = live.value?.experiment === summary.id ? live.value.fractionOfEpoch : 0;
    return {
      experiment: summary.id,
      state: summary.state,
      epoch: summary.epoch,
      epochs,
      fraction: Math.min(1, (summary.epoch + inEpoch) / epochs),
      secondsLeft: live.value?.experiment === summary.id ? live.value.secondsLeft : null,
    };
  });

  /** The curves of an experiment; empty until `open` has loaded them. */
  function seriesOf(experiment: string): ExperimentSeries {
    return seriesStore.of(experiment);
  }

  function replace(summary: ExperimentSummary): void {
    const others = list.value.filter((entry) => entry.id !== summary.id);
    list.value = [summary, ...others].sort((a, b) => b.createdAt.localeCompare(a.createdAt) || (a.id < b.id ? 1 : -1));
  }

  /** Fetches what this page does not have yet: all of a past run, or what streamed by before it looked. */
  async function loadSeries(summary: ExperimentSummary): Promise<void> {
    const owner = projectId.value;
    if (!owner) return;
    const series = seriesStore.of(summary.id);
    await Promise.all(
      summary.lanes.map(async ({ id }) => {
        const points = await lab.call('experiments.series', { project: owner, experiment: summary.id, lane: id });
        series.lane(id).load(points);
      }),
    );
    series.changed();
  }

  /** Fails into `error`, where the page shows it; true when it went through. */
  async function attempt(work: () => Promise<void>): Promise<boolean> {
    busy.value = true;
    error.value = null;
    try {
      await work();
      return true;
    } catch (cause) {
      error.value = toLabError(cause);
      return false;
    } finally {
      busy.value = false;
    }
  }

  async function open(experiment: string): Promise<void> {
    currentId.value = experiment;
    const summary = list.value.find((entry) => entry.id === experiment);
    if (summary && !seriesStore.has(experiment)) await attempt(() => loadSeries(summary));
  }

  /** Reads everything anew: after opening a project, and after the connection was lost. */
  async function reload(): Promise<void> {
    const owner = projectId.value;
    if (!owner) return;
    loading.value = true;
    const ok = await attempt(async () => {
      const summaries = await lab.call('experiments.list', { project: owner });
      if (projectId.value !== owner) return;
      list.value = [...summaries].sort((a, b) => b.createdAt.localeCompare(a.createdAt));
      if (activeExperiment.value) speed.value = activeExperiment.value.epochsPerSecond;
      const shown = current.value ?? activeExperiment.value ?? list.value[0] ?? null;
      currentId.value = shown?.id ?? null;
      if (shown) await loadSeries(shown);
    });
    loading.value = false;
    if (!ok && projectId.value !== owner) error.value = null;
  }

  /** Brought up to date by messages that the page has not shown yet. */
  let unseen: { summary: ExperimentSummary; live: LiveRun } | null = null;
  let showTimer: ReturnType<typeof setTimeout> | null = null;

  /** Curves take every message at once; the page looks again ten times a second, and at once when the state changes. */
  function applyProgress(progress: ExperimentProgress): void {
    if (progress.project !== projectId.value) return;
    const known =
      unseen?.summary.id === progress.experiment
        ? unseen.summary
        : list.value.find((entry) => entry.id === progress.experiment);
    if (!known) {
      void adopt(progress.experiment);
      return;
    }
    if (seriesStore.has(progress.experiment)) {
      const series = seriesStore.of(progress.experiment);
      for (const lane of progress.lanes) series.lane(lane.id).append(lane.points);
    }
    if (unseen && unseen.summary.id !== progress.experiment) show();
    unseen = { summary: withProgress(known, progress), live: liveOf(progress) };
    if (progress.state !== known.state || progress.state !== 'running') show();
    else showTimer ??= setTimeout(show, showEvery);
  }

  function show(): void {
    if (showTimer !== null) clearTimeout(showTimer);
    showTimer = null;
    if (!unseen) return;
    const { summary, live: latest } = unseen;
    unseen = null;
    live.value = latest;
    list.value = list.value.map((entry) => (entry.id === summary.id ? summary : entry));
    if (seriesStore.has(summary.id)) seriesStore.of(summary.id).changed();
  }

  /** An experiment this page has not heard of: started through another door or another window. */
  async function adopt(experiment: string): Promise<void> {
    const owner = projectId.value;
    if (!owner || adopting.has(experiment)) return;
    adopting.add(experiment);
    await attempt(async () => {
      replace(await lab.call('experiments.get', { project: owner, experiment }));
    });
    adopting.delete(experiment);
  }
  const adopting = new Set<string>();

  function applyChanged(change: { project: string; experiment: string; summary: ExperimentSummary | null }): void {
    if (change.project !== projectId.value) return;
    show();
    if (change.summary) replace(change.summary);
    else drop(change.experiment);
  }

  function drop(experiment: string): void {
    list.value = list.value.filter((entry) => entry.id !== experiment);
    seriesStore.forget(experiment);
    if (currentId.value === experiment) {
      currentId.value = null;
      const next = list.value[0];
      if (next) void open(next.id);
    }
  }

  function begin(summary: ExperimentSummary): void {
    seriesStore.of(summary.id);
    replace(summary);
    currentId.value = summary.id;
  }

  async function start(options: { paused?: boolean } = {}): Promise<boolean> {
    const owner = projectId.value;
    if (!owner) return false;
    return attempt(async () => {
      await project.flush();
      const paused = options.paused ?? false;
      const summary = await lab.call('experiments.start', { project: owner, paused: paused || speed.value !== null });
      begin(summary);
      if (!paused) await letGo(owner, summary.id);
      await loadSeries(summary);
    });
  }

  async function continueWith(experiment: string, lane: string, which: 'last' | 'best'): Promise<boolean> {
    const owner = projectId.value;
    if (!owner) return false;
    return attempt(async () => {
      await project.flush();
      const paused = speed.value !== null;
      const summary = await lab.call('experiments.continueWith', { project: owner, experiment, lane, which, paused });
      begin(summary);
      await letGo(owner, summary.id);
      await loadSeries(summary);
    });
  }

  /** A slowed run was started paused: at full speed a small one could be over before its speed arrives. */
  async function letGo(owner: string, experiment: string): Promise<void> {
    if (speed.value === null) return;
    await applySpeed(owner, experiment);
    await lab.call('experiments.resume', { project: owner, experiment });
  }

  async function applySpeed(owner: string, experiment: string): Promise<void> {
    await lab.call('experiments.setSpeed', { project: owner, experiment, epochsPerSecond: speed.value });
  }

  /** For the commands that need a project, an experiment and nothing else. */
  function command(name: 'experiments.pause' | 'experiments.resume' | 'experiments.stop') {
    return async (experiment = activeExperiment.value?.id ?? currentId.value): Promise<boolean> => {
      const owner = projectId.value;
      if (!owner || !experiment) return false;
      return attempt(async () => {
        await lab.call(name, { project: owner, experiment });
        // A run that comes back from a checkpoint has a new engine, which knows of no speed.
        if (name === 'experiments.resume' && speed.value !== null) await applySpeed(owner, experiment);
      });
    };
  }

  /** From its last checkpoint, wherever it was before. */
  async function resumeOnCpu(experiment: string): Promise<boolean> {
    const owner = projectId.value;
    if (!owner) return false;
    return attempt(async () => {
      await lab.call('experiments.resume', { project: owner, experiment, device: 'cpu' });
      if (speed.value !== null) await applySpeed(owner, experiment);
    });
  }

  async function step(unit: StepUnit, count = 1): Promise<boolean> {
    const owner = projectId.value;
    const experiment = activeExperiment.value;
    if (!owner || !experiment) return false;
    return attempt(async () => {
      await lab.call('experiments.step', { project: owner, experiment: experiment.id, unit, count });
    });
  }

  async function setLearningRate(experiment: string, lane: string, learningRate: number): Promise<boolean> {
    const owner = projectId.value;
    if (!owner) return false;
    return attempt(async () => {
      await lab.call('experiments.setLearningRate', { project: owner, experiment, lane, learningRate });
    });
  }

  async function setSpeed(epochsPerSecond: number | null): Promise<void> {
    speed.value = epochsPerSecond;
    const owner = projectId.value;
    const experiment = activeExperiment.value;
    if (owner && experiment) await attempt(() => applySpeed(owner, experiment.id));
  }

  async function setNote(experiment: string, note: string): Promise<boolean> {
    const owner = projectId.value;
    if (!owner) return false;
    return attempt(async () => {
      await lab.call('experiments.setNote', { project: owner, experiment, note });
      const summary = list.value.find((entry) => entry.id === experiment);
      if (summary) replace({ ...summary, note });
    });
  }

  async function remove(experiment: string): Promise<boolean> {
    const owner = projectId.value;
    if (!owner) return false;
    return attempt(async () => {
      await lab.call('experiments.remove', { project: owner, experiment });
      drop(experiment);
    });
  }

  lab.on('experiment.progress', applyProgress);
  lab.on('experiment.changed', applyChanged);

  watch(lab.connection, (now, before) => {
    if (now === 'connected' && before === 'lost') void reload();
  });

  watch(
    projectId,
    () => {
      unseen = null;
      list.value = [];
      currentId.value = null;
      live.value = null;
      error.value = null;
      speed.value = null;
      seriesStore.clear();
      void reload();
    },
    { immediate: true },
  );

  return {
    list,
    currentId,
    current,
    activeExperiment,
    running,
    live,
    loading,
    busy,
    error,
    speed,
    seriesOf,
    open,
    reload,
    start,
    continueWith,
    pause: command('experiments.pause'),
    resume: command('experiments.resume'),
    resumeOnCpu,
    stop: command('experiments.stop'),
    step,
    setLearningRate,
    setSpeed,
    setNote,
    remove,
  };
});
