/** In which numbers a graphics card multiplies: of float32 factors, TF32 keeps 10 bits of mantissa, bfloat16 7. All else stays float32. */
export const precisions = ['float32', 'tf32', 'bf16'] as const;
export type Precision = (typeof precisions)[number];

/** As the field writes them; the same in every language. */
export const precisionNames: Record<Precision, string> = { float32: 'float32', tf32: 'TF32', bf16: 'bfloat16' };

/** Compute capability from which cards multiply so; every card that can be used has float32. */
export const roundsFrom = '8.0';

/** Whether a card of this compute capability ("8.9") multiplies so. */
export function hasPrecision(capability: string, precision: Precision): boolean {
  return precision === 'float32' || Number(capability) >= Number(roundsFrom);
}
