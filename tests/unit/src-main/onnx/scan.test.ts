import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LabError } from '../../../../shared/errors';
import { parseModel } from '../../../../src-main/onnx/decode';
import { modernise } from '../../../../src-main/onnx/opset';
import { modelLimits, scanModel } from '../../../../src-main/onnx/scan';

const golden = join(import.meta.dirname, '../../../golden/onnx');
const real = readFileSync(join(golden, 'pytorch.onnx'));

function refusal(work: () => unknown): LabError {
  try {
    work();
  } catch (error) {
    if (error instanceof LabError) return error;
    throw error;
  }
  throw new Error('the file was accepted');
}

/** Protobuf by hand: a field of bytes, and a varint. */
function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}
const bytesField = (field: number, content: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(content.length)]), content]);
const none = new Uint8Array();

/** As many empty messages of one kind as asked, in the graph of a model. */
function repeated(field: number, content: Uint8Array, count: number): Uint8Array {
  const one = bytesField(field, content);
  const graph = new Uint8Array(one.length * count);
  for (let at = 0; at < count; at += 1) graph.set(one, at * one.length);
  return bytesField(7, graph);
}

describe('counts are limited before anything is made of them', () => {
  test.each([
    ['nodes', 1, none, modelLimits.nodes],
    ['tensors', 5, none, modelLimits.tensors],
    ['parts', 11, none, modelLimits.parts],
  ] as const)('%s', (what, field, content, maximum) => {
    const before = process.memoryUsage().heapUsed;
    const bytes = repeated(field, content, maximum + 1);
    const error = refusal(() => parseModel(bytes, 'many.onnx'));
    expect(error.code).toBe('model.too-large');
    expect(error.details).toMatchObject({ file: 'many.onnx', what, maximum });
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(50_000_000);
  });

  test('integers that are packed into few bytes', () => {
    // A tensor with five million dimensions.
    const tensor = bytesField(1, new Uint8Array(5_000_000).fill(1));
    expect(refusal(() => parseModel(bytesField(7, bytesField(5, tensor)))).details.what).toBe('parts');
  });
});

test('sparse weights are refused by name', () => {
  expect(refusal(() => parseModel(bytesField(7, bytesField(15, none)), 'sparse.onnx')).code).toBe('model.sparse');
});

test.each([
  ['ends too early', Buffer.from([0x3a, 0x05, 0x00])],
  ['no end', Buffer.alloc(12, 0xff)],
  ['unknown wire type', Buffer.from([0x3b])],
  ['a number stands', Buffer.from([0x38, 0x01])],
])('bytes that are no protobuf: %s', (reason, bytes) => {
  const error = refusal(() => scanModel(bytes, 'x.onnx'));
  expect(error.code).toBe('model.not-onnx');
  expect(String(error.details.reason)).toContain(reason);
});

test('every model of the fixtures passes', () => {
  const names = readdirSync(golden).filter((name) => name.endsWith('.onnx'));
  expect(names.length).toBeGreaterThan(10);
  for (const name of names) expect(() => scanModel(readFileSync(join(golden, name)), name)).not.toThrow();
});

/** Reads a file the whole way; whatever is wrong with it must come as a LabError, and soon. */
function readOrRefuse(bytes: Uint8Array): void {
  const start = performance.now();
  try {
    modernise(parseModel(bytes, 'damaged.onnx'));
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
  }
  expect(performance.now() - start).toBeLessThan(2000);
}

describe('a real model, damaged', () => {
  test('cut at every tenth byte', () => {
    for (let length = 0; length < real.length; length += 10) readOrRefuse(real.subarray(0, length));
  });

  test('bits turned over, bytes replaced, pieces repeated or left out', () => {
    const place = fc.nat({ max: real.length - 1 });
    const before = process.memoryUsage().arrayBuffers;
    fc.assert(
      fc.property(fc.array(fc.tuple(place, fc.nat({ max: 7 })), { minLength: 1, maxLength: 4 }), (bits) => {
        const bytes = Uint8Array.from(real);
        for (const [at, bit] of bits) bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        readOrRefuse(bytes);
      }),
      { numRuns: 600 },
    );
    fc.assert(
      fc.property(place, fc.uint8Array({ minLength: 1, maxLength: 9 }), (at, values) => {
        const bytes = Uint8Array.from(real);
        bytes.set(values.subarray(0, real.length - at), at);
        readOrRefuse(bytes);
      }),
      { numRuns: 600 },
    );
    fc.assert(
      fc.property(place, place, place, (from, to, at) => {
        const piece = real.subarray(Math.min(from, to), Math.max(from, to));
        readOrRefuse(Buffer.concat([real.subarray(0, at), piece, real.subarray(at)]));
        readOrRefuse(Buffer.concat([real.subarray(0, Math.min(from, to)), real.subarray(Math.max(from, to))]));
      }),
      { numRuns: 300 },
    );
    // Nothing that a file only promised was allocated.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200_000_000);
  });
});
