import { computed, ref, watch, type ComputedRef, type Ref } from 'vue';
import { isActive } from '../../stores/experiments';
import type { Race, RaceLane } from './use-race';

export interface SelectedLane {
  /** Id of the lane; null while nothing is shown. */
  selected: Readonly<Ref<string | null>>;
  lane: ComputedRef<RaceLane | null>;
  /** A person's choice, which then stays. */
  pick(lane: string | null): void;
}

/** Until a person picks a lane: the first while the race runs, the winner when it is over. */
export function useSelectedLane(race: Pick<Race, 'experiment' | 'lanes' | 'leader'>): SelectedLane {
  const selected = ref<string | null>(null);
  const picked = ref(false);

  // One watch: of two, the one that starts afresh could run last and forget the winner again.
  watch(
    [() => race.experiment.value?.id ?? null, () => race.experiment.value?.state],
    ([id], [before]) => {
      if (id !== before) picked.value = false;
      if (picked.value) return;
      const over = race.experiment.value !== null && !isActive(race.experiment.value);
      selected.value = (over ? race.leader.value?.lane : null) ?? race.lanes.value[0]?.summary.id ?? null;
    },
    { immediate: true },
  );

  const lane = computed(
    () => race.lanes.value.find(({ summary }) => summary.id === selected.value) ?? race.lanes.value[0] ?? null,
  );
  function pick(id: string | null): void {
    picked.value = true;
    selected.value = id;
  }
  return { selected, lane, pick };
}
