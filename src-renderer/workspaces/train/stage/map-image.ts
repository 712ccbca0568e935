import type { LaneView } from '../../../../shared/api/experiments';
import { interpolate, type Rgb } from '../../../colour/rgb';
import { sequentialColour } from '../../../colour/sequential';

export type MapView = Extract<LaneView, { kind: 'map' }>;

/** How much of a class's colour a cell shows: undecided cells fade into the page. */
const weakest = 0.12;
const strongest = 0.62;

/**
 * The decision map of one lane as RGBA pixels, first row on top (the view's row 0 is the lowest y).
 * Classes: colour of the class, stronger the surer. Numbers: the sequential map.
 */
export function mapPixels(
  view: Pick<MapView, 'resolution' | 'classes'>,
  cells: readonly number[],
  classColours: readonly Rgb[],
  background: Rgb,
  dark: boolean,
): Uint8ClampedArray<ArrayBuffer> {
  const { resolution } = view;
  const pixels = new Uint8ClampedArray(resolution * resolution * 4);
  const chance = view.classes ? 1 / Math.max(1, view.classes.length) : 0;
  for (let row = 0; row < resolution; row++) {
    for (let column = 0; column < resolution; column++) {
      const cell = cells[row * resolution + column] ?? 0;
      const colour = view.classes
        ? classColour(cell, classColours, background, chance)
        : sequentialColour(cell / 65535, dark);
      const at = ((resolution - 1 - row) * resolution + column) * 4;
      pixels[at] = colour[0];
      pixels[at + 1] = colour[1];
      pixels[at + 2] = colour[2];
      pixels[at + 3] = 255;
    }
  }
  return pixels;
}

function classColour(cell: number, colours: readonly Rgb[], background: Rgb, chance: number): Rgb {
  const colour = colours[Math.floor(cell / 256) % Math.max(1, colours.length)] ?? background;
  const confidence = (cell % 256) / 255;
  // A confidence at chance level says nothing; scale what is above it.
  const sure = Math.min(1, Math.max(0, (confidence - chance) / (1 - chance || 1)));
  return interpolate([background, colour], weakest + (strongest - weakest) * sure);
}
