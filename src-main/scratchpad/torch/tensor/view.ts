import { PythonError } from '../../language/errors';
import { elementCount, forEachOffset, type Shape } from './shape';
import type { Tensor } from './tensor';

/** How a tensor looks into the memory of another one. */
export interface View {
  /** Not a view itself. */
  readonly base: Tensor;
  readonly offset: number;
  readonly strides: readonly number[];
  /** detach() and .data share values, and no gradient flows. */
  readonly detached: boolean;
}

/** Where the elements of a view lie in its base. */
export function placesOf({ offset, strides }: Pick<View, 'offset' | 'strides'>, shape: Shape): Int32Array {
  const places = new Int32Array(elementCount(shape));
  forEachOffset(shape, strides, offset, (at, i) => (places[i] = at));
  return places;
}

/** The same, to write to. Throws RuntimeError for a view that was made by expand(). */
export function writablePlaces(view: View, shape: Shape): Int32Array {
  if (view.strides.some((stride, i) => stride === 0 && (shape[i] as number) > 1))
    throw new PythonError(
      'RuntimeError',
      'unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation.',
    );
  return placesOf(view, shape);
}
