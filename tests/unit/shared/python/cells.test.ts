import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCells, stringifyCells } from '../../../../shared/python/cells';

test('cells stand one below the other, each under its mark', () => {
  expect(stringifyCells(['a = 1', 'print(a)\n\n'])).toBe('# %%\na = 1\n\n# %%\nprint(a)\n');
});

test('what is written is read again', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '\n', ' ', '#', '%', 'я', "'") });
  const cell = text.map((code) => code.replace(/^# %%/gm, '').replace(/^\n+|\s+$/g, ''));
  fc.assert(
    fc.property(fc.array(cell, { minLength: 1, maxLength: 5 }), (cells) => {
      expect(parseCells(stringifyCells(cells))).toEqual(cells);
    }),
  );
});

test('files of other editors are read: names of cells, text above the first mark, Windows line ends', () => {
  expect(parseCells('import torch\r\n\r\n# %% First\r\nx = 1\r\n# %% [markdown]\r\n# words\r\n')).toEqual([
    'import torch',
    'x = 1',
    '# words',
  ]);
  expect(parseCells('\n\n# %%\nx = 1\n')).toEqual(['x = 1']);
  expect(parseCells('\uFEFF# %%\n\n# %%\nx = 1\n')).toEqual(['', 'x = 1']);
  expect(parseCells('')).toEqual([]);
});
