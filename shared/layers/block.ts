import type { GraphNode, Initializer } from '../network/graph';
import type { ParameterValues, Shape } from './definition';
import { placeTransposed } from './transpose';

/**
 * Nodes of a foreign graph between one value and another that may be a layer written otherwise: PyTorch spells attention out in some
 * thirty nodes, and each version of it in others.
 */
export interface LayerBlock {
  nodes: readonly GraphNode[];
  /** Of one sample: what goes in, and what comes out. */
  input: Shape;
  output: Shape;
  /** Of a value in between, with sizes that the batch was folded into kept apart; undefined where it is not known. */
  shape(value: string): Shape | undefined;
  initializer(name: string): Initializer | undefined;
}

/** What a block may be: the importer computes both, and keeps the guess whose answers are the same. */
export interface LayerGuess {
  parameters: ParameterValues;
  /** By the names of the layer's weights. */
  weights: Record<string, Float32Array>;
}

/** A product with a weight, [inputs, outputs], and the bias added to it. */
export interface WeightedProduct {
  node: GraphNode;
  inputs: number;
  outputs: number;
  weight: Float32Array;
  bias: Float32Array | null;
  /** Whether other products have the same weight. */
  repeated: boolean;
}

/** The products of a block with weights, each weight once. */
export function weightedProducts({ nodes, initializer }: LayerBlock): WeightedProduct[] {
  const found = new Map<string, WeightedProduct>();
  for (const node of nodes) {
    if (node.opType !== 'MatMul' && node.opType !== 'Gemm') continue;
    const name = node.inputs[1] ?? '';
    const matrix = initializer(name);
    if (matrix?.dims.length !== 2 || !(matrix.data instanceof Float32Array)) continue;
    const known = found.get(name);
    if (known) known.repeated = true;
    else found.set(name, product(node, matrix.dims, matrix.data));
  }
  return [...found.values()];

  function product(node: GraphNode, [rows = 1, columns = 1]: readonly number[], data: Float32Array): WeightedProduct {
    const turned = node.attributes.transB === 1;
    const weight = turned ? turn(data, rows, columns) : data;
    const [inputs, outputs] = turned ? [columns, rows] : [rows, columns];
    return { node, inputs, outputs, weight, bias: biasOf(node, outputs), repeated: false };
  }

  function biasOf({ inputs, outputs }: GraphNode, size: number): Float32Array | null {
    const added = nodes.find(({ opType, inputs: terms }) => opType === 'Add' && terms.includes(outputs[0] ?? ''));
    for (const name of [inputs[2] ?? '', ...(added?.inputs ?? [])]) {
      const { dims, data } = initializer(name) ?? {};
      if (data instanceof Float32Array && dims?.length === 1 && data.length === size) return data;
    }
    return null;
  }
}

/** A matrix [rows, columns] as [columns, rows]. */
export function turn(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(matrix.length);
  placeTransposed(matrix, rows, columns, turned);
  return turned;
}

/** Whether nothing in it is trained: single numbers only, which some exporters do not say are constants. */
export function hasNoWeights({ nodes, initializer }: LayerBlock): boolean {
  return nodes.every(({ inputs }) =>
    inputs.every((name) => {
      const value = initializer(name);
      return !(value?.data instanceof Float32Array) || value.data.length === 1;
    }),
  );
}

/** All orders of a short list. */
export function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((first, at) =>
    permutations([...items.slice(0, at), ...items.slice(at + 1)]).map((rest) => [first, ...rest]),
  );
}
