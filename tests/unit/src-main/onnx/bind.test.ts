import { expect, test } from 'vitest';
import { LabError } from '../../../../shared/errors';
import { fileNames } from '../../../../src-main/cli/arrays';
import { bindInputs, constantInputsOf, typedOutputs } from '../../../../src-main/onnx/bind';
import type { ParsedModel } from '../../../../src-main/onnx/model';
import type { ModelPort } from '../../../../src-main/onnx/ports';

const constantInputs = constantInputsOf([
  { opType: 'Reshape', device: 'cpu', backward: true, constants: [1], indices: [], running: [] },
  { opType: 'Clip', device: 'cpu', backward: true, constants: [1, 2], indices: [], running: [] },
]);

const ports: ModelPort[] = [
  { name: 'x', type: 'float32', dims: ['batch', 2] },
  { name: 'shape', type: 'int64', dims: [1] },
  { name: 'low', type: 'float32', dims: [] },
];

function model(inputs = ports): ParsedModel {
  return {
    file: 'model.onnx',
    opset: 17,
    producer: '',
    metadata: {},
    frozen: new Set(),
    graph: {
      name: 'g',
      nodes: [
        { name: 'clip', opType: 'Clip', inputs: ['x', 'low'], outputs: ['c'], attributes: {} },
        { name: 'reshape', opType: 'Reshape', inputs: ['c', 'shape'], outputs: ['y'], attributes: {} },
      ],
      initializers: [],
      inputs: [],
      outputs: [
        { name: 'y', dims: [-1] },
        { name: 'shape', dims: [1] },
      ],
    },
    inputs,
    outputs: [
      { name: 'y', type: 'int64', dims: null },
      { name: 'shape', type: 'int64', dims: [1] },
    ],
    shapes: new Map(),
  };
}

const x = { dims: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
const shape = { dims: [1], data: BigInt64Array.of(-1n) };
const low = { dims: [], data: Float32Array.of(2) };

function refusal(given: Parameters<typeof bindInputs>[1], inputs = ports): LabError {
  try {
    bindInputs(model(inputs), given, constantInputs);
  } catch (error) {
    if (error instanceof LabError) return error;
    throw error;
  }
  throw new Error('the inputs were accepted');
}

test('whole numbers and what an operator takes as a constant become constants', () => {
  const bound = bindInputs(model(), { x, shape, low }, constantInputs);
  expect(bound.inputs).toEqual({ x });
  expect(bound.graph.inputs).toEqual([{ name: 'x', dims: [3, 2] }]);
  expect(bound.graph.initializers).toEqual([
    { name: 'shape', ...shape, frozen: true },
    { name: 'low', ...low, frozen: true },
  ]);
  // An output that is a constant is not computed.
  expect(bound.graph.outputs.map(({ name }) => name)).toEqual(['y']);
  expect(bound.constants).toEqual({ shape });
});

test('outputs come in the order and the types of the model', () => {
  const computed = { shape, y: { dims: [2], data: Float32Array.of(3, 4) } };
  expect(typedOutputs(model(), computed).map(({ port, tensor }) => [port.name, tensor.data])).toEqual([
    ['y', BigInt64Array.of(3n, 4n)],
    ['shape', BigInt64Array.of(-1n)],
  ]);
});

test('inputs are given by name, shape and type', () => {
  expect(refusal({ x, shape }).details).toMatchObject({ expected: ['x', 'shape', 'low'], given: ['x', 'shape'] });
  expect(refusal({ x, shape, other: low }).code).toBe('model.input-names');
  expect(refusal({ x: { ...x, dims: [2, 3] }, shape, low }).details).toMatchObject({
    name: 'x',
    wanted: 'batch, 2',
    given: '2, 3',
  });
  expect(refusal({ x, shape: { dims: [1], data: Float32Array.of(-1) }, low }).code).toBe('model.input-type-given');
  expect(refusal({ x, shape, low }, [{ name: 'x', type: 'float16', dims: null }, ...ports.slice(1)]).details.type).toBe(
    'float16',
  );
});

test('whole numbers do for float32 where nothing is lost', () => {
  const whole = (value: bigint) => ({ dims: [1, 2], data: BigInt64Array.of(1n, value) });
  expect(bindInputs(model(), { x: whole(7n), shape, low }, constantInputs).inputs.x?.data).toEqual(
    Float32Array.of(1, 7),
  );
  expect(refusal({ x: whole(16_777_217n), shape, low }).code).toBe('model.input-type-given');
});

test('file names stay in the folder and apart', () => {
  expect(fileNames(['a/b', 'a_b', 'A_b', '../c', 'd\u0000'])).toEqual(['a_b', 'a_b-2', 'A_b-3', '.._c', 'd_']);
});
