import { shallowRef, watch, type WatchSource } from 'vue';
import { type LabError, toLabError } from '../../shared/errors';

export const pageSize = 100;
const keptPages = 40;

/**
 * A long list a page at a time, as it is looked at: `ask` fetches the items from an offset on. When `changed` changes, all that was fetched was of
 * another list.
 */
export function usePages<Page>(ask: (offset: number, limit: number) => Promise<Page>, changed: WatchSource<unknown>) {
  const pages = shallowRef<ReadonlyMap<number, Page>>(new Map());
  const error = shallowRef<LabError | null>(null);
  const asked = new Set<number>();
  let generation = 0;

  watch(
    changed,
    () => {
      generation += 1;
      asked.clear();
      pages.value = new Map();
      error.value = null;
    },
    { flush: 'sync' },
  );

  /** Fetches what is missing between two items. */
  function need(from: number, to: number): void {
    for (let page = Math.floor(from / pageSize); page <= Math.floor(to / pageSize); page++) {
      if (!pages.value.has(page) && !asked.has(page)) void fetchPage(page);
    }
  }

  async function fetchPage(page: number): Promise<void> {
    const mine = generation;
    asked.add(page);
    try {
      const answer = await ask(page * pageSize, pageSize);
      if (mine !== generation) return;
      const kept = [...pages.value].slice(-keptPages + 1);
      pages.value = new Map([...kept, [page, answer]]);
    } catch (cause) {
      if (mine === generation) error.value = toLabError(cause);
    } finally {
      if (mine === generation) asked.delete(page);
    }
  }

  /** The page an item is on, and its place there; null until it is fetched. */
  function find(index: number): { page: Page; place: number } | null {
    const page = pages.value.get(Math.floor(index / pageSize));
    return page === undefined ? null : { page, place: index % pageSize };
  }

  return { pages, error, need, find };
}
