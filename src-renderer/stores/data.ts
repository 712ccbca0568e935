import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import type { DataImages, DataPage, DataSummary } from '../../shared/api/data';
import { LabError, toLabError } from '../../shared/errors';
import { lab } from '../client';
import { useProjectStore } from './project';

const settleAfter = 200;

/** What the project's data come to under its recipe. Follows every change of it; of several in a row the last one counts. */
export const useDataStore = defineStore('data', () => {
  const projectStore = useProjectStore();
  const summary = shallowRef<DataSummary | null>(null);
  const loading = ref(false);
  const error = shallowRef<LabError | null>(null);
  /** Raised whenever rows, images or points may have changed. */
  const version = ref(0);

  const projectId = computed(() => projectStore.project?.id ?? null);
  const recipe = computed(() => JSON.stringify(projectStore.document?.data ?? null));
  /** Recipe that `summary` belongs to. */
  let known = '';
  let request = 0;
  let timer: ReturnType<typeof setTimeout> | null = null;

  async function load(): Promise<void> {
    const owner = projectId.value;
    if (!owner) return;
    const mine = (request += 1);
    const asked = recipe.value;
    loading.value = true;
    try {
      // The host reads the saved recipe.
      await projectStore.flush();
      const answer = await lab.call('data.summary', { project: owner });
      if (mine !== request) return;
      summary.value = answer;
      error.value = null;
      known = asked;
      version.value += 1;
    } catch (cause) {
      if (mine !== request) return;
      error.value = toLabError(cause);
      summary.value = null;
      known = '';
    } finally {
      if (mine === request) loading.value = false;
    }
  }

  /** The summary that came with an import, so that it is not asked for again. */
  function take(fresh: DataSummary): void {
    request += 1;
    summary.value = fresh;
    error.value = null;
    loading.value = false;
    known = recipe.value;
    version.value += 1;
  }

  async function rows(offset: number, limit: number): Promise<DataPage> {
    return lab.call('data.rows', { project: needProject(), offset, limit });
  }

  async function images(offset: number, limit: number): Promise<DataImages> {
    return lab.call('data.images', { project: needProject(), offset, limit });
  }

  function needProject(): string {
    if (!projectId.value) throw new LabError('project.not-open');
    return projectId.value;
  }

  watch([projectId, recipe], ([id, now], [idBefore]) => {
    if (timer !== null) clearTimeout(timer);
    if (id !== idBefore) {
      summary.value = null;
      error.value = null;
      known = '';
    }
    if (now === known) return;
    loading.value = id !== null;
    timer = setTimeout(() => void load(), id !== idBefore ? 0 : settleAfter);
  });
  if (projectId.value) void load();

  return { summary, loading, error, version, load, take, rows, images };
});
