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
  rows: { id: number; x: number; y: number }[];
  /** Half of the width that its marks take. */
  reach: number;
  /** Room for a picture of all neurons, below them. */
  overviewTop: number | null;
}

const headerHeight = 44;
const margin = 12;
/** Of a map. */
export const mapSide = 60;
const mapGap = 10;
/** More maps than this stand in two columns. */
const mapsInOneColumn = 4;
const overviewSide = 76;
/** Beside the first and the last column: the names of inputs and outputs. */
const nameRoom = 96;
const columnWidths = { least: 132, most: 250 };

interface Measures {
  pitch: number;
  radius: number;
  roomy: boolean;
}

/** Few neurons get room for their numbers; many are smaller and closer. */
function measuresFor(pictures: readonly LayerPicture[]): Measures {
  const tallest = Math.max(1, ...pictures.map(({ neurons }) => neurons.length));
  const most = Math.max(0, ...pictures.map(({ edges }) => edges.length));
  if (tallest <= 4 && most <= 16) return { pitch: 120, radius: 30, roomy: true };
  if (tallest <= 6) return { pitch: 72, radius: 24, roomy: false };
  return { pitch: 49, radius: 21, roomy: false };
}

/** Columns from left to right, as far apart as `available` pixels allow; branches of one column stand one below the other. All columns are centred. */
export function layOut(
  layers: readonly InspectedLayer[],
  pictures: readonly LayerPicture[],
  available: number,
): Drawing {
  const measures = measuresFor(pictures);
  const columns = columnsOf(layers);
  const count = Math.max(0, ...columns) + 1;
  const edge = margin + nameRoom + measures.radius;
  const between = (available - 2 * edge) / Math.max(1, count - 1);
  const columnWidth = Math.round(Math.min(columnWidths.most, Math.max(columnWidths.least, between)));

  const placesOf = (index: number) => places(pictures[index], measures);
  const heightOf = (index: number): number =>
    headerHeight + placesOf(index).height + (pictures[index]?.overview ? overviewSide + 8 : 0);
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
    const x = edge + columnWidth * column;
    const { rows, reach, height: rowsHeight } = placesOf(index);
    return {
      layer: index,
      x,
      top,
      bottom: top + own,
      rows: rows.map((row) => ({ id: row.id, x: x + row.x, y: top + headerHeight + row.y })),
      reach,
      overviewTop: pictures[index]?.overview ? top + headerHeight + rowsHeight + 4 : null,
    };
  });
  return {
    width: 2 * edge + columnWidth * (count - 1),
    height,
    layers: boxes,
    radius: measures.radius,
    roomy: measures.roomy,
  };
}

/** The marks of one layer, from the middle of its top. */
function places(
  picture: LayerPicture | undefined,
  { pitch, radius }: Measures,
): { rows: { id: number; x: number; y: number }[]; height: number; reach: number } {
  const maps = picture?.channels ?? [];
  if (maps.length === 0) {
    const rows = (picture?.neurons ?? []).map(({ neuron }, row) => ({ id: neuron, x: 0, y: (row + 0.5) * pitch }));
    return { rows, height: rows.length * pitch, reach: radius };
  }
  const across = maps.length > mapsInOneColumn ? 2 : 1;
  const side = mapSide + mapGap;
  const rows = maps.map(({ channel }, place) => ({
    id: channel,
    x: ((place % across) - (across - 1) / 2) * (mapSide + 4),
    y: (Math.floor(place / across) + 0.5) * side,
  }));
  return { rows, height: Math.ceil(maps.length / across) * side, reach: (across * (mapSide + 4)) / 2 };
}
