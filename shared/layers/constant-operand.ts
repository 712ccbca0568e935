import type { Initializer } from '../network/graph';

/** A constant of one number, for the nodes that join a value with it. */
export function scalar(value: number): Omit<Initializer, 'name'> {
  return { dims: [], data: new Float32Array([value]), frozen: true };
}

/** The number of such a constant, as a person wrote it; undefined for anything else, a weight among them. */
export function scalarValue(initializer: Initializer | undefined): number | undefined {
  if (!initializer?.frozen || initializer.data.length !== 1 || initializer.dims.some((size) => size !== 1)) {
    return undefined;
  }
  return written(Number(initializer.data[0]));
}

/** 0.1, not what float32 makes of it (0.10000000149011612). */
export function written(value: number): number {
  for (let digits = 6; digits <= 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === Math.fround(value)) return rounded;
  }
  return value;
}
