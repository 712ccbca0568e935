import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LabError } from '../../../../shared/errors';
import { decodeNpy, encodeNpy, readNpy } from '../../../../src-main/onnx/npy';

const folder = join(import.meta.dirname, '../../../golden/onnx');
const matrix = { dims: [2, 3], data: new Float32Array([1.5, -2, 3.25, 4, 5, -6.5]) };

test.each([
  ['float32.npy', matrix],
  ['float64.npy', matrix],
  ['version-2.npy', matrix],
  ['int64.npy', { dims: [4], data: new BigInt64Array([0n, 2n, -1n, 9007199254740993n]) }],
  ['uint8.npy', { dims: [2], data: new BigInt64Array([0n, 255n]) }],
  ['scalar.npy', { dims: [], data: new Float32Array([2.5]) }],
])('%s is read as numpy wrote it', async (name, expected) => {
  expect(await readNpy(join(folder, name))).toEqual(expected);
});

test.each(['float32.npy', 'int64.npy', 'scalar.npy'])('%s is written with the bytes numpy writes', (name) => {
  const bytes = readFileSync(join(folder, name));
  expect(Buffer.from(encodeNpy(decodeNpy(bytes, name))).equals(bytes)).toBe(true);
});

test.each([
  ['fortran.npy', 'ascontiguousarray'],
  ['text.npy', '<U1'],
])('%s is refused with what to do', (name, words) => {
  expect(() => decodeNpy(readFileSync(join(folder, name)), name)).toThrow(words);
});

test('a file that is missing, cut or damaged is named', async () => {
  await expect(readNpy(join(folder, 'missing.npy'))).rejects.toThrow(/missing\.npy/);
  const bytes = readFileSync(join(folder, 'float32.npy'));
  for (let length = 0; length < bytes.length; length += 1)
    expect(() => decodeNpy(bytes.subarray(0, length), 'cut.npy')).toThrow(LabError);
  const huge = Buffer.from(bytes.toString('latin1').replace('(2, 3)', '(9999999999999, 99999)'), 'latin1');
  expect(() => decodeNpy(huge, 'huge.npy')).toThrow(/huge\.npy/);
});

test('any shape comes back', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }), (dims) => {
      const count = dims.reduce((a, b) => a * b, 1);
      const tensor = { dims, data: Float32Array.from({ length: count }, (_, index) => index / 3) };
      const bytes = encodeNpy(tensor);
      expect(decodeNpy(bytes, 'x')).toEqual(tensor);
      expect((bytes.length - count * 4) % 64).toBe(0);
    }),
  );
});
