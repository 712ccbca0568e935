import type { Value } from '../values';

/** A variable that several functions share, or a global one. */
export class Cell {
  constructor(public value: Value | undefined = undefined) {}
}

/** The variables of one call while it runs. */
export class Frame {
  /** What `return` gives. */
  result: Value = null;
  /** How many calls are running while this one is; of a generator, set anew whenever it goes on. */
  depth = 0;

  constructor(
    readonly slots: (Value | undefined)[],
    readonly cells: readonly Cell[],
    /** Of a class body that is running. */
    readonly members: Map<string, Value> | null = null,
  ) {}
}

/** How a statement ended. */
export const Completion = { normal: 0, break: 1, continue: 2, return: 3 } as const;
export type Completion = (typeof Completion)[keyof typeof Completion];

/** Compiled code: closures that call each other. */
export type Evaluate = (frame: Frame) => Value;
export type Execute = (frame: Frame) => Completion;
export type Store = (frame: Frame, value: Value) => void;
/** A statement of a generator function with a `yield` in it. */
export type Resume = (frame: Frame) => Generator<Value, Completion, Value>;
