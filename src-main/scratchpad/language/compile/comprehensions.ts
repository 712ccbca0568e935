import { iteratorOf } from '../iteration';
import type { Runtime } from '../runtime';
import type { Value } from '../values';
import type { Evaluate, Frame, Store } from './frame';

/** One `for … in … if …`, compiled. The first iterable is evaluated outside, by whoever runs the clauses. */
export interface Clause {
  iterable: Evaluate;
  store: Store;
  conditions: ((frame: Frame) => boolean)[];
}

/** Calls `visit` for every combination of elements that fulfils the conditions. */
export function runClauses(
  clauses: readonly Clause[],
  first: Value,
  frame: Frame,
  runtime: Runtime,
  visit: () => void,
): void {
  const last = clauses.length - 1;
  const run = (index: number, iterable: Value): void => {
    const { store, conditions } = clauses[index] as Clause;
    const iterator = iteratorOf(iterable, runtime);
    for (let step = iterator.next(); !step.done; step = iterator.next()) {
      runtime.charge(1);
      store(frame, step.value);
      if (!conditions.every((condition) => condition(frame))) continue;
      if (index === last) visit();
      else run(index + 1, (clauses[index + 1] as Clause).iterable(frame));
    }
  };
  run(0, first);
}

/** The same, one value at a time. */
export function* generateClauses(
  clauses: readonly Clause[],
  first: Iterator<Value>,
  frame: Frame,
  runtime: Runtime,
  element: Evaluate,
): Generator<Value, void, Value> {
  const last = clauses.length - 1;
  function* run(index: number, iterator: Iterator<Value>): Generator<Value, void, Value> {
    const { store, conditions } = clauses[index] as Clause;
    for (let step = iterator.next(); !step.done; step = iterator.next()) {
      runtime.charge(1);
      store(frame, step.value);
      if (!conditions.every((condition) => condition(frame))) continue;
      if (index === last) yield element(frame);
      else yield* run(index + 1, iteratorOf((clauses[index + 1] as Clause).iterable(frame), runtime));
    }
  }
  yield* run(0, first);
}
