import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodeModel } from '../../../../src-main/onnx/decode';
import { encodeModel } from '../../../../src-main/onnx/encode';
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
