import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LabError } from '../../../../shared/errors';
import { decodeModel } from '../../../../src-main/onnx/decode';
import { encodeModel } from '../../../../src-main/onnx/encode';
import { modelType } from '../../../../src-main/onnx/schema';
import { smallGraph } from './graphs';

const folder = join(import.meta.dirname, '../../../golden/onnx');
const read = (name: string): Uint8Array => readFileSync(join(folder, name));

function refusal(bytes: Uint8Array, file = 'model.onnx'): LabError {
  try {
    decodeModel(bytes, file);
  } catch (error) {
    if (error instanceof LabError) return error;
    throw error;
  }
  throw new Error('the file was accepted');
}

test('constants of every form become initializers; names are found for unnamed nodes', () => {
  const old = decodeModel(read('old-forms.onnx'));
  expect(old.opset).toBe(9);
  expect(old.graph.inputs).toEqual([{ name: 'x', dims: [-1, 4] }]);
  expect(old.graph.nodes.map(({ name }) => name)).toEqual(['Sub_0', 'Mul_2', 'Reshape_3', 'Flatten_4', 'Softmax_5']);
  expect(old.graph.nodes.at(-1)?.attributes).toEqual({ axis: -1 });
  expect(old.graph.initializers).toEqual([
    { name: 'typed', dims: [4], data: new Float32Array([0.5, -1.5, 2, 0.25]) },
    { name: 'shape', dims: [3], data: new BigInt64Array([0n, -1n, 2n]) },
    { name: 'halves', dims: [], data: new Float32Array([0.5]), frozen: true },
  ]);
  const { graph } = decodeModel(read('constants.onnx'));
  expect(graph.initializers).toEqual([
    { name: 'double', dims: [4], data: new Float32Array([1, 2, 4, 8]), frozen: true },
    { name: 'zero', dims: [], data: new Float32Array([0]), frozen: true },
  ]);
});

test('attributes keep their kinds', () => {
  const { graph } = decodeModel(read('activations.onnx'));
  const attributes = Object.fromEntries(graph.nodes.map((node) => [node.name, node.attributes]));
  expect(attributes).toMatchObject({
    first: { transB: 1, alpha: 1, beta: 1 },
    leakyrelu: { alpha: 0.5 },
    elu: { alpha: 2 },
    probabilities: { axis: -1 },
  });
});

test('a float attribute comes back as it was written, and as the same float32', () => {
  const { graph } = decodeModel(read('pytorch.onnx'));
  expect(graph.nodes.find(({ opType }) => opType === 'LeakyRelu')?.attributes).toEqual({ alpha: 0.1 });
  fc.assert(
    fc.property(fc.float(), (alpha) => {
      const copy = smallGraph();
      copy.nodes[2]!.attributes.alpha = alpha;
      expect(Math.fround(Number(decodeModel(encodeModel(copy)).graph.nodes[2]!.attributes.alpha))).toBe(alpha);
    }),
  );
});

test.each([
  ['external.onnx', 'model.external-data', { name: 'w' }],
  ['foreign-domain.onnx', 'model.node-domain', { node: 'swish', domain: 'com.example' }],
  ['branches.onnx', 'model.sub-graph', { node: 'choice', operator: 'If' }],
  ['sub-graph.onnx', 'model.sub-graph', { node: 'choice', operator: 'If' }],
  ['half-precision.onnx', 'model.constant-type', { name: 'h', type: 'float16' }],
  ['dynamic.onnx', 'model.input-shape', { name: 'x', dimension: 1, size: 'length' }],
])('%s is refused with %s', (name, code, details) => {
  const error = refusal(read(name), name);
  expect(error.code).toBe(code);
  expect(error.details).toMatchObject({ ...details, file: name });
});

test('files that are no models are refused by name', () => {
  for (const bytes of [new Uint8Array(), Buffer.from('a,b\n1,2\n'), new Uint8Array(100), Buffer.alloc(64, 0xff)])
    expect(refusal(bytes, 'my.onnx').details.file).toBe('my.onnx');
});

test('a file cut at any byte, or with any byte changed, is refused or read, never a crash', () => {
  const whole = encodeModel(smallGraph());
  for (let length = 0; length < whole.length; length += 1) {
    try {
      decodeModel(whole.subarray(0, length));
    } catch (error) {
      expect(error).toBeInstanceOf(LabError);
    }
  }
  fc.assert(
    fc.property(fc.integer({ min: 0, max: whole.length - 1 }), fc.integer({ min: 0, max: 255 }), (at, byte) => {
      const damaged = whole.slice();
      damaged[at] = byte;
      try {
        decodeModel(damaged);
      } catch (error) {
        expect(error).toBeInstanceOf(LabError);
      }
    }),
    { numRuns: 500 },
  );
});

interface TensorFields {
  name: string;
  dims: (number | string)[];
  dataType: number;
  rawData?: Uint8Array;
}

/** A file with one constant and one node, encoded without our encoder's care. */
function fileWith(tensor: TensorFields, node: Record<string, unknown> = {}): Uint8Array {
  const type = { tensorType: { elemType: 1, shape: { dim: [{ dimParam: 'n' }, { dimValue: 2 }] } } };
  return modelType
    .encode(
      modelType.fromObject({
        irVersion: 8,
        opsetImport: [{ domain: '', version: 17 }],
        graph: {
          name: 'g',
          initializer: [tensor],
          node: [{ name: 'sum', opType: 'Add', input: ['x', tensor.name], output: ['y'], ...node }],
          input: [{ name: 'x', type }],
          output: [{ name: 'y', type }],
        },
      }),
    )
    .finish();
}

test('a constant that promises more than the file holds takes no memory', () => {
  const rawData = new Uint8Array(8);
  const before = process.memoryUsage().arrayBuffers;
  for (const dims of [
    [3],
    [1_000_000, 1_000_000],
    ['4611686018427387904', 4],
    [-2],
    ['-9223372036854775808', 2],
    [0],
  ]) {
    const error = refusal(fileWith({ name: 'w', dims, dataType: 1, rawData }));
    expect(['model.constant-shape', 'model.constant-size']).toContain(error.code);
    expect(error.details.name).toBe('w');
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
  expect(refusal(fileWith({ name: 'w', dims: [2], dataType: 1, rawData: new Uint8Array(7) })).code).toBe(
    'model.constant-size',
  );
  expect(
    decodeModel(fileWith({ name: 'w', dims: [2], dataType: 1, rawData })).graph.initializers[0]?.data,
  ).toHaveLength(2);
});

test('values must be made once, and before they are used', () => {
  const tensor = { name: 'w', dims: [2], dataType: 1, rawData: new Uint8Array(8) };
  const missing = refusal(fileWith(tensor, { input: ['x', 'nowhere'] }));
  expect([missing.code, missing.details.node, missing.details.value]).toEqual(['model.node-input', 'sum', 'nowhere']);
  expect(refusal(fileWith(tensor, { input: ['x', 'y'] })).code).toBe('model.node-input');
  expect(refusal(fileWith(tensor, { output: ['w'] })).code).toBe('model.value-twice');
  expect(refusal(fileWith(tensor, { output: ['z'] })).code).toBe('model.output-missing');
});

test('integers beyond what a number holds are refused, not rounded', () => {
  const tensor = { name: 'w', dims: [2], dataType: 1, rawData: new Uint8Array(8) };
  const attribute = [{ name: 'axis', type: 2, i: '9007199254740993' }];
  expect(refusal(fileWith(tensor, { attribute })).details).toMatchObject({ attribute: 'axis', node: 'sum' });
});
