import { inject, provide, shallowRef, type InjectionKey, type ShallowRef } from 'vue';

/** Where the pointer is on the shared horizontal axis (epochs); null when it is on no chart. */
export type Crosshair = ShallowRef<number | null>;

const key: InjectionKey<Crosshair> = Symbol('crosshair');

/** One crosshair for all charts below the calling component. */
export function provideCrosshair(): Crosshair {
  const crosshair: Crosshair = shallowRef(null);
  provide(key, crosshair);
  return crosshair;
}

/** The crosshair of the page, or one of its own for a chart that stands alone. */
export function useCrosshair(): Crosshair {
  return inject(key, () => shallowRef(null), true);
}
