import type { NumberSummary } from './summary';

/**
 * A computation as it happened: what was read, which operators ran, what came out, and what a backward pass sent back. Made by the
 * host from the tape of a notebook or from a network and one sample; drawn by the page, written as SVG and DOT.
 */
export interface RecordedGraph {
  /** Every node stands behind those it reads. */
  nodes: RecordedNode[];
  edges: RecordedEdge[];
  /** Layers of a network, from front to back. A notebook has none. */
  groups: RecordedGroup[];
}

/**
 * leaf: a tensor that was not computed here and gets a gradient (a parameter, requires_grad=True). constant: one that gets none (an
 * input, a target, a number, a frozen weight). operator: something that ran.
 */
export type RecordedNodeKind = 'leaf' | 'constant' | 'operator';

export interface RecordedNode {
  /** Unique in the graph. */
  id: string;
  kind: RecordedNodeKind;
  /** The engine's word for what ran (Mul, Gemm, mse); null of tensors. */
  operator: string | null;
  /** What grad_fn shows for it: MulBackward0, of a leaf AccumulateGrad. Null where no gradient passes, and in a network, which has no tape. */
  gradFunction: string | null;
  /** The id of its layer. */
  group: string | null;
  /** cpu, cuda:0, … */
  device: string;
  /** Whether a backward pass reaches it. */
  requiresGrad: boolean;
  /** The graph was asked for because of this one. */
  result: boolean;
  /** What it gives: one tensor, of a few operators several. A tensor gives itself. */
  outputs: RecordedValue[];
}

export interface RecordedValue {
  /** What it is called: variables of a notebook (yhat, loss), weights of a layer. Empty between operators. */
  names: string[];
  /** [] is one number. */
  shape: number[];
  /** float32, int64, … */
  dtype: string;
  /** Null: no longer known. */
  value: NumberSummary | null;
  /** ∂result/∂value of the last backward pass; of a leaf of a notebook what has added up in its grad. Null: there was none. */
  gradient: NumberSummary | null;
}

/** A value on its way into an operator. Backward the gradient takes the same way in the other direction. */
export interface RecordedEdge {
  /** Node, and which of its outputs. */
  from: string;
  output: number;
  /** Node, and at which of its inputs. */
  to: string;
  input: number;
  /** Whether a gradient goes back this way. */
  requiresGrad: boolean;
  /** What went back this way: one summand of the gradient of the value, which may have other readers. Null: nothing yet. */
  gradient: NumberSummary | null;
}

export interface RecordedGroup {
  id: string;
  /** The kind of the layer in the catalogue; the page has words for it. */
  kind: string;
  /** The user's own name for it. */
  name: string | null;
}
