import { createSharedComposable } from '@vueuse/core';
import { computed, ref, watch } from 'vue';
import type { ColumnRecipe } from '../../../shared/project/data';
import { useDataStore } from '../../stores/data';
import { useProjectStore } from '../../stores/project';
import { changeColumns, listColumns, type Role } from './column-edits';

/** The columns of the project's table and which of them are selected; shared by the table and the panel beside it. */
export const useColumns = createSharedComposable(() => {
  const project = useProjectStore();
  const data = useDataStore();

  const columns = computed(() => {
    const recipe = project.document?.data;
    return recipe && data.summary ? listColumns(recipe, data.summary) : [];
  });
  const names = ref<readonly string[]>([]);
  const selected = computed(() => columns.value.filter(({ name }) => names.value.includes(name)));
  /** Where a selection with Shift starts. */
  let anchor = 0;

  const editable = computed(() => project.document?.data.kind === 'table' && project.readOnly === null);

  function select(index: number, how: 'only' | 'toggle' | 'range'): void {
    const name = columns.value[index]?.name;
    if (name === undefined) return;
    if (how === 'range') {
      const [from, to] = [Math.min(anchor, index), Math.max(anchor, index)];
      names.value = columns.value.slice(from, to + 1).map((column) => column.name);
      return;
    }
    anchor = index;
    if (how === 'only') names.value = [name];
    else
      names.value = names.value.includes(name) ? names.value.filter((other) => other !== name) : [...names.value, name];
  }

  function selectAll(): void {
    names.value = columns.value.map(({ name }) => name);
  }

  function change(label: string, what: Partial<Omit<ColumnRecipe, 'name'>>, of = names.value): void {
    if (!editable.value || of.length === 0) return;
    project.edit(label, (document) => changeColumns(document.data, of, what));
  }

  const setRole = (role: Role, of = names.value) => change('data.undo.role', { role }, of);

  watch(
    () => project.project?.id,
    () => (names.value = []),
  );

  return { columns, names, selected, editable, select, selectAll, change, setRole };
});
