import type { CheckedWeight, WeightPlace } from '../api/inspect';

/**
 * How far an analytic gradient is from its numerical twin, relative to the larger of the two. Below a thousandth of the largest
 * gradient at hand (`scale`) rounding of single precision is all there is to see: the difference is then measured by that.
 */
export function gradientError(analytic: number, numeric: number, scale: number): number {
  const size = Math.max(Math.abs(analytic), Math.abs(numeric), scale * 1e-3);
  return size === 0 ? 0 : Math.abs(analytic - numeric) / size;
}

export function rankErrors(
  checked: readonly { place: WeightPlace; analytic: number; numeric: number }[],
): CheckedWeight[] {
  const scale = Math.max(0, ...checked.map(({ analytic }) => Math.abs(analytic)));
  return checked
    .map(({ place, analytic, numeric }) => ({
      weight: place,
      analytic,
      numeric,
      error: gradientError(analytic, numeric, scale),
    }))
    .sort((a, b) => b.error - a.error);
}

/** Which of `total` weights to check when not all can be: evenly spread, the first and the last among them. */
export function spread(total: number, most: number): number[] {
  if (total <= most) return Array.from({ length: total }, (_, index) => index);
  return Array.from({ length: most }, (_, index) => Math.round((index * (total - 1)) / (most - 1)));
}
