import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import { useAppStore } from './app';

/** What other pages leave for the notebook, which may not have been opened yet. */
export const useScratchpadStore = defineStore('scratchpad', () => {
  const app = useAppStore();
  /** Cells that are to be added, oldest first. */
  const offered = shallowRef<readonly string[]>([]);

  /** Adds a cell that loads a network of the project, and shows it. */
  function useNetwork(from: { experiment: string; lane: string; which: 'best' | 'last' } | null): void {
    const source = from ? `'${from.experiment}', '${from.lane}', which='${from.which}'` : '';
    offered.value = [...offered.value, `import deltalab\n\nmodel = deltalab.load_network(${source})\nmodel`];
    app.workspace = 'scratchpad';
  }

  /** What was left, once. */
  function take(): readonly string[] {
    const cells = offered.value;
    if (cells.length > 0) offered.value = [];
    return cells;
  }

  return { offered, useNetwork, take };
});
