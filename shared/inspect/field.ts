import type { NeuronPlace } from '../api/inspect';
import { mapsOf, type ConvolutionProduct, type InspectedLayer } from './layers';

export interface Maps {
  channels: number;
  height: number;
  width: number;
}

/** One weight of a filter over one value of the picture it looks at. */
export interface WindowTap {
  /** Place within the filter [channels, height, width]. */
  weight: number;
  /** Place within the source [channels, height, width]. */
  source: number;
}

export interface FilterWindow {
  /** Channels a filter sees: those of its group. */
  channels: number;
  /** Without those that lie in the padding. */
  taps: WindowTap[];
}

/** What one value of a convolution's output is made from. `neuron`: its place in [filters, height, width]. */
export function windowOf(product: ConvolutionProduct, output: Maps, source: Maps, neuron: number): FilterWindow {
  const filter = Math.floor(neuron / (output.height * output.width));
  const within = neuron % (output.height * output.width);
  const y = Math.floor(within / output.width) * product.stride[0] - product.pads[0];
  const x = (within % output.width) * product.stride[1] - product.pads[1];
  const channels = source.channels / product.groups;
  const first = Math.floor((filter * product.groups) / output.channels) * channels;
  const [height, width] = product.kernel;
  const taps: WindowTap[] = [];
  for (let channel = 0; channel < channels; channel++)
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) {
        const top = y + row * product.dilation[0];
        const left = x + column * product.dilation[1];
        if (top < 0 || left < 0 || top >= source.height || left >= source.width) continue;
        taps.push({
          weight: (channel * height + row) * width + column,
          source: ((first + channel) * source.height + top) * source.width + left,
        });
      }
  return { channels, taps };
}

/** A rectangle of a picture, in whole pixels within it. */
export interface Field {
  layer: number;
  top: number;
  left: number;
  height: number;
  width: number;
}

/**
 * Receptive field of one value of a layer of maps: in the layer itself, and in every picture before it as far as pictures go, the
 * rectangle that the value depends on.
 */
export function receptiveFields(layers: readonly InspectedLayer[], { layer: place, neuron }: NeuronPlace): Field[] {
  const maps = layers[place] && mapsOf(layers[place]);
  if (!maps) return [];
  const within = neuron % (maps.height * maps.width);
  const fields = new Map<number, Field>();
  const own = { top: Math.floor(within / maps.width), left: within % maps.width, height: 1, width: 1 };
  fields.set(place, { layer: place, ...own });
  for (let at = place; at > 0; at--) {
    const field = fields.get(at);
    const layer = layers[at];
    if (!field || !layer) continue;
    for (const { layer: before } of layer.sources) {
      const source = layers[before] && mapsOf(layers[before]);
      if (!source) continue;
      const seen = seenBy(field, layer, source);
      const known = fields.get(before);
      fields.set(before, { layer: before, ...(known ? union(known, seen) : seen) });
    }
  }
  return [...fields.values()];
}

type Rectangle = Omit<Field, 'layer'>;

/** What a rectangle of a layer is made from: its window moved over it; the same place; or the whole picture. */
function seenBy({ top, left, height, width }: Rectangle, layer: InspectedLayer, source: Maps): Rectangle {
  const own = mapsOf(layer);
  const same = own?.height === source.height && own.width === source.width;
  if (!layer.window) return same ? { top, left, height, width } : { top: 0, left: 0, ...sides(source) };
  const { kernel, stride, dilation, pads } = layer.window;
  const along = (axis: 0 | 1, from: number, count: number, end: number): [number, number] => {
    const first = from * stride[axis] - pads[axis];
    const last = first + (count - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis];
    const start = Math.max(0, first);
    return [start, Math.max(0, Math.min(end, last + 1) - start)];
  };
  const [seenTop, seenHeight] = along(0, top, height, source.height);
  const [seenLeft, seenWidth] = along(1, left, width, source.width);
  return { top: seenTop, left: seenLeft, height: seenHeight, width: seenWidth };
}

const sides = ({ height, width }: Maps) => ({ height, width });

function union(a: Rectangle, b: Rectangle): Rectangle {
  const top = Math.min(a.top, b.top);
  const left = Math.min(a.left, b.left);
  return {
    top,
    left,
    height: Math.max(a.top + a.height, b.top + b.height) - top,
    width: Math.max(a.left + a.width, b.left + b.width) - left,
  };
}
