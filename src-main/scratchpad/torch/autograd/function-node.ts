import type { EagerArray } from '../../../engine/native';
import type { DType } from '../tensor/dtype';
import { elementCount, type Shape } from '../tensor/shape';
import type { Tape } from './tape';
import { Variable, type Edge, type GradientNode } from './variable';

type Gradient = (gradient: EagerArray) => (EagerArray | null)[];

/** An operation that is no operator of the engine, with its gradient written here: casts, memory read at places, rare functions. */
export class FunctionNode implements GradientNode {
  readonly order: number;
  readonly outputs: readonly { count: number; dtype: DType }[];
  retained?: Map<number, (gradient: EagerArray) => void>;

  constructor(
    tape: Tape,
    public name: string,
    readonly edges: readonly (Edge | null)[],
    output: { count: number; dtype: DType },
    private readonly gradient: Gradient,
  ) {
    this.order = tape.nextOrder();
    this.outputs = [output];
  }

  backward([gradient]: (EagerArray | null)[]): (EagerArray | null)[] {
    return gradient ? this.gradient(gradient) : this.edges.map(() => null);
  }
}

/** The result of such an operation on `inputs`; `gradient` is kept when it is recorded. */
export function recorded(
  tape: Tape,
  name: string,
  inputs: readonly Variable[],
  result: { array: EagerArray; shape: Shape; dtype: DType },
  gradient: Gradient,
): Variable {
  const { array, shape, dtype } = result;
  if (dtype.kind !== 'float' || !tape.records(inputs)) return Variable.of(array, shape, dtype);
  for (const input of inputs) input.buffer.shared = true;
  const edges = inputs.map(({ edge }) => edge);
  const node = new FunctionNode(tape, name, edges, { count: elementCount(shape), dtype }, gradient);
  return Variable.of(array, shape, dtype, { node, output: 0 });
}
