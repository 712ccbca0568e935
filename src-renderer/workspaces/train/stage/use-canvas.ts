import { useResizeObserver } from '@vueuse/core';
import { onBeforeUnmount, onMounted, watch, type Ref, type WatchSource } from 'vue';

/** Redraws a canvas, sharp on every screen, when its size or what it shows changes; at most once a frame. */
export function useCanvas(
  canvas: Readonly<Ref<HTMLCanvasElement | null>>,
  draw: (context: CanvasRenderingContext2D, width: number, height: number) => void,
  sources: WatchSource[],
): void {
  let frame = 0;

  function redraw(): void {
    frame = 0;
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

  function schedule(): void {
    if (frame === 0) frame = requestAnimationFrame(redraw);
  }

  useResizeObserver(canvas, schedule);
  watch(sources, schedule);
  onMounted(schedule);
  onBeforeUnmount(() => cancelAnimationFrame(frame));
}
