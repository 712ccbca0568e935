import { interpolate, type Rgb } from './rgb';

const dark: readonly Rgb[] = [
  [92, 178, 255],
  [58, 108, 168],
  [52, 56, 64],
  [168, 96, 36],
  [255, 166, 77],
];
const light: readonly Rgb[] = [
  [0, 84, 166],
  [120, 170, 218],
  [240, 241, 243],
  [240, 176, 112],
  [186, 82, 0],
];

/** Blue for negative, neutral at 0, orange for positive; symmetric about 0 and full at ±`limit`. */
export function signedColour(value: number, limit: number, darkTheme: boolean): Rgb {
  const share = limit > 0 && Number.isFinite(value) ? Math.min(1, Math.max(-1, value / limit)) : 0;
  return interpolate(darkTheme ? dark : light, (share + 1) / 2);
}
