import type { Signature } from './signature';
import type { Value } from './values';

/** What a `def` became: how it is called is the interpreter's business. */
export interface CompiledFunction {
  readonly signature: Signature;
  /** Computed when `def` ran, in the order of the parameters; undefined: must be given. */
  readonly defaults: readonly (Value | undefined)[];
  readonly documentation: string | null;
  /** Number of arguments that can be handed to `run` as they are; -1: they have to be bound. */
  readonly plainArguments: number;
  /** Runs the body with arguments in the order of the parameters. */
  run(args: Value[]): Value;
}
