import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { longestRow } from '../../../../../src-main/data/table/longest-row';

const folder = mkdtempSync(join(tmpdir(), 'deltalab-rows-'));
afterAll(() => rmSync(folder, { recursive: true }));

it.each([
  ['the first row', 'abcdef,1\nb,2\n', 1, 8],
  ['one without a line end', 'a,1\nb,22', 2, 4],
  ['pairs of line ends', 'a,1\r\nbb,22\r\n', 2, 6],
  ['lone carriage returns', 'a,1\rbb,22\rc,3', 2, 5],
  ['line breaks in quotes', 'a,1\n"b\nb\nb",2\nccc,3\n', 2, 9],
  ['a row after line breaks in quotes', '"a\n",1\nbbbbbbb,2\n', 3, 9],
  ['doubled quotes', 'a,"1""\n""",5\nb,2\n', 1, 12],
  ['a quote inside a value', 'a"a,1\nbbbb,2\n', 2, 6],
  ['a quote without its pair', 'a,1\n"b,2\nc,3\nd,4\n', 2, 13],
  ['no row', '', 1, 0],
])('%s', async (_, text, line, bytes) => {
  const path = join(folder, 'rows.csv');
  writeFileSync(path, text);
  expect(await longestRow(path, { separator: ',', quote: '"' })).toEqual({ line, bytes });
});

it('knows a quote at the border of two pieces that are read', async () => {
  const path = join(folder, 'pieces.csv');
  const before = `${'x'.repeat(2 ** 20 - 3)}\nz,`;
  writeFileSync(path, `${before}"${'y\n'.repeat(600_000)}",\nlast,1\n`);
  expect(await longestRow(path, { separator: ',', quote: '"' })).toEqual({ line: 2, bytes: 2 + 1 + 1_200_000 + 2 });
});
