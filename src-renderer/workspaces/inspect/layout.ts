import type { LayerPicture } from '../../../shared/api/inspect';
import { columnsOf, type InspectedLayer } from '../../../shared/inspect/layers';

/** Where everything of the drawing lies, in pixels. */
export interface Drawing {
  width: number;
  height: number;
  layers: LayerBox[];
  /** Radius of a neuron. */
  radius: number;
  /** Numbers stand on the edges and below the neurons. */
  roomy: boolean;
}

export interface LayerBox {
  layer: number;
  x: number;
  top: number;
  bottom: number;
  /** Centres of the shown neurons; of maps, of the channels. */
  rows: { id: number; y: number }[];
  /** Room for a picture of all neurons, below them. */
  overviewTop: number | null;
}

const headerHeight = 44;
const margin = 16;
const mapSide = 64;
const overviewSide = 76;

export interface Measures {
  columnWidth: number;
  pitch: number;
  radius: number;
  roomy: boolean;
}

/** Few neurons get room for their numbers; many are smaller and closer. */
export function measuresFor(pictures: readonly LayerPicture[]): Measures {
  const tallest = Math.max(1, ...pictures.map(({ neurons }) => neurons.length));
  const most = Math.max(0, ...pictures.map(({ edges }) => edges.length));
  if (tallest <= 4 && most <= 16) return { columnWidth: 250, pitch: 132, radius: 30, roomy: true };
  if (tallest <= 6) return { columnWidth: 220, pitch: 84, radius: 24, roomy: false };
  return { columnWidth: 200, pitch: 54, radius: 20, roomy: false };
}

/** Columns from left to right; branches of one column stand one below the other. All columns are centred. */
export function layOut(layers: readonly InspectedLayer[], pictures: readonly LayerPicture[]): Drawing {
  const measures = measuresFor(pictures);
  const columns = columnsOf(layers);
  const count = Math.max(0, ...columns) + 1;
  const heightOf = (index: number): number => {
    const picture = pictures[index];
    if (!picture) return headerHeight;
    const rows =
      picture.channels.length > 0 ? picture.channels.length * (mapSide + 22) : picture.neurons.length * measures.pitch;
    return headerHeight + rows + (picture.overview ? overviewSide + 28 : 0);
  };
  const heights = Array.from({ length: count }, (_, column) =>
    layers.reduce((sum, _layer, index) => (columns[index] === column ? sum + heightOf(index) + margin : sum), 0),
  );
  const height = Math.max(...heights, 0) + 2 * margin;
  const tops = heights.map((own) => (height - own) / 2);
  const boxes = layers.map((_, index): LayerBox => {
    const column = columns[index] ?? 0;
    const top = tops[column] ?? 0;
    const own = heightOf(index);
    tops[column] = top + own + margin;
    const picture = pictures[index];
    const maps = (picture?.channels.length ?? 0) > 0;
    const pitch = maps ? mapSide + 22 : measures.pitch;
    const ids = maps
      ? (picture?.channels.map(({ channel }) => channel) ?? [])
      : (picture?.neurons.map(({ neuron }) => neuron) ?? []);
    const rows = ids.map((id, row) => ({ id, y: top + headerHeight + (row + 0.5) * pitch }));
    return {
      layer: index,
      x: margin + measures.columnWidth * (column + 0.5) - 40,
      top,
      bottom: top + own,
      rows,
      overviewTop: picture?.overview ? top + headerHeight + ids.length * pitch + 4 : null,
    };
  });
  return {
    width: 2 * margin + measures.columnWidth * count + 40,
    height,
    layers: boxes,
    radius: measures.radius,
    roomy: measures.roomy,
  };
}
