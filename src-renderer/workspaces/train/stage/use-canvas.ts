import { useResizeObserver } from '@vueuse/core';
import { onActivated, onBeforeUnmount, onMounted, watch, type Ref, type WatchSource } from 'vue';
import { drawQueue, type Drawing } from '../../../components/charts/draw-queue';

/** Redraws a canvas, sharp on every screen, when its size or what it shows changes. */
export function useCanvas(
  canvas: Readonly<Ref<HTMLCanvasElement | null>>,
  draw: (context: CanvasRenderingContext2D, width: number, height: number) => void,
  sources: WatchSource[],
): void {
  function redraw(): void {
    const element = canvas.value;
    const context = element?.getContext('2d');
    if (!element || !context) return;
    const ratio = window.devicePixelRatio || 1;
    const width = element.clientWidth;
    const height = element.clientHeight;
    if (width === 0 || height === 0) return;
    if (element.width !== Math.round(width * ratio) || element.height !== Math.round(height * ratio)) {
      element.width = Math.round(width * ratio);
      element.height = Math.round(height * ratio);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    draw(context, width, height);
  }

  const drawing: Drawing = { draw: redraw, interval: 200 };
  const drawNow = (): void => drawQueue.request(drawing, true);

  useResizeObserver(canvas, drawNow);
  watch(sources, () => drawQueue.request(drawing));
  onMounted(drawNow);
  onActivated(drawNow);
  onBeforeUnmount(() => drawQueue.cancel(drawing));
}
