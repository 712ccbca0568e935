import { getRectOfNodes, type VueFlowStore } from '@vue-flow/core';
import { until } from '@vueuse/core';
import { nextTick, onActivated, watch } from 'vue';
import { useNetworkStore } from '../../stores/network';
import { templateStep, type DesignActions } from './use-design-actions';

/** What LayerNode comes to before it is measured. */
export const usualCard = { width: 120, height: 56 };

const view = { padding: 0.05, maxZoom: 1 };
/** Smaller cannot be read: a longer network is then moved under the window instead. */
const readableZoom = 0.6;
/** From here on nobody has to lean forward. */
const comfortableZoom = 0.8;
const toolbarHeight = 50;
const margin = 24;

/** What part of the network the canvas shows, and how large. */
export function useCanvasView(flow: VueFlowStore, actions: DesignActions) {
  const store = useNetworkStore();

  async function fit(): Promise<void> {
    await nextTick();
    await flow.fitView(view);
  }

  function tidy(merge?: string): void {
    const { width, height } = flow.dimensions.value;
    const sizeOf = (id: string) => {
      const node = flow.findNode(id);
      return node && node.dimensions.width > 0 ? node.dimensions : null;
    };
    const share = 1 - 2 * view.padding;
    actions.tidy(sizeOf, { width: width * share, height: (height - toolbarHeight) * share }, merge);
    void fit();
  }

  /** Shows a network that has just been put here; one too long for the window is laid out in rows. */
  async function settle(): Promise<void> {
    await nextTick();
    if (!flow.areNodesInitialized.value) await until(flow.areNodesInitialized).toBe(true, { timeout: 1000 });
    if (fitsReadably()) await fit();
    else tidy(templateStep);
  }

  function fitsReadably(): boolean {
    const { width, height } = getRectOfNodes(flow.getNodes.value);
    const room = flow.dimensions.value;
    return width * comfortableZoom <= room.width && height * comfortableZoom <= room.height;
  }

  /** Moves the view only where something asked for lies outside it: to the whole network while that can be read, else to the layer. */
  async function reveal(id: string, all: boolean): Promise<void> {
    await nextTick();
    const wanted = flow.getNodes.value.filter((node) => all || node.id === id);
    const layer = flow.findNode(id);
    const size = flow.dimensions.value;
    if (!layer || size.width === 0) return;
    const { x, y, zoom } = flow.viewport.value;
    const inside = wanted.every(({ position, dimensions }) => {
      const card = dimensions.width > 0 ? dimensions : usualCard;
      const left = position.x * zoom + x;
      const top = position.y * zoom + y;
      return left >= 0 && top >= 0 && left + card.width * zoom <= size.width && top + card.height * zoom <= size.height;
    });
    if (inside) return;
    const { width } = getRectOfNodes(flow.getNodes.value);
    if (width * readableZoom < size.width) await flow.fitView(view);
    else {
      const { width: cardWidth, height } = usualCard;
      await flow.setCenter(layer.position.x + cardWidth / 2, layer.position.y + height / 2, { zoom });
    }
  }
  watch(
    () => store.revealed,
    (asked) => asked && void reveal(asked.id, asked.all),
  );

  /** The whole network where that can be read, else its beginning. */
  async function open(): Promise<void> {
    await fit();
    if (flow.viewport.value.zoom >= readableZoom) return;
    const { x, y, height } = getRectOfNodes(flow.getNodes.value);
    const middle = (flow.dimensions.value.height - height * readableZoom) / 2;
    await flow.setViewport({
      x: margin - x * readableZoom,
      y: Math.max(toolbarHeight, middle) - y * readableZoom,
      zoom: readableZoom,
    });
  }

  // A page that was built while hidden has had no size to fit into.
  let fitted = false;
  function firstFit(): void {
    if (fitted || flow.dimensions.value.width === 0 || !flow.areNodesInitialized.value) return;
    fitted = true;
    void open();
  }
  watch([flow.dimensions, flow.areNodesInitialized], firstFit);
  onActivated(firstFit);

  return { fit, tidy, settle };
}
