import type { Graph, GraphNode, Initializer } from '../../../shared/network/graph';

/** Small graphs with nodes that are no layers of the catalogue. */

const node = (
  opType: string,
  inputs: string[],
  outputs: string[],
  attributes: GraphNode['attributes'] = {},
): GraphNode => ({ name: `/${opType}_${outputs.join('_')}`, opType, inputs, outputs, attributes });

const floats = (name: string, dims: number[]): Initializer => ({
  name,
  dims,
  data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, index) =>
    Math.fround(Math.cos(index + 1) / 2),
  ),
});

const graph = (
  inputShape: number[],
  outputShape: number[],
  nodes: GraphNode[],
  initializers: Initializer[],
): Graph => ({
  name: 'test',
  nodes,
  initializers,
  inputs: [{ name: 'input', dims: [-1, ...inputShape] }],
  outputs: [{ name: 'output', dims: [-1, ...outputShape] }],
});

/** A trained number for each of three values, added between two activations; two paths that meet. */
export function addGraph(): Graph {
  return graph(
    [3],
    [3],
    [
      node('Tanh', ['input'], ['a']),
      node('Add', ['a', 'by'], ['b']),
      node('Relu', ['b'], ['c']),
      node('Add', ['c', 'a'], ['output']),
    ],
    [floats('by', [3])],
  );
}

/** Both halves of a Split, multiplied. */
export function branchGraph(): Graph {
  return graph(
    [6],
    [3],
    [
      node('Split', ['input'], ['left', 'right'], { axis: 1, num_outputs: 2 }),
      node('Sigmoid', ['right'], ['gate']),
      node('Mul', ['left', 'gate'], ['output']),
    ],
    [],
  );
}

/** The last cell state of an LSTM, whose sequence nothing reads. */
export function lstmStatesGraph(): Graph {
  const axes: Initializer = { name: 'axes', dims: [1], data: BigInt64Array.of(0n) };
  return graph(
    [4, 3],
    [5],
    [
      node('Transpose', ['input'], ['steps'], { perm: [1, 0, 2] }),
      node('LSTM', ['steps', 'w', 'r', 'b'], ['', '', 'cell'], { hidden_size: 5 }),
      node('Squeeze', ['cell', 'axes'], ['output']),
    ],
    [floats('w', [1, 20, 3]), floats('r', [1, 20, 5]), floats('b', [1, 40]), axes],
  );
}
