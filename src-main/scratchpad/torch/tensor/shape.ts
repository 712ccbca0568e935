/** Arithmetic of shapes. A shape is a list of sizes, row-major; [] is a scalar. */
export type Shape = readonly number[];

export const elementCount = (shape: Shape): number => shape.reduce((product, size) => product * size, 1);

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((size, i) => size === b[i]);

/** "[2, 3]", as PyTorch writes shapes in messages. */
export const shapeText = (shape: Shape): string => `[${shape.join(', ')}]`;

/** Elements between neighbours along every dimension, for memory without gaps. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= Math.max(shape[i] as number, 1);
  }
  return strides;
}

/** Null when the shapes do not go together. */
export function broadcastShape(a: Shape, b: Shape): number[] | null {
  const rank = Math.max(a.length, b.length);
  const result = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const x = a[a.length - i] ?? 1;
    const y = b[b.length - i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return null;
    result[rank - i] = x === 1 ? y : x;
  }
  return result;
}

/** f(offset of the element) for every element in row-major order, where elements lie `strides` apart. */
export function forEachOffset(
  shape: Shape,
  strides: readonly number[],
  start: number,
  f: (offset: number, index: number) => void,
): void {
  const count = elementCount(shape);
  if (count === 0) return;
  const rank = shape.length;
  const index = new Array<number>(rank).fill(0);
  let offset = start;
  for (let i = 0; ;) {
    f(offset, i);
    if (++i === count) return;
    for (let d = rank - 1; d >= 0; d--) {
      index[d] = (index[d] as number) + 1;
      offset += strides[d] as number;
      if ((index[d] as number) < (shape[d] as number)) break;
      offset -= (strides[d] as number) * (shape[d] as number);
      index[d] = 0;
    }
  }
}

/** Strides with which memory of `shape` is read as the larger shape `to`: 0 where it repeats. */
export function broadcastStrides(shape: Shape, strides: readonly number[], to: Shape): number[] {
  const lead = to.length - shape.length;
  return to.map((_, i) => (i < lead || shape[i - lead] === 1 ? 0 : (strides[i - lead] as number)));
}

/** Elements with the same place before (outer), along (size) and after (inner) a dimension. */
export function around(shape: Shape, dim: number): { outer: number; size: number; inner: number } {
  return {
    outer: elementCount(shape.slice(0, dim)),
    size: shape[dim] ?? 1,
    inner: elementCount(shape.slice(dim + 1)),
  };
}
