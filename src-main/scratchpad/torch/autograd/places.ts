import type { EagerArray } from '../../../engine/native';
import { fewNumbers } from '../../../../shared/recorded-graph/summary';
import { elementCount, type Shape } from '../tensor/shape';
import { FunctionNode, recorded } from './function-node';
import type { Tape } from './tape';
import { Buffer, type Edge, type Variable } from './variable';

// Reading and writing elements at places of row-major memory: what views, indexing, gather, sort and the like are.

/** The elements at `places`, as a tensor of `shape`. An element that is read twice gets both gradients. */
export function readAt(tape: Tape, from: Variable, places: Int32Array, shape: Shape, name: string): Variable {
  const { dtype } = from;
  const array = tape.allocate(elementCount(shape), dtype);
  const source = from.array;
  for (let i = 0; i < places.length; i++) array[i] = source[places[i] as number] as number;
  return recorded(tape, name, [from], { array, shape, dtype }, (gradient) => {
    const result = tape.allocate(source.length, dtype);
    for (let i = 0; i < places.length; i++) {
      const at = places[i] as number;
      result[at] = (result[at] as number) + (gradient[i] as number);
    }
    return [result];
  });
}

/** The way of gradients of memory that was written to, and holds `array` now: those at `places` go to the values written there, all others to the old ones. */
export function writtenAt(
  tape: Tape,
  before: Variable,
  values: Variable,
  places: Int32Array,
  array: EagerArray,
): Edge | null {
  if (!before.edge && !values.edge) return null;
  const { dtype, shape } = before;
  const gradient = (given: EagerArray): (EagerArray | null)[] => {
    const own = values.edge ? tape.allocate(places.length, dtype) : null;
    places.forEach((at, i) => {
      if (own) own[i] = given[at] as number;
    });
    for (const at of places) given[at] = 0;
    return [given, own];
  };
  // A loop that writes element by element must not copy all of them each time.
  const buffer = array.length <= fewNumbers ? new Buffer(array.slice()) : null;
  return {
    node: new FunctionNode(tape, 'CopySlices', [before, values], { buffer, shape, dtype }, gradient),
    output: 0,
  };
}
