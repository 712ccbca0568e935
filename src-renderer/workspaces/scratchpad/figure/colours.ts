import { interpolate, type Rgb } from '../../../colour/rgb';
import { sequentialColour } from '../../../colour/sequential';
import { signedColour } from '../../../colour/signed';
import { laneVariable } from '../../../lanes';
import type { Picture } from './layout';

/** Black and white are the text's colour and the page's: in the dark theme a black line would not be seen. */
const named: Record<string, string> = { black: 'var(--text)', white: 'var(--bg)' };

/** Of the series at this place among those drawn; null: the next one of the palette. */
export function seriesColour(colour: string | null, index: number): string {
  return colour === null ? laneVariable(index) : (named[colour] ?? colour);
}

const grey: readonly Rgb[] = [
  [0, 0, 0],
  [255, 255, 255],
];
const diverging = /^(coolwarm|bwr|seismic|rdbu|rdylbu|piyg|prgn|brbg)(_r)?$/i;

/** RGBA of every pixel of a picture, row by row. */
export function pixelsOf(picture: Picture, dark: boolean): Uint8ClampedArray<ArrayBuffer> {
  const { rows, columns, channels, values, colormap, minimum, maximum } = picture;
  const pixels = new Uint8ClampedArray(rows * columns * 4);
  for (let i = 0; i < rows * columns; ++i) {
    const [red, green, blue] =
      channels === 3
        ? [0, 1, 2].map((channel) => 255 * (values[i * 3 + channel] ?? 0))
        : colourOf(((values[i] ?? NaN) - minimum) / (maximum - minimum || 1), colormap, dark);
    pixels.set([red ?? 0, green ?? 0, blue ?? 0, 255], i * 4);
  }
  return pixels;
}

function colourOf(share: number, colormap: string, dark: boolean): Rgb {
  if (!Number.isFinite(share)) return [128, 128, 128];
  if (/^(gray|grey)$/i.test(colormap)) return interpolate(grey, share);
  if (/^(gray_r|grey_r|greys|binary)$/i.test(colormap)) return interpolate(grey, 1 - share);
  if (diverging.test(colormap)) return signedColour(2 * share - 1, 1, dark);
  // The named maps of magnitudes run from dark to light, whatever the theme.
  return sequentialColour(share, true);
}
