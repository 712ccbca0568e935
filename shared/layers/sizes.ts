import type { LayerCost, Shape } from './definition';

/** Values in one sample of this shape; 1 for a single number. */
export function elements(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** [1, 28, 28] as "1 × 28 × 28". */
export function formatShape(shape: Shape): string {
  return shape.length === 0 ? '1' : shape.join(' × ');
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, index) => size === b[index]);
}

/** Cost of a layer without weights and products: only its float32 output takes room. */
export function costOfOutput(output: Shape): LayerCost {
  return { parameters: 0, multiplyAdds: 0, activationBytes: 4 * elements(output) };
}
