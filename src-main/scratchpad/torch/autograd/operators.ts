import type {
  EagerArray,
  EagerDescription,
  EagerRequest,
  NativeEagerOperator,
  NativeEngine,
} from '../../../engine/native';

/** Prepared operators that are kept. A training loop needs some dozens. */
const kKept = 256;

export interface PreparedOperator {
  readonly native: NativeEagerOperator;
  readonly description: EagerDescription;
}

/** Prepared operators by request, so that a loop prepares each only once. */
export class Operators {
  private readonly prepared = new Map<string, PreparedOperator>();
  private calls = 0;

  constructor(
    readonly engine: NativeEngine,
    private readonly threads: number,
  ) {}

  /** `key` must be the same for equal requests only. */
  prepare(key: string, request: () => EagerRequest): PreparedOperator {
    const found = this.prepared.get(key);
    if (found) return found;
    if (this.prepared.size >= kKept) this.forgetOldest();
    const native = this.engine.createEagerOperator(request(), { threads: this.threads });
    const operator = { native, description: native.describe() };
    this.prepared.set(key, operator);
    return operator;
  }

  /** Returns the number of the call. */
  forward(operator: PreparedOperator, inputs: (EagerArray | null)[], outputs: EagerArray[]): number {
    this.calls += 1;
    operator.native.forward(this.calls, inputs, outputs);
    return this.calls;
  }

  private forgetOldest(): void {
    let left = kKept / 2;
    for (const [key, { native }] of this.prepared) {
      if (left-- === 0) return;
      native.dispose();
      this.prepared.delete(key);
    }
  }
}
