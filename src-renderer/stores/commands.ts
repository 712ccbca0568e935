import { defineStore } from 'pinia';
import { computed, onScopeDispose, shallowRef, type Component } from 'vue';

/** Something Ctrl+K finds and runs. */
export interface Command {
  id: string;
  /** In the user's language; a function, so that it follows a change of language. */
  title: () => string;
  /** Heading in the list: "Go to", "Project", "Layers". */
  section: () => string;
  icon?: Component;
  /** Shown beside the title and in the list of shortcuts: 'Ctrl+Z'. */
  shortcut?: string;
  enabled?: () => boolean;
  run: () => void | Promise<void>;
}

/** Commands of the whole page. A page adds its own while it is shown. */
export const useCommandsStore = defineStore('commands', () => {
  const groups = shallowRef<readonly (() => Command[])[]>([]);
  const all = computed(() => groups.value.flatMap((group) => group()));

  /** `commands` is read again whenever what it depends on changes. Ends with the component that called it. */
  function provide(commands: () => Command[]): void {
    groups.value = [...groups.value, commands];
    onScopeDispose(() => {
      groups.value = groups.value.filter((group) => group !== commands);
    });
  }

  return { all, provide };
});
