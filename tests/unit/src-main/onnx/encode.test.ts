import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Graph } from '../../../../shared/network/graph';
import { decodeModel } from '../../../../src-main/onnx/decode';
import { encodeModel } from '../../../../src-main/onnx/encode';
import { runModel } from '../../../../src-main/onnx/run';
import { smallGraph } from './graphs';

const golden = join(import.meta.dirname, '../../../golden/onnx/written-by-us.onnx');
const options = { producerVersion: '1.0', metadata: { 'deltalab.project': 'Ирисы', 'a.key': '{"x":1}' } };

test('a graph and its metadata come back as they went in', () => {
  const { graph, metadata, opset, producer } = decodeModel(encodeModel(smallGraph(), options));
  expect(graph).toEqual(smallGraph());
  expect(metadata).toEqual(options.metadata);
  expect(opset).toBe(21);
  expect(producer).toBe('deltalab');
});

test('the bytes are those of the golden file, which onnx.checker accepts', () => {
  const bytes = Buffer.from(encodeModel(smallGraph(), options));
  if (process.env.DELTALAB_WRITE_GOLDEN) writeFileSync(golden, bytes);
  expect(bytes.equals(readFileSync(golden))).toBe(true);
});

test('the order in which an object got its keys does not matter, the values do', () => {
  const graph = smallGraph();
  const bytes = Buffer.from(encodeModel(graph, options));
  const first = graph.nodes[1]!;
  first.attributes = Object.fromEntries(Object.entries(first.attributes).reverse());
  const metadata = Object.fromEntries(Object.entries(options.metadata).reverse());
  expect(bytes.equals(encodeModel(graph, { ...options, metadata }))).toBe(true);
  graph.initializers[1]!.data[0] = 7;
  expect(bytes.equals(encodeModel(graph, options))).toBe(false);
});

test('weights that are part of a larger buffer are written alone', () => {
  const graph = smallGraph();
  const weight = graph.initializers[1]!;
  const buffer = new Float32Array(100).fill(9);
  buffer.set(weight.data as Float32Array, 40);
  weight.data = buffer.subarray(40, 52);
  expect(decodeModel(encodeModel(graph)).graph.initializers[1]!.data).toEqual(smallGraph().initializers[1]!.data);
});

test('special values survive', () => {
  const graph = smallGraph();
  graph.initializers[2]!.data = new Float32Array([NaN, Infinity, -0, 1e-45]);
  expect(decodeModel(encodeModel(graph)).graph.initializers[2]!.data).toEqual(
    new Float32Array([NaN, Infinity, -0, 1e-45]),
  );
});

test('lists of words and the integer types that ONNX wants of a sequence', async () => {
  const weight = (name: string, dims: number[]) => ({
    name,
    dims,
    data: new Float32Array(dims.reduce((product, size) => product * size, 1)).fill(0.5),
  });
  const graph: Graph = {
    name: 'recurrent',
    nodes: [
      {
        name: 'rnn',
        opType: 'RNN',
        inputs: ['x', 'w', 'r', '', 'lengths'],
        outputs: ['y'],
        attributes: { hidden_size: 1, activations: ['Relu'] },
      },
    ],
    initializers: [
      weight('w', [1, 1, 2]),
      weight('r', [1, 1, 1]),
      { name: 'lengths', dims: [2], data: BigInt64Array.of(2n, 1n) },
    ],
    inputs: [{ name: 'x', dims: [2, 2, 2] }],
    outputs: [{ name: 'y', dims: [2, 1, 2, 1] }],
  };
  const bytes = encodeModel(graph);
  expect(decodeModel(bytes).graph).toEqual(graph);
  const { y } = await runModel(bytes, { x: { dims: [2, 2, 2], data: Float32Array.of(1, 1, 2, 2, 3, 3, 4, 4) } });
  // By time: 1 and 2, then 3 + 1/2 of the first; the second sequence has ended.
  expect(Array.from(y?.data ?? [], Number)).toEqual([1, 2, 3.5, 0]);
});
