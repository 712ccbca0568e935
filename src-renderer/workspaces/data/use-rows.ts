import { shallowRef, watch } from 'vue';
import type { DataPage } from '../../../shared/api/data';
import { type LabError, toLabError } from '../../../shared/errors';
import { useDataStore } from '../../stores/data';

const pageSize = 100;
const keptPages = 40;

export interface Row {
  cells: DataPage['rows'][number];
  split: DataPage['splits'][number];
}

/** Rows of the table by index, fetched a page at a time as they are looked at. */
export function useRows() {
  const data = useDataStore();
  const pages = shallowRef<ReadonlyMap<number, DataPage>>(new Map());
  const error = shallowRef<LabError | null>(null);
  const asked = new Set<number>();
  let generation = 0;

  watch(
    () => data.version,
    () => {
      generation += 1;
      asked.clear();
      pages.value = new Map();
      error.value = null;
    },
  );

  /** Fetches what is missing between two row indices. */
  function need(from: number, to: number): void {
    for (let page = Math.floor(from / pageSize); page <= Math.floor(to / pageSize); page++) {
      if (!pages.value.has(page) && !asked.has(page)) void fetchPage(page);
    }
  }

  async function fetchPage(page: number): Promise<void> {
    const mine = generation;
    asked.add(page);
    try {
      const answer = await data.rows(page * pageSize, pageSize);
      if (mine !== generation) return;
      const kept = [...pages.value].slice(-keptPages + 1);
      pages.value = new Map([...kept, [page, answer]]);
    } catch (cause) {
      if (mine === generation) {
        error.value = toLabError(cause);
      }
    } finally {
      if (mine === generation) asked.delete(page);
    }
  }

  function row(index: number): Row | null {
    const page = pages.value.get(Math.floor(index / pageSize));
    const place = index % pageSize;
    const cells = page?.rows[place];
    return page && cells ? { cells, split: page.splits[place] ?? null } : null;
  }

  return { row, need, error };
}
