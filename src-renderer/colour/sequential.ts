import { interpolate, type Rgb } from './rgb';

/** Lightness rises evenly from stop to stop, hue turns from blue-violet over teal to yellow. */
const stops: readonly Rgb[] = [
  [32, 22, 66],
  [52, 62, 124],
  [38, 108, 138],
  [30, 150, 132],
  [102, 188, 98],
  [196, 216, 74],
  [252, 236, 120],
];

/** Colour of a magnitude; `position` 0..1. Light themes show the small end light, so that "nothing" fades into the page. */
export function sequentialColour(position: number, darkTheme: boolean): Rgb {
  return interpolate(stops, darkTheme ? position : 1 - position);
}
