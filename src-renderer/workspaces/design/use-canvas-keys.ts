import { useEventListener } from '@vueuse/core';
import type { Ref } from 'vue';
import { useNetworkStore } from '../../stores/network';
import type { DesignActions } from './use-design-actions';
import { firstLayer, neighbour, type Direction } from './walk';

interface CanvasKeys {
  active: Readonly<Ref<boolean>>;
  actions: DesignActions;
  inCanvas(element: Element): boolean;
  focusNode(id: string): void;
  focusProperties(): void;
}

const arrows: Record<string, { direction: Direction; x: number; y: number }> = {
  ArrowLeft: { direction: 'left', x: -1, y: 0 },
  ArrowRight: { direction: 'right', x: 1, y: 0 },
  ArrowUp: { direction: 'up', x: 0, y: -1 },
  ArrowDown: { direction: 'down', x: 0, y: 1 },
};

/** Keys and clipboard of the canvas: they work on it and where nothing else has the focus. */
export function useCanvasKeys({ active, actions, inCanvas, focusNode, focusProperties }: CanvasKeys): void {
  const store = useNetworkStore();

  function concerns(event: Event): boolean {
    if (!active.value || event.defaultPrevented) return false;
    const { target } = event;
    if (target === document.body || target === document || target === window) return true;
    return target instanceof Element && inCanvas(target) && target.closest('input, textarea, button') === null;
  }

  function walk(direction: Direction): void {
    const from = [...store.selected].at(-1);
    const to = from === undefined ? firstLayer(store.network) : neighbour(store.network, from, direction);
    if (to === null) return;
    store.select([to]);
    store.reveal(to);
    focusNode(to);
  }

  function pressed(event: KeyboardEvent): void {
    if (!concerns(event)) return;
    const command = event.ctrlKey || event.metaKey;
    const arrow = arrows[event.key];
    if (arrow && !command) {
      if (event.shiftKey) actions.nudge(arrow.x, arrow.y);
      else walk(arrow.direction);
    } else if (event.key === 'Delete' || event.key === 'Backspace') actions.remove();
    else if (event.key === 'Escape') store.select([]);
    else if (event.key === 'Enter' && store.selected.size === 1) focusProperties();
    // Letters by their place, so that they work on a Russian layout.
    else if (command && event.code === 'KeyD') actions.duplicateSelection();
    else if (command && event.code === 'KeyA') actions.selectAll();
    else return;
    event.preventDefault();
  }

  function copied(event: ClipboardEvent): void {
    const text = concerns(event) && window.getSelection()?.isCollapsed !== false ? actions.copyOfSelection() : null;
    if (text === null || !event.clipboardData) return;
    event.clipboardData.setData('text/plain', text);
    event.preventDefault();
    if (event.type === 'cut') actions.remove();
  }

  function pasted(event: ClipboardEvent): void {
    if (concerns(event) && actions.paste(event.clipboardData?.getData('text/plain') ?? '')) event.preventDefault();
  }

  useEventListener(window, 'keydown', pressed);
  useEventListener(document, 'copy', copied);
  useEventListener(document, 'cut', copied);
  useEventListener(document, 'paste', pasted);
}
