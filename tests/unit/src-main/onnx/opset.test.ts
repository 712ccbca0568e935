import { describe, expect, test } from 'vitest';
import { LabError } from '../../../../shared/errors';
import type { GraphNode, Initializer } from '../../../../shared/network/graph';
import { modernise } from '../../../../src-main/onnx/opset';
import type { ParsedModel } from '../../../../src-main/onnx/model';
import type { PartialShape } from '../../../../src-main/onnx/shapes';

type NodeForm = Partial<GraphNode> & { opType: string };

/** One node that reads "x" (a picture of four channels unless told) and its constants. */
function modelOf(
  opset: number,
  { opType, inputs = ['x'], outputs = ['y'], attributes = {} }: NodeForm,
  initializers: Initializer[] = [],
  shape: PartialShape = [null, 4, 5, 6],
): ParsedModel {
  return {
    file: 'model.onnx',
    opset,
    producer: '',
    metadata: {},
    frozen: new Set(),
    graph: {
      name: 'g',
      nodes: [{ name: 'n', opType, inputs, outputs, attributes }],
      initializers,
      inputs: [{ name: 'x', dims: [-1] }],
      outputs: [{ name: 'y', dims: [-1] }],
    },
    inputs: [],
    outputs: [],
    shapes: new Map([['x', shape]]),
  };
}

/** Nodes as `OpType(inputs) {attributes}`, constants by their values. */
function described(...args: Parameters<typeof modelOf>): string[] {
  const { nodes, initializers } = modernise(modelOf(...args));
  const values = new Map(
    initializers.map(({ name, data, dims }) => [name, `${dims.length === 0 ? '' : 'list '}${data.join(' ')}`]),
  );
  return nodes.map(
    ({ opType, inputs, attributes }) =>
      `${opType}(${inputs.map((name) => values.get(name) ?? name).join(', ')}) ${JSON.stringify(attributes)}`,
  );
}

function refusal(...args: Parameters<typeof modelOf>): LabError {
  try {
    modernise(modelOf(...args));
  } catch (error) {
    if (error instanceof LabError) return error;
    throw error;
  }
  throw new Error('the node was accepted');
}

const floats = (name: string, ...values: number[]): Initializer => ({
  name,
  dims: [values.length],
  data: Float32Array.from(values),
});

test.each<[string, number, NodeForm, string[]]>([
  ['Squeeze', 11, { opType: 'Squeeze', attributes: { axes: [0, -1] } }, ['Squeeze(x, list 0 -1) {}']],
  ['Squeeze of everything', 11, { opType: 'Squeeze' }, ['Squeeze(x) {}']],
  ['Unsqueeze', 12, { opType: 'Unsqueeze', attributes: { axes: [1] } }, ['Unsqueeze(x, list 1) {}']],
  [
    'ReduceSum',
    12,
    { opType: 'ReduceSum', attributes: { axes: [1], keepdims: 0 } },
    ['ReduceSum(x, list 1) {"keepdims":0}'],
  ],
  ['ReduceMean of 17', 17, { opType: 'ReduceMean', attributes: { axes: [2] } }, ['ReduceMean(x, list 2) {}']],
  ['ReduceMax of 17', 17, { opType: 'ReduceMax', attributes: { axes: [2] } }, ['ReduceMax(x, list 2) {}']],
  ['Clip', 10, { opType: 'Clip', attributes: { max: 6, min: 0 } }, ['Clip(x, 0, 6) {}']],
  ['Clip with one bound', 6, { opType: 'Clip', attributes: { max: 6 } }, ['Clip(x, , 6) {}']],
  ['Dropout', 7, { opType: 'Dropout' }, ['Dropout(x, 0.5) {}']],
  ['Pad', 2, { opType: 'Pad', attributes: { mode: 'edge', pads: [0, 1] } }, ['Pad(x, list 0 1) {"mode":"edge"}']],
  ['Pad with a value', 10, { opType: 'Pad', attributes: { pads: [0, 1], value: 2 } }, ['Pad(x, list 0 1, 2) {}']],
  [
    'Slice',
    9,
    { opType: 'Slice', attributes: { starts: [0], ends: [-1], axes: [2] } },
    ['Slice(x, list 0, list -1, list 2) {}'],
  ],
  ['Split', 11, { opType: 'Split', attributes: { split: [1, 3], axis: 1 } }, ['Split(x, list 1 3) {"axis":1}']],
  [
    'Split into equal parts',
    13,
    { opType: 'Split', outputs: ['y', 'z'], attributes: { axis: 1 } },
    ['Split(x) {"axis":1,"num_outputs":2}'],
  ],
  ['Reshape', 1, { opType: 'Reshape', attributes: { shape: [0, -1] } }, ['Reshape(x, list 0 -1) {}']],
  ['Concat', 1, { opType: 'Concat' }, ['Concat(x) {"axis":1}']],
  ['an axis at the end', 6, { opType: 'Add', inputs: ['x', 'x'], attributes: { broadcast: 1 } }, ['Add(x, x) {}']],
  ['a hint of opset 1', 1, { opType: 'Relu', attributes: { consumed_inputs: [0] } }, ['Relu(x) {}']],
  [
    'BatchNormalization',
    8,
    { opType: 'BatchNormalization', attributes: { spatial: 1, epsilon: 0.1 } },
    ['BatchNormalization(x) {"epsilon":0.1}'],
  ],
  ['Softmax over the last axis', 11, { opType: 'Softmax', attributes: { axis: 3 } }, ['Softmax(x) {"axis":-1}']],
  [
    'LogSoftmax over two axes',
    12,
    { opType: 'LogSoftmax', attributes: { axis: 2 } },
    [
      'ReduceMax(x, list 2 3) {"keepdims":1}',
      'Sub(x, n.max) {}',
      'Exp(n.shifted) {}',
      'ReduceSum(n.exp, list 2 3) {"keepdims":1}',
      'Log(n.sum) {}',
      'Sub(n.shifted, n.log) {}',
    ],
  ],
])('%s of operator set %i', (_name, opset, node, expected) => {
  expect(described(opset, node)).toEqual(expected);
});

