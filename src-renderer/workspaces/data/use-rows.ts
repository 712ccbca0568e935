import type { DataPage } from '../../../shared/api/data';
import { usePages } from '../../components/use-pages';
import { useDataStore } from '../../stores/data';

export interface Row {
  cells: DataPage['rows'][number];
  split: DataPage['splits'][number];
}

/** Rows of the table by index, fetched a page at a time as they are looked at. */
export function useRows() {
  const data = useDataStore();
  const { need, find, error } = usePages(data.rows, () => data.version);

  function row(index: number): Row | null {
    const found = find(index);
    const cells = found?.page.rows[found.place];
    return found && cells ? { cells, split: found.page.splits[found.place] ?? null } : null;
  }

  return { row, need, error };
}
