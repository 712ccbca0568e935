import { computed, ref, shallowRef, type Ref } from 'vue';

interface Size {
  width: number;
  height: number;
}

interface Place extends Size {
  x: number;
  y: number;
}

const smallest = 0.1;
const largest = 3;
/** Below that nothing can be read. */
const readable = 0.85;
const edge = 16;

/** Which part of a drawing is seen in a stage, in pixels. */
export function usePanZoom(stage: Ref<Size>) {
  const view = shallowRef({ x: 0, y: 0, scale: 1 });
  const dragged = ref(false);
  let from: { x: number; y: number; at: { x: number; y: number } } | null = null;

  /** Enlarges by a factor; the point under the pointer (or the middle) stays where it is. */
  function zoom(factor: number, at = { x: stage.value.width / 2, y: stage.value.height / 2 }): void {
    const { x, y, scale } = view.value;
    const next = Math.min(largest, Math.max(smallest, scale * factor));
    const ratio = next / scale;
    view.value = { x: at.x - (at.x - x) * ratio, y: at.y - (at.y - y) * ratio, scale: next };
  }

  function move(dx: number, dy: number): void {
    view.value = { ...view.value, x: view.value.x + dx, y: view.value.y + dy };
  }

  /** All of the drawing, in the middle, however small. */
  function fit(drawing: Size): void {
    show(drawing, smallest, null);
  }

  /** The drawing at a size that can be read; where it is too large for that, the part around where it begins. */
  function begin(drawing: Size, first: Place | null): void {
    show(drawing, readable, first);
  }

  function show({ width, height }: Size, least: number, first: Place | null): void {
    const { width: w, height: h } = stage.value;
    if (w === 0 || h === 0 || width === 0 || height === 0) return;
    const fitting = Math.min(1.2, (w - 2 * edge) / width, (h - 2 * edge) / height);
    const scale = Math.max(least, fitting);
    const along = (room: number, size: number, start: number, own: number): number => {
      const spare = room - size * scale;
      if (spare >= 2 * edge) return spare / 2;
      return Math.min(edge, Math.max(spare - edge, room / 2 - (start + own / 2) * scale));
    };
    view.value = {
      x: along(w, width, first?.x ?? 0, first?.width ?? 0),
      y: along(h, height, first?.y ?? 0, first?.height ?? 0),
      scale,
    };
  }

  /** Moves as little as is needed to see a box. */
  function reveal(box: Place): void {
    const { x, y, scale } = view.value;
    const shift = (start: number, size: number, room: number): number => {
      const end = start + size;
      if (start >= edge && end <= room - edge) return 0;
      return start < edge ? edge - start : Math.max(edge - start, room - edge - end);
    };
    move(
      shift(x + box.x * scale, box.width * scale, stage.value.width),
      shift(y + box.y * scale, box.height * scale, stage.value.height),
    );
  }

  function grab(event: PointerEvent): void {
    if (event.button !== 0) return;
    dragged.value = false;
    from = { x: event.clientX, y: event.clientY, at: { x: view.value.x, y: view.value.y } };
  }
  function drag(event: PointerEvent): void {
    if (!from) return;
    const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
    // A hand that clicks trembles.
    if (!dragged.value && Math.hypot(dx, dy) < 4) return;
    if (!dragged.value) (event.currentTarget as Element).setPointerCapture(event.pointerId);
    dragged.value = true;
    view.value = { ...view.value, x: from.at.x + dx, y: from.at.y + dy };
  }
  function release(): void {
    from = null;
  }

  const transform = computed(() => `translate(${view.value.x} ${view.value.y}) scale(${view.value.scale})`);
  return { view, transform, dragged, zoom, move, fit, begin, reveal, grab, drag, release };
}
