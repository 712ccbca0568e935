/** Δw = -η·∂E/∂w of the plain optimizer, rounded as the engine rounds it. */
export function correction(rate: number, gradient: number): number {
  return -Math.fround(Math.fround(rate) * Math.fround(gradient)) + 0;
}

/** w + Δw in single precision. */
export function newWeight(weight: number, rate: number, gradient: number): number {
  return Math.fround(weight + correction(rate, gradient));
}
