import { useDocumentVisibility } from '@vueuse/core';
import { computed, onActivated, onDeactivated, onScopeDispose, ref, shallowRef, watch, type ShallowRef } from 'vue';
import type { DataPoints } from '../../../../shared/api/data';
import type { LaneView } from '../../../../shared/api/experiments';
import { type LabError, toLabError } from '../../../../shared/errors';
import { lab } from '../../../client';
import { useDataStore } from '../../../stores/data';
import { isActive, useExperimentsStore } from '../../../stores/experiments';
import { useProjectStore } from '../../../stores/project';

/** At most four pictures a second; slower when the host needs longer. */
const interval = 250;

export interface LaneViews {
  view: ShallowRef<LaneView | null>;
  points: ShallowRef<DataPoints | null>;
  error: ShallowRef<LabError | null>;
}

/** What the lanes in sight have learnt, asked for while they run and once whenever they stand still somewhere new. */
export function useLaneView(visible: () => readonly string[]): LaneViews {
  const experiments = useExperimentsStore();
  const project = useProjectStore();
  const data = useDataStore();
  const visibility = useDocumentVisibility();
  const view = shallowRef<LaneView | null>(null);
  const points = shallowRef<DataPoints | null>(null);
  const error = shallowRef<LabError | null>(null);

  const shown = ref(true);
  onActivated(() => (shown.value = true));
  onDeactivated(() => (shown.value = false));

  /** Another place in training, or other lanes in sight: the picture is out of date. */
  const wanted = computed(() => {
    const race = experiments.current;
    const lanes = visible();
    if (!project.project || !race || lanes.length === 0 || !shown.value || visibility.value === 'hidden') return null;
    return {
      project: project.project.id,
      experiment: race.id,
      lanes,
      key: `${race.id} ${race.step} ${race.state} ${lanes.join()}`,
    };
  });

  let asked = '';
  let timer: ReturnType<typeof setTimeout> | null = null;
  let ended = false;

  async function ask(): Promise<void> {
    const now = wanted.value;
    if (ended || timer !== null || !now || now.key === asked) return;
    asked = now.key;
    timer = setTimeout(done, interval);
    try {
      const answer = await lab.call('experiments.view', {
        project: now.project,
        experiment: now.experiment,
        lanes: [...now.lanes],
      });
      if (experiments.currentId === now.experiment) view.value = answer;
      error.value = null;
    } catch (cause) {
      // While a run starts or ends there is a moment without weights; the next picture comes by itself.
      const race = experiments.current;
      if (race && !isActive(race)) error.value = toLabError(cause);
    }
  }

  function done(): void {
    timer = null;
    void ask();
  }

  watch(wanted, () => void ask(), { immediate: true });
  watch(
    () => experiments.currentId,
    () => {
      view.value = null;
      error.value = null;
      asked = '';
    },
  );
  watch(
    [() => project.project?.id, () => data.version],
    async ([id]) => {
      points.value = null;
      if (!id) return;
      try {
        points.value = await lab.call('data.points', { project: id });
      } catch (cause) {
        error.value = toLabError(cause);
      }
    },
    { immediate: true },
  );
  onScopeDispose(() => {
    ended = true;
    if (timer !== null) clearTimeout(timer);
  });

  return { view, points, error };
}
