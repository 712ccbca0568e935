import type { EagerArray } from '../../../engine/native';
import { fewNumbers } from '../../../../shared/recorded-graph/summary';
import { float32, type DType } from '../tensor/dtype';
import { elementCount, type Shape } from '../tensor/shape';
import { FunctionNode, recorded } from './function-node';
import type { PreparedOperator } from './operators';
import type { Tape } from './tape';
import { Buffer } from './buffer';
import type { Edge, Variable } from './variable';

// Reading and writing elements at places of row-major memory: what views, indexing, gather, sort and the like are.

/** The elements at `places`, as a tensor of `shape`. An element that is read twice gets both gradients. */
export function readAt(tape: Tape, from: Variable, places: Int32Array, shape: Shape, name: string): Variable {
  const { dtype } = from;
  const looking = lookUp(tape, from.buffer, places);
  if (looking) {
    return recorded(tape, name, [from], { array: looking.found, shape, dtype }, looking, (gradient) => [
      spreadAt(tape, gradient, places, from.shape),
    ]);
  }
  const array = tape.allocate(elementCount(shape), dtype);
  const source = from.array;
  for (let i = 0; i < places.length; i++) array[i] = source[places[i] as number] as number;
  return recorded(
    tape,
    name,
    [from],
    { array, shape, dtype },
    (gradient) => [addedAt(tape, gradient, places, from)],
    (gradient) => [spreadAt(tape, gradient, places, from.shape)],
  );
}

/** Places are given to a card as float32, which has whole numbers up to there. */
const mostLookedUp = 2 ** 24;

/** The elements at `places` by themselves, for someone who shows them. */
export const valuesAt = (tape: Tape, { buffer }: Variable, places: readonly number[]): ArrayLike<number> =>
  lookUp(tape, buffer, Int32Array.from(places))?.found.array ?? places.map((place) => buffer.array[place] as number);

/** The elements at `places` of values on a card, and their gradient, none of which leaves it. Null: they are not there, or too many. */
function lookUp(
  tape: Tape,
  from: Buffer,
  places: Int32Array,
): { found: Buffer; of(gradient: Buffer): [Buffer] } | null {
  const { card } = from;
  if (!card || from.length > mostLookedUp || places.length === 0) return null;
  const indices = new Buffer(Float32Array.from(places), card);
  const operator = (): PreparedOperator =>
    tape.prepare(card, `at ${from.length} ${places.length}`, () => ({
      opType: 'Gather',
      attributes: { axis: 0 },
      precision: 'float32',
      inputs: [
        { dims: [from.length], needsGradient: true },
        { dims: [places.length], needsGradient: false },
      ],
      outputs: 1,
    }));
  const found = tape.buffer(places.length, float32, card);
  const call = tape.nextCall();
  operator().forward(call, [from, indices], [found]);
  return {
    found,
    of: (gradient) => {
      const given = tape.buffer(from.length, float32, card);
      operator().backward(call, [from, indices], [null], [gradient], [given, null]);
      return [given];
    },
  };
}

/** Zeros of `shape` with the elements of a tensor added at `places`: the way back of readAt. */
export function spreadAt(tape: Tape, from: Variable, places: Int32Array, shape: Shape): Variable {
  const { dtype } = from;
  const array = addedAt(tape, from.array, places, { count: elementCount(shape), dtype });
  return recorded(
    tape,
    'IndexPutBackward0',
    [from],
    { array, shape, dtype },
    (gradient) => {
      const result = tape.allocate(places.length, dtype);
      for (let i = 0; i < places.length; i++) result[i] = gradient[places[i] as number] as number;
      return [result];
    },
    (gradient) => [readAt(tape, gradient, places, from.shape, 'IndexBackward0')],
  );
}

function addedAt(
  tape: Tape,
  values: EagerArray,
  places: Int32Array,
  { count, dtype }: { count: number; dtype: DType },
): EagerArray {
  const result = tape.allocate(count, dtype);
  for (let i = 0; i < places.length; i++) {
    const at = places[i] as number;
    result[at] = (result[at] as number) + (values[i] as number);
  }
  return result;
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
  const derivative = (given: Variable): (Variable | null)[] => {
    const own = readAt(tape, given, places, values.shape, 'IndexBackward0');
    const written = spreadAt(tape, readAt(tape, given, places, [places.length], 'IndexBackward0'), places, shape);
    return [tape.apply('Sub', [given, written]), own];
  };
  return {
    node: new FunctionNode(tape, 'CopySlices', [before, values], { buffer, shape, dtype }, gradient, derivative),
    output: 0,
  };
}
