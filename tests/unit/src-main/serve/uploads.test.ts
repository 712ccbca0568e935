import fc from 'fast-check';
import { expect, test } from 'vitest';
import { safeFileName } from '../../../../src-main/serve/uploads';

test.each([
  ['iris.csv', 'iris.csv'],
  ['../../etc/passwd', 'passwd'],
  ['C:\\data\\iris.csv', 'iris.csv'],
  ['..', 'upload'],
  ['', 'upload'],
  ['.hidden', 'hidden'],
  ['a\u0000b.csv', 'a_b.csv'],
  ['con.csv', '_con.csv'],
  ['evil\u202evsc.exe', 'evil_vsc.exe'],
  ['t10k-images-idx3-ubyte.gz', 't10k-images-idx3-ubyte.gz'],
  ['данные.csv', 'данные.csv'],
])('%j is kept as %j', (given, expected) => {
  expect(safeFileName(given)).toBe(expected);
});

test('whatever the name, it is one file of the folder and fits any file system', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (given) => {
      const name = safeFileName(given);
      expect(name).not.toMatch(/[/\\\0:]/);
      expect(['', '.', '..']).not.toContain(name);
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
    }),
  );
});
