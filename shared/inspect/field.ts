import type { ConvolutionProduct } from './layers';

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
  /** The rectangle they span in the source. */
  field: { top: number; left: number; height: number; width: number };
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
  return { channels, taps, field: clip(product, source, y, x) };
}

function clip({ kernel, dilation }: ConvolutionProduct, source: Maps, y: number, x: number): FilterWindow['field'] {
  const top = Math.max(0, y);
  const left = Math.max(0, x);
  const bottom = Math.min(source.height, y + (kernel[0] - 1) * dilation[0] + 1);
  const right = Math.min(source.width, x + (kernel[1] - 1) * dilation[1] + 1);
  return { top, left, height: Math.max(0, bottom - top), width: Math.max(0, right - left) };
}
