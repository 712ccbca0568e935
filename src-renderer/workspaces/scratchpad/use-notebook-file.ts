import { useDebounceFn, useEventListener } from '@vueuse/core';
import { computed, onScopeDispose, ref, shallowRef, type ShallowRef } from 'vue';
import { type LabError, toLabError } from '../../../shared/errors';
import { lab } from '../../client';
import { useProjectStore } from '../../stores/project';
import { makeCell, type Cell } from './cell';

const saveMilliseconds = 400;

/**
 * Keeps the cells in the project's scratchpad.py. What another window or editor wrote there is never written over unasked: without changes of its own
 * this page takes it over, with changes it asks which of the two is to stay.
 */
export function useNotebookFile(cells: ShallowRef<Cell[]>, running: () => boolean) {
  const project = useProjectStore();
  /** The page of one project may outlive its place on the screen by a moment: nothing of it goes into the next one. */
  const owner = project.project?.id;
  /** Why cells could not be loaded or saved. */
  const error = shallowRef<LabError | null>(null);
  const conflict = computed(() => error.value?.code === 'scratchpad.changed-elsewhere');
  const loaded = ref(false);
  /** Of the file as this page read or wrote it last. */
  let revision: string | null = null;
  let changed = false;
  let saving = false;

  async function load(): Promise<void> {
    if (owner === undefined) return;
    try {
      const kept = await lab.call('scratchpad.load', { project: owner });
      revision = kept.revision;
      changed = false;
      error.value = null;
      // A cell that is the same keeps what it gave.
      cells.value = (kept.cells ?? []).map((code, index) => {
        const here = cells.value[index];
        return here?.code === code ? here : makeCell(code);
      });
    } catch (cause) {
      error.value = toLabError(cause);
    }
    if (cells.value.length === 0) cells.value = [makeCell()];
    loaded.value = true;
  }

  /** `over`: whatever is there. */
  async function write(over = false): Promise<void> {
    if (owner === undefined || project.project?.id !== owner || project.readOnly) return;
    if (!loaded.value || (conflict.value && !over)) return;
    const codes = cells.value.map(({ code }) => code);
    saving = true;
    changed = false;
    try {
      const base = over ? {} : { revision };
      ({ revision } = await lab.call('scratchpad.save', { project: owner, cells: codes, ...base }));
      error.value = null;
    } catch (cause) {
      changed = true;
      error.value = toLabError(cause);
    } finally {
      saving = false;
    }
  }
  const writeSoon = useDebounceFn(() => write(), saveMilliseconds);

  /** The cells are no longer what is in the file. */
  function save(): void {
    changed = true;
    void writeSoon();
  }

  /** Throws what keeps the cells from being saved. */
  async function flush(): Promise<void> {
    if (changed) await write();
    if (changed && error.value) throw error.value;
  }

  onScopeDispose(project.saveBeforeLeaving(flush));
  useEventListener(document, 'visibilitychange', () => {
    if (document.visibilityState === 'hidden' && changed) void write();
  });
  onScopeDispose(
    lab.on('scratchpad.saved', (event) => {
      const own = event.project === owner && event.revision !== revision;
      if (own && loaded.value && !changed && !saving && !running()) void load();
    }),
  );

  return { error, conflict, load, save, keepMine: () => write(true), takeTheirs: load };
}
