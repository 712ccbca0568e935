/**
 * Exponential moving average with the start-up bias taken out (Adam's correction): s ← βs + (1-β)y, shown as s / (1 - βᵗ).
 * `strength` is β in 0..1; 0 gives the values as they are. A gap stays a gap and does not restart the average.
 */
export function smooth(values: ArrayLike<number>, strength: number): Float64Array {
  const smoothed = new Float64Array(values.length);
  let average = 0;
  let weight = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isFinite(value)) {
      smoothed[i] = Number.NaN;
      continue;
    }
    average = strength * average + (1 - strength) * value;
    weight = strength * weight + (1 - strength);
    smoothed[i] = weight === 0 ? value : average / weight;
  }
  return smoothed;
}
