import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { LabError } from '../../../shared/errors';
import type { Graph } from '../../../shared/network/graph';
import type { Preprocessing } from '../../../shared/project/preprocessing';
import type { Tensor } from '../../../src-main/engine/native';
import {
  bakedOutputs,
  bakePreprocessing,
  decodeModel,
  encodeModel,
  onnxruntimeVersion,
  rawInputs,
  runModel,
  verifyModel,
} from '../../../src-main/onnx';
import { smallGraph } from '../../unit/src-main/onnx/graphs';

const folder = mkdtempSync(join(tmpdir(), 'deltalab-onnx-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const golden = join(import.meta.dirname, '../../golden/onnx');
const rows = 50;
/** Raw rows: ordinary numbers, a year, an amount in millions. */
const raw = Float32Array.from({ length: rows * 3 }, (_, index) => {
  const wave = Math.sin(index * 12.9898);
  return [wave * 3, 1990 + wave * 30, 20_000_000 + wave * 100][index % 3] ?? 0;
});
const columns = [
  { encoding: 'number', column: 'a', date: false, offset: 0.1, scale: 2.3, blank: null },
  { encoding: 'number', column: 'year', date: false, offset: 1990.3, scale: 21.7, blank: null },
  { encoding: 'number', column: 'amount', date: false, offset: 20_000_000.7, scale: 70.1, blank: null },
] as const;
const input = { kind: 'columns' as const, columns: [...columns] };
const classes: Preprocessing = { format: 1, input, target: { kind: 'classes', column: 'k', classes: ['x', 'y'] } };
const numbers: Preprocessing = {
  format: 1,
  input,
  target: {
    kind: 'numbers',
    columns: [
      { column: 'p', offset: -3.5, scale: 12.25 },
      { column: 'q', offset: 0, scale: 1 },
    ],
  },
};
const prepared = raw.map((value, index) => (value - columns[index % 3]!.offset) / columns[index % 3]!.scale);

async function outputOf(graph: Graph, data: Float32Array): Promise<Float32Array> {
  const { output } = await runModel(encodeModel(graph), { input: { dims: [data.length / 3, 3], data } });
  return output!.data as Float32Array;
}

function check(
  graph: Graph,
  inputs: Float32Array,
  expected: Float32Array,
  limit?: number,
): ReturnType<typeof verifyModel> {
  const model = join(folder, 'model.onnx');
  writeFileSync(model, encodeModel(graph));
  return verifyModel({ model, file: 'model.onnx', inputs, rows, inputShape: [3], expected, limit });
}

async function refusal(promise: Promise<unknown>): Promise<LabError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof LabError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

const expectedAnswers = JSON.parse(readFileSync(join(golden, 'expected.json'), 'utf8')) as Record<
  string,
  Record<'x' | 'y', { dims: number[]; data: number[] }>
>;

test.each(Object.keys(expectedAnswers))('%s, read and written again, answers as the reference does', async (name) => {
  const { graph, opset } = decodeModel(readFileSync(join(golden, `${name}.onnx`)));
  const { x, y } = expectedAnswers[name]!;
  const feed: Record<string, Tensor> = { x: { dims: x.dims, data: Float32Array.from(x.data) } };
  const again = encodeModel(graph, { opset: Math.max(13, opset) });
  for (const source of [join(golden, `${name}.onnx`), again]) {
    const answer = (await runModel(source, feed)).y!;
    expect(answer.dims).toEqual(y.dims);
    y.data.forEach((value, index) => expect(Number(answer.data[index])).toBeCloseTo(value, 5));
  }
});

test('a small graph gives what its weights say, by hand', async () => {
  // flat → Gemm → alpha 1 (identity) → + 0.5 → Gemm, at the row [1, 0, 0].
  const graph = smallGraph();
  const [, weight, bias, , second] = graph.initializers.map(({ data }) => Array.from(data, Number));
  const hidden = [0, 1, 2, 3].map((unit) => weight![unit * 3]! + bias![unit]! + 0.5);
  const answer = [0, 1].map((unit) =>
    hidden.reduce((sum, value, index) => sum + value * second![unit * 4 + index]!, 0),
  );
  const actual = await outputOf(graph, new Float32Array([1, 0, 0]));
  answer.forEach((value, index) => expect(actual[index]).toBeCloseTo(value, 5));
});

test('baked classes: raw rows in, probabilities out, even beside large offsets', async () => {
  const options = { probabilities: true };
  const graph = smallGraph();
  const baked = bakePreprocessing(graph, classes, options);
  expect(baked.inputs).toEqual(graph.inputs);
  expect(baked.outputs).toEqual(graph.outputs);
  expect(baked.nodes.map(({ opType }) => opType)).toEqual([
    'Sub',
    'Sub',
    'Div',
    ...graph.nodes.map(({ opType }) => opType),
    'Softmax',
  ]);
  const expected = bakedOutputs(await outputOf(graph, prepared), 2, graph, classes, options);
  const result = await check(baked, raw, expected);
  expect(result).toMatchObject({ rows, limit: 1e-4, onnxruntime: onnxruntimeVersion });
  expect(result.largestDifference).toBeLessThan(1e-5);
  expect(expected[0]! + expected[1]!).toBeCloseTo(1, 5);
});

test('baked numbers: answers come out in raw units', async () => {
  const graph = smallGraph();
  const bare = await outputOf(graph, prepared);
  const expected = bakedOutputs(bare, 2, graph, numbers);
  expect(expected[0]).toBeCloseTo(bare[0]! * 12.25 - 3.5, 4);
  expect(expected[1]).toBe(bare[1]);
  expect((await check(bakePreprocessing(graph, numbers), raw, expected)).largestDifference).toBeLessThan(1e-5);
});

test('baking is not the identity: bare answers to raw rows are refused', async () => {
  const graph = smallGraph();
  const bare = await outputOf(graph, prepared);
  expect((await refusal(check(graph, raw, bare))).code).toBe('model.verification-failed');
});

test('images have one offset and scale for all pixels; bytes go in', async () => {
  const preprocessing: Preprocessing = {
    ...classes,
    input: { kind: 'image', shape: [3], offset: 0, scale: 255 },
  };
  const bytes = Float32Array.from({ length: rows * 3 }, (_, index) => (index * 37) % 256);
  const graph = smallGraph();
  const baked = bakePreprocessing(graph, preprocessing);
  expect(baked.nodes[0]?.opType).toBe('Div');
  const expected = await outputOf(
    graph,
    bytes.map((value) => value / 255),
  );
  expect((await check(baked, bytes, expected)).largestDifference).toBeLessThan(1e-5);
  expect(
    rawInputs(
      bytes.map((value) => value / 255),
      preprocessing,
    )[7],
  ).toBeCloseTo(bytes[7]!, 4);
});

test('scaling and probabilities are chosen apart; probabilities are not doubled', async () => {
  const graph = smallGraph();
  const only = bakePreprocessing(graph, classes, { scaling: false, probabilities: true });
  expect(only.nodes).toHaveLength(graph.nodes.length + 1);
  expect(bakePreprocessing(only, classes, { scaling: false, probabilities: true }).nodes).toHaveLength(
    only.nodes.length,
  );
  const expected = bakedOutputs(await outputOf(graph, prepared), 2, graph, classes, {
    probabilities: true,
    loss: 'bce-logits',
  });
  const sigmoid = bakePreprocessing(graph, classes, { probabilities: true, loss: 'bce-logits' });
  expect((await check(sigmoid, raw, expected)).largestDifference).toBeLessThan(1e-5);
});

test('a baked file stays readable and can be baked again without a clash of names', async () => {
  const once = decodeModel(encodeModel(bakePreprocessing(smallGraph(), numbers))).graph;
  const twice = bakePreprocessing(once, numbers);
  const names = twice.nodes.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  await outputOf(twice, raw);
});

test('what cannot be baked is said', () => {
  const text: Preprocessing = {
    ...classes,
    input: { kind: 'columns', columns: [{ encoding: 'one-hot', column: 'colour', values: ['r', 'g', 'b'] }] },
  };
  expect(() => bakePreprocessing(smallGraph(), text)).toThrow(/"colour"/);
  expect(() => bakePreprocessing(smallGraph(), numbers, { probabilities: true })).toThrow(/no probabilities/);
  const two: Preprocessing = { ...classes, input: { kind: 'columns', columns: columns.slice(0, 2) } };
  expect(() => bakePreprocessing(smallGraph(), two)).toThrow(/makes 2 values/);
});

test('a difference just above the limit is an error with its row; just below it is reported', async () => {
  const graph = smallGraph();
  const expected = await outputOf(graph, prepared);
  const row = 31;
  const place = row * 2 + 1;
  const exact = expected[place]!;
  const size = Math.max(...expected.filter((_, index) => index % 2 === 1).map(Math.abs));
  expected[place] = exact + 3e-4 * size;
  const error = await refusal(check(graph, prepared, expected));
  expect(error.code).toBe('model.verification-failed');
  expect(error.details).toMatchObject({ row, limit: 1e-4, file: 'model.onnx' });
  expected[place] = exact + 0.5e-4 * size;
  const result = await check(graph, prepared, expected);
  expect(result.row).toBe(row);
  expect(result.largestDifference).toBeGreaterThan(0.4e-4);
});

/** A target in micrometres given in metres: answers near 1e-6. */
test('a wrong scale is found in a column of small answers too, beside one of large ones', async () => {
  const target: Preprocessing['target'] = {
    kind: 'numbers',
    columns: [
      { column: 'micron', offset: 0, scale: 1e-6 },
      { column: 'large', offset: 0, scale: 1e6 },
    ],
  };
  const small: Preprocessing = { ...numbers, target };
  const graph = smallGraph();
  const baked = bakePreprocessing(graph, small);
  const expected = bakedOutputs(await outputOf(graph, prepared), 2, graph, small);
  expect(Math.abs(expected[0]!)).toBeLessThan(1e-4);
  expect((await check(baked, raw, expected)).largestDifference).toBeLessThan(1e-5);
  const halved = expected.map((value, index) => (index % 2 === 0 ? value / 2 : value));
  expect((await refusal(check(baked, raw, halved))).code).toBe('model.verification-failed');
});

test.each([NaN, Infinity])('answers of %s are refused, even where onnxruntime gives the same', async (value) => {
  const graph = smallGraph();
  const bias = graph.initializers.find(({ name }) => name === 'first.bias')!;
  bias.data = new Float32Array(4).fill(value);
  const expected = await outputOf(graph, prepared);
  const error = await refusal(check(graph, prepared, expected));
  expect(error).toMatchObject({ code: 'model.not-finite', details: { row: 0, file: 'model.onnx' } });
});

test('an infinite answer of onnxruntime to a finite one is an error', async () => {
  const graph = smallGraph();
  const expected = await outputOf(graph, prepared);
  const bias = graph.initializers.find(({ name }) => name === 'first.bias')!;
  bias.data = new Float32Array(4).fill(Infinity);
  expect((await refusal(check(graph, prepared, expected))).details.difference).toBe('infinite');
});

test('wrong inputs, shapes and files are told in words', async () => {
  const bytes = encodeModel(smallGraph());
  const data = new Float32Array(3);
  expect((await refusal(runModel(bytes, {}))).code).toBe('model.input-names');
  expect((await refusal(runModel(bytes, { x: { dims: [1, 3], data } }))).details).toMatchObject({
    expected: ['input'],
    given: ['x'],
  });
  expect((await refusal(runModel(bytes, { input: { dims: [3, 1], data } }))).code).toBe('model.run-failed');
  expect((await refusal(runModel(join(folder, 'missing.onnx'), {}))).details.file).toBe('missing.onnx');
  expect((await refusal(runModel(bytes.subarray(0, 100), {}))).code).toBe('model.run-failed');
  const short = check(smallGraph(), prepared, new Float32Array(rows * 3));
  expect((await refusal(short)).code).toBe('model.output-size');
});
