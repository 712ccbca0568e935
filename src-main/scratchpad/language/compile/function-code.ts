import type { CompiledFunction } from '../functions';
import type { Runtime } from '../runtime';
import type { Signature } from '../signature';
import { PyIterator, type Value } from '../values';
import type { Completion, Execute, Frame, Resume } from './frame';

export type FunctionBody = { execute: Execute } | { resume: Resume };

export interface FunctionHead {
  signature: Signature;
  defaults: readonly (Value | undefined)[];
  plainArguments: number;
  documentation: string | null;
}

/** A `def` or `lambda` that was reached: its code with the variables around it. */
export class FunctionCode implements CompiledFunction {
  readonly signature: Signature;
  readonly defaults: readonly (Value | undefined)[];
  readonly plainArguments: number;
  readonly documentation: string | null;

  constructor(
    private readonly runtime: Runtime,
    private readonly name: string,
    head: FunctionHead,
    private readonly body: FunctionBody,
    private readonly makeFrame: (slots: (Value | undefined)[]) => Frame,
  ) {
    this.signature = head.signature;
    this.defaults = head.defaults;
    this.plainArguments = head.plainArguments;
    this.documentation = head.documentation;
  }

  run(args: Value[]): Value {
    const { runtime, body } = this;
    if ('resume' in body) {
      const { resume } = body;
      return new PyIterator('generator', suspended(runtime, this.name, this.makeFrame(args), resume));
    }
    runtime.enter(this.name);
    const frame = this.makeFrame(args);
    body.execute(frame);
    runtime.leave();
    return frame.result;
  }
}

/** A generator: its code goes on at every `next`, as a call of its own. */
export function suspended(
  runtime: Runtime,
  name: string,
  frame: Frame,
  resume: (frame: Frame) => Iterator<Value, Completion | undefined, Value>,
): Iterator<Value, Value, Value> {
  const iterator = resume(frame);
  let ended = false;
  return {
    next: (sent: Value = null) => {
      if (ended) return { done: true, value: null };
      runtime.enter(name);
      frame.depth = runtime.depth;
      // While it runs nobody may ask it for more, and after an error it is over.
      ended = true;
      const step = iterator.next(sent);
      runtime.leave();
      if (step.done) return { done: true, value: frame.result };
      ended = false;
      return step;
    },
    return: () => {
      ended = true;
      return { done: true, value: null };
    },
  };
}
