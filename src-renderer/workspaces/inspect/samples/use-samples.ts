import { computed, reactive, ref, watch } from 'vue';
import type { ListedSample, ListedSamples, SampleList } from '../../../../shared/api/inspect';
import { lab } from '../../../client';
import { usePages } from '../../../components/use-pages';

/** Samples of a split to choose from, as they are looked at; and the one that the keys have got to. */
export function useSamples(
  inspection: () => string,
  first: Pick<ListedSample, 'index'> & Pick<ListedSamples, 'split'>,
) {
  const wanted = reactive<Omit<ListedSamples, 'offset' | 'limit'>>({ split: first.split, sort: 'number', only: 'all' });
  const which = computed(() => JSON.stringify([inspection(), wanted]));
  const { pages, need, find, error } = usePages(
    (offset, limit) => lab.call('inspect.samples', { inspection: inspection(), ...wanted, offset, limit }),
    which,
  );
  const cursor = ref(first.index);
  /** What every page says about the whole list; the last one while another list is being fetched. */
  const list = ref<Omit<SampleList, 'samples'> | null>(null);
  watch(pages, (all) => {
    const [page] = all.values();
    if (page) list.value = { total: page.total, columns: page.columns, image: page.image };
  });
  const loading = computed(() => pages.value.size === 0 && error.value === null);
  const total = computed(() => (loading.value ? 0 : (list.value?.total ?? 0)));
  watch(which, () => {
    cursor.value = 0;
    need(0, 0);
  });
  need(first.index, first.index);

  function sample(place: number): ListedSample | null {
    const found = find(place);
    return found?.page.samples[found.place] ?? null;
  }

  function moveTo(place: number): void {
    cursor.value = Math.max(0, Math.min(total.value - 1, place));
  }

  return { wanted, cursor, list, total, loading, error, need, sample, moveTo };
}
export type SamplesState = ReturnType<typeof useSamples>;

/** Places that a key moves by: `across` in a row of the list, `page` rows in sight. Null: no key of a list. */
export function movedBy(key: string, across: number, page: number, total: number): number | null {
  const moves: Record<string, number> = {
    ArrowDown: across,
    ArrowUp: -across,
    ArrowRight: across > 1 ? 1 : 0,
    ArrowLeft: across > 1 ? -1 : 0,
    PageDown: across * page,
    PageUp: -across * page,
    Home: -total,
    End: total,
  };
  return moves[key] ?? null;
}
