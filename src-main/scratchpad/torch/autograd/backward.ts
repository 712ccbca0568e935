import type { DType } from '../tensor/dtype';
import type { Buffer } from './buffer';
import type { Glimpse } from './recent';
import type { Tape } from './tape';
import type { Trace } from './trace';
import type { Edge, GradientNode, Variable } from './variable';

/** A tensor that asked for its gradient. */
export interface GradientHolder {
  addGradient(gradient: Buffer): void;
  /** A gradient that can be differentiated again. */
  addRecorded(gradient: Variable): void;
  /** What has added up. */
  readonly grad: { readonly array: ArrayLike<number> } | null;
}

/** The end of a way: adds what arrives to the gradient of a tensor that asked for it. */
export class AccumulateGrad implements GradientNode {
  /** Before everything that was recorded. */
  readonly order = 0;
  readonly name = 'AccumulateGrad';
  readonly edges: readonly null[] = [];
  readonly operation = null;
  readonly outputs: readonly { count: number; dtype: DType }[];

  constructor(
    count: number,
    dtype: DType,
    readonly holder: GradientHolder,
  ) {
    this.outputs = [{ count, dtype }];
  }

  backward([gradient]: (Buffer | null)[]): [] {
    if (gradient) this.holder.addGradient(gradient);
    return [];
  }
}

export interface BackwardOptions {
  /** The graph can be walked again. */
  keep: boolean;
  /** Only gradients of these are wanted: they are returned, and added to no tensor. */
  wanted?: readonly Edge[];
}

/**
 * Walks the tape from `roots` back, the latest record first. Every record is visited once, when all gradients of its outputs
 * have arrived. Returns the gradients of `wanted` (null: the roots do not depend on it).
 */
export function runBackward(
  tape: Tape,
  roots: readonly { edge: Edge; gradient: Buffer }[],
  { keep, wanted }: BackwardOptions,
): (Buffer | null)[] {
  const { trace } = tape;
  const arrived = new Map<GradientNode, (Buffer | null)[]>();
  const give = ({ node, output }: Edge, gradient: Buffer): void => {
    let gradients = arrived.get(node);
    if (!gradients) arrived.set(node, (gradients = node.outputs.map(() => null)));
    const before = gradients[output];
    gradients[output] = before ? tape.addTo(before, gradient) : gradient;
  };
  const nodes = reachable(roots.map(({ edge }) => edge.node));
  for (const { edge, gradient } of roots) give(edge, gradient.own());

  const results = (wanted ?? []).map((): Buffer | null => null);
  for (const node of nodes) {
    const gradients = arrived.get(node);
    arrived.delete(node);
    if (!gradients) continue;
    wanted?.forEach(({ node: at, output }, i) => {
      if (at === node) results[i] = gradients[output]?.own() ?? null;
    });
    node.retained?.forEach((receive, output) => {
      const gradient = gradients[output];
      if (gradient) receive(gradient.own());
    });
    if (node instanceof AccumulateGrad) {
      if (!wanted) node.backward(gradients);
      continue;
    }
    const { operation } = node;
    // Before the callee overwrites them.
    if (operation) operation.received = glimpses(trace, gradients);
    const passed = node.backward(gradients, keep);
    if (operation) operation.returned = glimpses(trace, passed);
    node.edges.forEach((edge, i) => {
      const gradient = passed[i];
      if (edge && gradient) give(edge, gradient);
    });
  }
  return results;
}

const glimpses = (trace: Trace, gradients: readonly (Buffer | null)[]): (Glimpse | null)[] =>
  gradients.map((gradient) => gradient && trace.glimpseOfCopy(gradient));

/** All nodes on the ways back from `roots`, the latest first. */
export function reachable(roots: readonly GradientNode[]): GradientNode[] {
  const seen = new Set<GradientNode>(roots);
  const open = [...seen];
  for (let node = open.pop(); node; node = open.pop()) {
    for (const edge of node.edges) {
      if (!edge || seen.has(edge.node)) continue;
      seen.add(edge.node);
      open.push(edge.node);
    }
  }
  return [...seen].sort((a, b) => b.order - a.order);
}
