import { computed } from 'vue';
import { layerDefinition } from '../../../shared/layers';
import type { Edge, NetworkDocument } from '../../../shared/network/document';
import {
  addLayer,
  appendAfter,
  bypassLayer,
  connect,
  disconnect,
  duplicate,
  extract,
  insertCopy,
  insertOnEdge,
  moveLayers,
} from '../../../shared/network/edit';
import { useNetworkStore } from '../../stores/network';
import { arrange, type NodeSize } from './arrange';
import { copyText, readCopy } from './clipboard';
import { mayConnect } from './connection-rules';
import { appendPlace } from './walk';

type Point = { x: number; y: number };

/** Where nodes do not tell their size yet. */
const usualSize: NodeSize = { width: 120, height: 56 };
const gridStep = 10;
/** Taking a template and laying it out are one step to undo. */
export const templateStep = 'design.template';

/** What can be done to the network on this page, each one step to undo. */
export function useDesignActions() {
  const store = useNetworkStore();
  const isOutput = (kind: string) => layerDefinition(kind)?.role === 'output';
  const hasSelection = computed(() => store.selected.size > 0 || store.selectedEdge !== null);

  /** Makes one edit that adds layers, then selects them. */
  function adding(
    label: string,
    change: (network: NetworkDocument) => { network: NetworkDocument; ids: string[] },
  ): string[] {
    if (store.readOnly) return [];
    let ids: string[] = [];
    store.edit(label, (network) => {
      const result = change(network);
      ids = result.ids;
      return result.network;
    });
    store.select(ids);
    return ids;
  }

  function append(kind: string): void {
    const place = appendPlace(store.network, store.selected, isOutput);
    const [id] = adding('design.undo.add', (network) => {
      const result =
        place === null ? addLayer(network, kind, { position: { x: 0, y: 0 } }) : appendAfter(network, place, kind);
      return { network: result.network, ids: [result.id] };
    });
    if (id !== undefined) store.reveal(id, true);
  }

  function drop(kind: string, position: Point, onEdge: Edge | null): void {
    const definition = layerDefinition(kind);
    const fitsEdge = onEdge !== null && definition?.hasOutput === true && definition.inputs[1] > 0;
    adding(fitsEdge ? 'design.undo.insert' : 'design.undo.add', (network) => {
      const result = fitsEdge
        ? insertOnEdge(network, onEdge, kind, { position })
        : addLayer(network, kind, { position });
      return { network: result.network, ids: [result.id] };
    });
  }

  function join(edge: Edge, instead: Edge | null = null): void {
    if (store.readOnly) return;
    const base = instead ? disconnect(store.network, instead) : store.network;
    if (!mayConnect(base, edge)) return;
    store.edit('design.undo.connect', (network) => connect(instead ? disconnect(network, instead) : network, edge));
  }

  function remove(): void {
    if (store.readOnly) return;
    const edge = store.selectedEdge;
    if (edge) store.edit('design.undo.disconnect', (network) => disconnect(network, edge));
    const ids = [...store.selected];
    if (ids.length === 0) return;
    // What stood in a chain leaves a chain behind.
    store.edit('design.undo.remove', (network) => ids.reduce(bypassLayer, network));
  }

  function move(positions: ReadonlyMap<string, Point>, merge?: string): void {
    store.edit('design.undo.move', (network) => moveLayers(network, positions), merge);
  }

  /** Steps of the arrow keys with Shift; a row of them is one step to undo. */
  function nudge(dx: number, dy: number): void {
    const ids = [...store.selected];
    const positions = new Map(
      store.network.layers
        .filter(({ id }) => store.selected.has(id))
        .map(({ id, position }) => [id, { x: position.x + dx * gridStep, y: position.y + dy * gridStep }]),
    );
    move(positions, `design.nudge ${ids.join(' ')}`);
  }

  /** `merge`: one step to undo with the edit before it that has the same key. */
  function tidy(sizeOf: (id: string) => NodeSize | null, room: NodeSize, merge?: string): void {
    const positions = arrange(store.network, (id) => sizeOf(id) ?? usualSize, room);
    store.edit('design.undo.arrange', (network) => moveLayers(network, positions), merge);
  }

  function copyOfSelection(): string | null {
    return store.selected.size > 0 ? copyText(extract(store.network, store.selected)) : null;
  }

  /** False where the text holds no layers. */
  function paste(text: string): boolean {
    const part = readCopy(text);
    if (!part || store.readOnly) return part !== null;
    adding('design.undo.paste', (network) => insertCopy(network, part));
    return true;
  }

  function duplicateSelection(): void {
    const chosen = [...store.selected];
    if (chosen.length > 0) adding('design.undo.duplicate', (network) => duplicate(network, chosen));
  }

  function selectAll(): void {
    store.select(store.network.layers.map(({ id }) => id));
  }

  return {
    hasSelection,
    append,
    drop,
    join,
    remove,
    move,
    nudge,
    tidy,
    copyOfSelection,
    paste,
    duplicateSelection,
    selectAll,
  };
}

export type DesignActions = ReturnType<typeof useDesignActions>;
