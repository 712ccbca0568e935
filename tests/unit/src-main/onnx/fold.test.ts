import { expect, test } from 'vitest';
import type { Graph, GraphNode, Initializer } from '../../../../shared/network/graph';
import { foldSizes } from '../../../../src-main/onnx/fold';

const node = (
  opType: string,
  inputs: string[],
  output: string,
  attributes: GraphNode['attributes'] = {},
): GraphNode => ({
  name: output,
  opType,
  inputs,
  outputs: [output],
  attributes,
});

const integers = (name: string, dims: number[], ...values: number[]): Initializer => ({
  name,
  dims,
  data: BigInt64Array.from(values, BigInt),
});

function graph(nodes: GraphNode[], initializers: Initializer[]): Graph {
  return { name: 'g', nodes, initializers, inputs: [{ name: 'x', dims: [-1] }], outputs: [{ name: 'y', dims: [-1] }] };
}

/** The nodes that are left, and the constants they read. */
function folded(nodes: GraphNode[], initializers: Initializer[], shape: (number | null)[]): unknown {
  const result = foldSizes(graph(nodes, initializers), new Map([['x', shape]]));
  const values = new Map(
    result.initializers.map(({ name, data }) => [name, Array.from<number | bigint, number>(data, Number)]),
  );
  return result.nodes.map(({ opType, inputs }) => [opType, ...inputs.map((name) => values.get(name) ?? name)]);
}

/** What PyTorch writes for x.view(x.size(0), -1). */
const view = [
  node('Shape', ['x'], 'shape'),
  node('Gather', ['shape', 'first'], 'size', { axis: 0 }),
  node('Unsqueeze', ['size'], 'row', { axes: [0] }),
  node('Concat', ['row', 'rest'], 'wanted', { axis: 0 }),
  node('Reshape', ['x', 'wanted'], 'y'),
];
const viewConstants = [integers('first', [], 0), integers('rest', [1], -1)];

test('a Reshape to a computed size: an open batch is copied, a known one is written', () => {
  expect(folded(view, viewConstants, [-1, 4, 5])).toEqual([['Reshape', 'x', [0, -1]]]);
  expect(folded(view, viewConstants, [2, 4, 5])).toEqual([['Reshape', 'x', [2, -1]]]);
});

test('sizes are computed with, and sliced', () => {
  const nodes = [
    node('Shape', ['x'], 'shape'),
    node('Slice', ['shape', 'one', 'three'], 'sizes'),
    node('Mul', ['sizes', 'two'], 'doubled'),
    node('Div', ['doubled', 'three'], 'parts'),
    node('Cast', ['parts'], 'cast', { to: 7 }),
    node('Expand', ['x', 'cast'], 'y'),
  ];
  const constants = [integers('one', [1], 1), integers('three', [1], 3), integers('two', [], 2)];
  expect(folded(nodes, constants, [-1, 4, 6])).toEqual([['Expand', 'x', [2, 4]]]);
});

test('initial states of zeros are what a recurrent layer begins with', () => {
  const nodes = [
    node('Shape', ['x'], 'shape'),
    node('ConstantOfShape', ['shape'], 'zeros', { value: 0 }),
    node('LSTM', ['x', 'w', 'r', '', '', 'zeros', 'zeros'], 'y'),
  ];
  expect(folded(nodes, [], [-1, 4, 6])).toEqual([['LSTM', 'x', 'w', 'r', '', '', '', '']]);
  const ones = nodes.map((item) => (item.opType === 'ConstantOfShape' ? { ...item, attributes: { value: 1 } } : item));
  expect(folded(ones, [], [-1, 4, 6])).toHaveLength(3);
});

test('what cannot be known stays as it is', () => {
  // Nothing says that the first size of the input is the batch.
  expect(folded(view, viewConstants, [null, 4, 5])).toHaveLength(5);
  // Time steps folded into the batch are no batch.
  const flat = [
    ...view.slice(0, 3),
    node('Mul', ['row', 'steps'], 'rows'),
    node('Concat', ['rows', 'rest'], 'wanted', { axis: 0 }),
    node('Reshape', ['x', 'wanted'], 'y'),
  ];
  expect(folded(flat, [...viewConstants, integers('steps', [1], 4)], [-1, 4, 5])).toHaveLength(6);
  const known = [...flat.slice(0, 4), node('Concat', ['rows', 'five'], 'wanted', { axis: 0 }), flat[5]!];
  const constants = [...viewConstants, integers('steps', [1], 4), integers('five', [1], 5)];
  expect(folded(known, constants, [-1, 4, 5])).toEqual([['Reshape', 'x', [-1, 5]]]);
  const plain = [node('Add', ['x', 'by'], 'y')];
  expect(folded(plain, [integers('by', [1], 3)], [-1, 4])).toEqual([['Add', 'x', [3]]]);
});
