import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { computed, effectScope, nextTick, ref, shallowRef, type EffectScope } from 'vue';
import type { ExperimentSummary } from '../../../../../shared/api/experiments';
import { leaderOf } from '../../../../../src-renderer/workspaces/train/stage/leader';
import type { RaceLane } from '../../../../../src-renderer/workspaces/train/use-race';
import { useSelectedLane } from '../../../../../src-renderer/workspaces/train/use-selected-lane';
import { epochPoint, experimentSummary, laneSummary } from './summaries';

const lanes = [laneSummary('lane-1', { best: epochPoint(5, 2) }), laneSummary('lane-2', { best: epochPoint(5, 1) })];

let scope: EffectScope;
beforeEach(() => (scope = effectScope()));
afterEach(() => scope.stop());

/** List and shown id apart, as the store has them: an opened project sets one after the other. */
function race() {
  const list = shallowRef<ExperimentSummary[]>([]);
  const currentId = ref<string | null>(null);
  const experiment = computed(() => list.value.find(({ id }) => id === currentId.value) ?? null);
  const selection = scope.run(() =>
    useSelectedLane({
      experiment,
      lanes: computed(() => (experiment.value?.lanes ?? []).map((summary) => ({ summary }) as RaceLane)),
      leader: computed(() => (experiment.value ? leaderOf(experiment.value) : null)),
    }),
  )!;
  async function show(...summaries: ExperimentSummary[]) {
    list.value = summaries;
    currentId.value = summaries[0]?.id ?? null;
    await nextTick();
  }
  return { ...selection, show };
}

describe('the selected lane', () => {
  it('is the first while the race runs, then the winner, unless a person chose', async () => {
    const { selected, lane, pick, show } = race();
    await show(experimentSummary(lanes));
    expect(selected.value).toBe('lane-1');
    await show(experimentSummary(lanes, { state: 'finished' }));
    expect(lane.value?.summary.id).toBe('lane-2');
    await show(experimentSummary(lanes, { id: '002' }));
    expect(selected.value).toBe('lane-1');
    pick('lane-1');
    await show(experimentSummary(lanes, { id: '002', state: 'finished' }));
    expect(selected.value).toBe('lane-1');
  });
});
