import { HostFunction, type CallContext } from '../language/host';
import type { Value } from '../language/values';
import { tellForeign } from './network/foreign';
import type { Session } from './session';
import { isTensor, type Tensor } from './tensor/tensor';

export type Body = (args: Value[], context: CallContext) => Value;

/** Functions being collected: those of the module torch, and the methods of tensors. */
export class Library {
  readonly functions = new Map<string, HostFunction>();
  readonly methods = new Map<string, HostFunction>();

  constructor(readonly session: Session) {}

  /** A HostFunction whose body computes on this session's tape. */
  make(name: string, signature: string, body: Body, help = ''): HostFunction {
    const { tape } = this.session;
    const run: Body = (args, context) => {
      tape.context = context;
      const result = body(args, context);
      if (tape.listener) tellForeign(tape.listener, name, args, result);
      return result;
    };
    return new HostFunction(name, signature, run, help);
  }

  function(name: string, signature: string, body: Body, help?: string): void {
    this.functions.set(name, this.make(name, signature, body, help));
  }

  method(name: string, signature: string, body: Body, help?: string): void {
    this.methods.set(name, this.make(name, signature, body, help));
  }

  /** torch.name(x, …) and x.name(…). */
  both(name: string, signature: string, body: Body, help?: string): void {
    const made = this.make(name, signature, body, help);
    this.functions.set(name, made);
    this.methods.set(name, made);
  }

  /** The same, and x.name_(…), which leaves the result in x. */
  withInPlace(name: string, signature: string, body: Body, help?: string): void {
    this.both(name, signature, body, help);
    this.method(`${name}_`, signature, (args, context) => {
      const target = args[0] as Tensor;
      target.refuseLeaf();
      return target.become(body(args, context));
    });
  }

  /** Other names of functions and methods. */
  alias(name: string, ...others: string[]): void {
    for (const table of [this.functions, this.methods]) {
      const found = table.get(name);
      if (found) for (const other of others) table.set(other, found);
    }
  }
}

/** The tensors among the arguments. */
export const tensorsOf = (args: readonly Value[]): Tensor[] => args.filter(isTensor);
