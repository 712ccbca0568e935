import { computed, onActivated, onDeactivated, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue';
import type { CardMemory } from '../../../../shared/api/experiments';
import { lab } from '../../../client';
import { useAppStore } from '../../../stores/app';
import { useDataStore } from '../../../stores/data';
import { useExperimentsStore } from '../../../stores/experiments';
import { useProjectStore } from '../../../stores/project';

/** A person who types a number is not asked for between two digits. */
const settleAfter = 250;

/**
 * What the next race would take of graphics cards; empty where it would take none, or cannot start. The last answer stays while another is waited
 * for, one question is under way at a time, and after it the newest is asked.
 */
export function useCardMemory(): Ref<readonly CardMemory[]> {
  const app = useAppStore();
  const data = useDataStore();
  const experiments = useExperimentsStore();
  const project = useProjectStore();
  const memory = shallowRef<readonly CardMemory[]>([]);
  /** Pages are kept while another is shown. */
  const shown = ref(true);
  onActivated(() => (shown.value = true));
  onDeactivated(() => (shown.value = false));

  const question = computed(() => {
    const { document } = project;
    const id = project.project?.id;
    const possible = app.usableCards.length > 0 && document?.training.device !== 'cpu' && data.summary !== null;
    return possible && document && id ? { project: id, document } : null;
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking = false;

  async function ask(): Promise<void> {
    const asked = question.value;
    if (!asked || asking) return;
    asking = true;
    // What stands in the way of a start is said elsewhere.
    const answer = await lab.call('experiments.memory', asked).catch(() => []);
    asking = false;
    if (question.value !== asked) settle();
    else memory.value = answer;
  }

  function settle(): void {
    clearTimeout(timer);
    if (!question.value) memory.value = [];
    else if (shown.value) timer = setTimeout(() => void ask(), settleAfter);
  }

  // When a race is over its memory is free again.
  watch([question, shown, () => data.version, () => experiments.running === null], settle, { immediate: true });
  onScopeDispose(() => clearTimeout(timer));
  return memory;
}
