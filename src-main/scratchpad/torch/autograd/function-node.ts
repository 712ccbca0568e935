import type { EagerArray } from '../../../engine/native';
import type { DType } from '../tensor/dtype';
import { elementCount, type Shape } from '../tensor/shape';
import type { Tape } from './tape';
import type { Operation, Result } from './trace';
import { Buffer } from './buffer';
import { Variable, type Edge, type GradientNode } from './variable';

type Gradient = (gradient: EagerArray) => (EagerArray | null)[];
/** The same wherever the values are. */
interface GradientAnywhere {
  of(gradient: Buffer): (Buffer | null)[];
}
/** The same, recorded. Null where there is none: create_graph does not go through it. */
type RecordedGradient = ((gradient: Variable) => (Variable | null)[]) | null;

/** An operation that is no operator of the engine, with its gradient written here: casts, memory read at places, rare functions. */
export class FunctionNode implements GradientNode {
  readonly order: number;
  readonly edges: readonly (Edge | null)[];
  readonly operation: Operation;
  readonly outputs: readonly { count: number; dtype: DType }[];
  retained?: Map<number, (gradient: Buffer) => void>;

  constructor(
    tape: Tape,
    public name: string,
    inputs: readonly Variable[],
    result: Result,
    private readonly gradient: Gradient | GradientAnywhere,
    readonly derivative: RecordedGradient = null,
  ) {
    this.order = tape.nextOrder();
    this.edges = inputs.map(({ edge }) => edge);
    this.outputs = [{ count: elementCount(result.shape), dtype: result.dtype }];
    this.operation = tape.trace.describe(operatorOf(name), inputs, [result]);
  }

  backward([gradient]: (Buffer | null)[]): (Buffer | null)[] {
    if (!gradient) return this.edges.map(() => null);
    if (typeof this.gradient === 'object') return this.gradient.of(gradient);
    // It may be overwritten here, and on a card nobody overwrites one.
    const { array } = gradient;
    return this.gradient(gradient.card ? array.slice() : array).map((given) => given && new Buffer(given));
  }
}

/** The result of such an operation on `inputs`; `gradient` is kept when it is recorded. */
export function recorded(
  tape: Tape,
  name: string,
  inputs: readonly Variable[],
  { array, shape, dtype }: { array: EagerArray | Buffer; shape: Shape; dtype: DType },
  gradient: Gradient | GradientAnywhere,
  derivative: RecordedGradient = null,
): Variable {
  const buffer = array instanceof Buffer ? array : new Buffer(array);
  if (dtype.kind !== 'float' || !tape.records(inputs)) {
    const made = new Variable(buffer, shape, dtype, null);
    tape.trace.remember(operatorOf(name), inputs, [made]);
    tape.listener?.foreign(operatorOf(name), inputs, made);
    return made;
  }
  for (const input of inputs) input.buffer.shared = true;
  const node = new FunctionNode(tape, name, inputs, { buffer, shape, dtype }, gradient, derivative);
  const made = new Variable(buffer, shape, dtype, { node, output: 0 });
  tape.listener?.foreign(operatorOf(name), inputs, made);
  return made;
}

/** What ran, by the name of its gradient function. */
const operatorOf = (name: string): string => name.replace(/Backward\d*$/, '');
