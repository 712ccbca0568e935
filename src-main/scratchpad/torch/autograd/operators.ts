import type { EagerDescription, EagerRequest, NativeEagerOperator } from '../../../engine/native';
import type { Buffer } from './buffer';

/** Prepared operators that are kept. A training loop needs some dozens. */
const kKept = 256;

type Buffers = readonly (Buffer | null)[];

/** An operator of the engine that runs somewhere: native.ts, NativeEagerOperator. */
export interface PreparedOperator {
  readonly description: EagerDescription;
  forward(call: number, inputs: Buffers, outputs: Buffers): void;
  backward(call: number, inputs: Buffers, outputs: Buffers, outputGradients: Buffers, inputGradients: Buffers): void;
  dispose(): void;
}

/** `run` calls with what the operator takes for lists of buffers. */
export function prepared<Memory>(
  native: NativeEagerOperator<Memory>,
  run: (lists: readonly Buffers[], call: (...memories: (Memory | null)[][]) => void) => void,
): PreparedOperator {
  return {
    description: native.describe(),
    forward: (call, inputs, outputs) =>
      run([inputs, outputs], (given, made) => native.forward(call, given ?? [], (made ?? []) as Memory[])),
    backward: (call, ...lists) =>
      run(lists, (inputs = [], outputs = [], outputGradients = [], inputGradients = []) =>
        native.backward(call, inputs, outputs, outputGradients, inputGradients),
      ),
    dispose: () => native.dispose(),
  };
}

/** Prepared operators by request, so that a loop prepares each only once. */
export class Operators {
  private readonly prepared = new Map<string, PreparedOperator>();

  constructor(private readonly create: (request: EagerRequest) => PreparedOperator) {}

  /** `key` must be the same for equal requests only. */
  prepare(key: string, request: () => EagerRequest): PreparedOperator {
    const found = this.prepared.get(key);
    if (found) return found;
    if (this.prepared.size >= kKept) this.forgetOldest();
    const operator = this.create(request());
    this.prepared.set(key, operator);
    return operator;
  }

  private forgetOldest(): void {
    let left = kKept / 2;
    for (const [key, operator] of this.prepared) {
      if (left-- === 0) return;
      operator.dispose();
      this.prepared.delete(key);
    }
  }
}
