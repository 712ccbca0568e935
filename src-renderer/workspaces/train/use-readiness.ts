import { computed, type ComputedRef } from 'vue';
import { useDataStore } from '../../stores/data';
import { useProjectStore } from '../../stores/project';
import { obstaclesOf, type Obstacle } from './readiness';

export interface Readiness {
  obstacles: ComputedRef<Obstacle[]>;
  ready: ComputedRef<boolean>;
  /** The data are being read; nobody knows yet. */
  checking: ComputedRef<boolean>;
}

export function useReadiness(): Readiness {
  const project = useProjectStore();
  const data = useDataStore();

  const obstacles = computed<Obstacle[]>(() => {
    const { document } = project;
    if (!document) return [];
    if (data.error) return [{ page: 'data', code: data.error.code, details: data.error.details }];
    if (data.summary) return obstaclesOf(document, data.summary);
    return document.data.kind === 'none' ? [{ page: 'data', code: 'data.none', details: {} }] : [];
  });
  const checking = computed(() => data.summary === null && data.loading);
  const ready = computed(
    () => project.document !== null && data.summary !== null && data.error === null && obstacles.value.length === 0,
  );
  return { obstacles, ready, checking };
}