test.each<[string, number, NodeForm]>([
  ['Softmax', 13, { opType: 'Softmax', attributes: { axis: 1 } }],
  ['ReduceMean', 18, { opType: 'ReduceMean', inputs: ['x', 'a'] }],
  ['GroupNormalization', 21, { opType: 'GroupNormalization', inputs: ['x', 'a', 'a'], attributes: { num_groups: 2 } }],
  ['Split', 18, { opType: 'Split', attributes: { num_outputs: 2 } }],
  ['an operator of nobody', 11, { opType: 'constructor' }],
])('%s of operator set %i has its form of today already', (_name, opset, node) => {
  const constant = { name: 'a', dims: [1], data: new BigInt64Array([1n]) };
  const { nodes } = modernise(modelOf(opset, node, [constant]));
  expect(nodes).toMatchObject([{ opType: node.opType, attributes: node.attributes ?? {} }]);
});

describe('what has no form today is refused with its node', () => {
  test.each<[string, number, NodeForm, PartialShape?]>([
    ['spatial = 0', 8, { opType: 'BatchNormalization', attributes: { spatial: 0 } }],
    ['is_test = 0', 6, { opType: 'BatchNormalization' }],
    ['axis = 1', 6, { opType: 'Mul', inputs: ['x', 'x'], attributes: { broadcast: 1, axis: 1 } }],
    ['paddings', 1, { opType: 'Pad', attributes: { paddings: [1, 1] } }],
    ['mean and variance as outputs', 9, { opType: 'BatchNormalization', outputs: ['m', 'y'] }],
    ['scale per group', 18, { opType: 'GroupNormalization', inputs: ['x', 'x', 'x'], attributes: { num_groups: 2 } }],
  ])('%s', (form, opset, node) => {
    const error = refusal(opset, node);
    expect(error.code).toBe('model.old-form');
    expect(error.details).toEqual({ file: 'model.onnx', node: 'n', operator: node.opType, opset, form });
  });

  test('a joint softmax of a value nobody knows the dimensions of', () => {
    const model = modelOf(11, { opType: 'Softmax', inputs: ['x'] });
    expect(() => modernise({ ...model, shapes: new Map() })).toThrow(/axis = 1/);
  });

  test('dropout that drops while it infers, unless it drops nothing', () => {
    const node = { opType: 'Dropout', inputs: ['x', 'ratio', 'mode'] };
    const mode = { name: 'mode', dims: [], data: new BigInt64Array([1n]) };
    const ratio = (value: number): Initializer => ({ name: 'ratio', dims: [], data: Float32Array.of(value) });
    expect(refusal(13, node, [ratio(0.25), mode]).details.form).toBe('training_mode = true');
    expect(described(13, node, [ratio(0), mode])).toEqual(['Dropout(x, 0) {}']);
  });
});

test('the groups of 18 become channels that are trained as they were', () => {
  const node = { opType: 'GroupNormalization', inputs: ['x', 's', 'b'], attributes: { num_groups: 2 } };
  const { nodes, initializers } = modernise(
    modelOf(18, node, [floats('s', 1, 2), { ...floats('b', 3, 4), frozen: true }]),
  );
  expect(nodes[0]?.inputs).toEqual(['x', 'n.scale', 'n.bias']);
  expect(initializers).toEqual([
    { name: 'n.scale', dims: [4], data: Float32Array.of(1, 1, 2, 2) },
    { name: 'n.bias', dims: [4], data: Float32Array.of(3, 3, 4, 4), frozen: true },
  ]);
});

test('no axes: all of them, or with noop_with_empty_axes none', () => {
  const none = { name: 'axes', dims: [0], data: new BigInt64Array(0) };
  const node = { opType: 'ReduceSum', inputs: ['x', 'axes'] };
  expect(described(13, node, [none])).toEqual(['ReduceSum(x) {}']);
  expect(described(13, { ...node, attributes: { noop_with_empty_axes: 1 } }, [none])).toEqual(['Identity(x) {}']);
  expect(modernise(modelOf(13, node, [none])).initializers).toEqual([]);
});

test('a power of whole numbers is one of floats', () => {
  const exponent = { name: 'e', dims: [2], data: new BigInt64Array([2n, 3n]) };
  const { initializers } = modernise(modelOf(13, { opType: 'Pow', inputs: ['x', 'e'] }, [exponent]));
  expect(initializers).toEqual([{ name: 'n.exponent', dims: [2], data: Float32Array.of(2, 3), frozen: true }]);
});

test('a name that is taken is not taken again', () => {
  const taken = floats('n.axes', 1);
  const { nodes, initializers } = modernise(
    modelOf(11, { opType: 'Squeeze', inputs: ['x'], attributes: { axes: [1] } }, [taken]),
  );
  expect(nodes[0]?.inputs[1]).toBe('n.axes-2');
  expect(initializers.map(({ name }) => name)).toEqual(['n.axes', 'n.axes-2']);
});
