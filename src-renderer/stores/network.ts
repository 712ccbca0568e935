import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import { checkNetwork, type NetworkFix, type NetworkIssue } from '../../shared/network/check';
import type { Edge, NetworkDocument } from '../../shared/network/document';
import { applyFix } from '../../shared/network/fix';
import { useDataStore } from './data';
import { useProjectStore } from './project';

const nothing: NetworkDocument = { layers: [], edges: [] };
/** What can't be known before the data are read. */
const waitsForData = new Set(['network.input-shape-unknown', 'network.target-missing']);

/** The network of the open project: what is wrong with it, what is selected, and edits as undo steps. */
export const useNetworkStore = defineStore('network', () => {
  const project = useProjectStore();
  const data = useDataStore();

  const network = computed<NetworkDocument>(() => project.document?.network ?? nothing);
  const readOnly = computed(() => project.readOnly !== null);
  const inputShape = computed(() => data.summary?.inputShape ?? null);
  const target = computed(() => data.summary?.target ?? null);
  const loss = computed(() => {
    const chosen = project.document?.training.loss ?? 'auto';
    return chosen === 'auto' ? null : chosen;
  });

  const check = computed(() =>
    checkNetwork(network.value, { inputShape: inputShape.value, target: target.value, loss: loss.value }),
  );
  const reading = computed(() => data.loading && data.summary === null);
  /** Errors first. Without those that only wait for the data to be read. */
  const issues = computed<NetworkIssue[]>(() => {
    const known = check.value.issues.filter(({ code }) => !(reading.value && waitsForData.has(code)));
    return known.toSorted((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'));
  });
  const errorCount = computed(() => issues.value.filter(({ severity }) => severity === 'error').length);

  const selected = shallowRef<ReadonlySet<string>>(new Set());
  const selectedEdge = shallowRef<Edge | null>(null);
  /** Replaced to ask the canvas to bring a layer, and with `all` the others too, into view. */
  const revealed = shallowRef<{ id: string; all: boolean } | null>(null);
  /** The kind being dragged from the palette. */
  const dragged = ref<string | null>(null);

  function select(ids: Iterable<string>): void {
    selected.value = new Set(ids);
    selectedEdge.value = null;
  }

  function reveal(id: string, all = false): void {
    revealed.value = { id, all };
  }

  function edit(label: string, change: (network: NetworkDocument) => NetworkDocument, merge?: string): void {
    project.edit(
      label,
      (draft) => {
        draft.network = change(draft.network);
      },
      merge === undefined ? {} : { merge },
    );
  }

  function fix(chosen: NetworkFix): void {
    edit('design.undo.fix', (before) => applyFix(before, chosen));
  }

  // Undo, or another window, may take away what is selected.
  watch(network, ({ layers, edges }) => {
    const ids = new Set(layers.map(({ id }) => id));
    const left = [...selected.value].filter((id) => ids.has(id));
    if (left.length !== selected.value.size) selected.value = new Set(left);
    const edge = selectedEdge.value;
    if (edge && !edges.some((one) => one.from === edge.from && one.to === edge.to && one.port === edge.port)) {
      selectedEdge.value = null;
    }
  });

  return {
    network,
    readOnly,
    inputShape,
    target,
    check,
    issues,
    errorCount,
    reading,
    selected,
    selectedEdge,
    revealed,
    dragged,
    select,
    reveal,
    edit,
    fix,
  };
});
