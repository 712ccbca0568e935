import { expect, test } from 'vitest';
import { dataNameTyped, namesIn, typingContext } from '../../../../shared/python/suggest';

const at = (text: string): ReturnType<typeof typingContext> => {
  const lines = text.split('\n');
  return typingContext(text, lines.length, lines.at(-1)?.length ?? 0);
};

test.each([
  ['pri', { kind: 'name', prefix: 'pri' }],
  ['x = to', { kind: 'name', prefix: 'to' }],
  ['x.', { kind: 'attribute', path: ['x'], prefix: '' }],
  ['y = torch.nn.fun', { kind: 'attribute', path: ['torch', 'nn'], prefix: 'fun' }],
  ['f(a, torch.on', { kind: 'attribute', path: ['torch'], prefix: 'on' }],
  ['f().a', { kind: 'attribute', path: null, prefix: 'a' }],
  ['a[0].b.c', { kind: 'attribute', path: null, prefix: 'c' }],
  ['import to', { kind: 'import', module: null, prefix: 'to' }],
  ['import torch, nu', { kind: 'import', module: null, prefix: 'nu' }],
  ['import torch.n', { kind: 'import', module: null, prefix: 'torch.n' }],
  ['from torch import n', { kind: 'import', module: 'torch', prefix: 'n' }],
  ['from torch.nn import Lin', { kind: 'import', module: 'torch.nn', prefix: 'Lin' }],
  ['"text pri', null],
  ['x = 1 # comm', null],
  ['x = """a\nb', null],
  ['for i in ra', { kind: 'name', prefix: 'ra' }],
  ['привет = 1\nпри', { kind: 'name', prefix: 'при' }],
  ['', { kind: 'name', prefix: '' }],
  ['5e', null],
])('%s', (text, expected) => expect(at(text)).toEqual(expected));

test('names a text makes', () => {
  const text = 'import numpy as np\na, b = 1, 2\ndef f(x): pass\nclass C: pass\nfor i in y: pass\nz.attr = 5';
  expect([...namesIn(text)].sort()).toEqual(['C', 'a', 'b', 'f', 'i', 'np', 'numpy']);
});

test.each([
  ["deltalab.column('pet", { asks: 'column', prefix: 'pet' }],
  ['x = deltalab.column("petal le', { asks: 'column', prefix: 'petal le' }],
  ["print('a', deltalab.classes(name='", { asks: 'column', prefix: '' }],
  ["x, d = deltalab.samples('val", { asks: 'part', prefix: 'val' }],
  ["deltalab.column('petal')", null],
  ["print('pet", null],
  ['deltalab.column(', null],
])('a name of the data in %j', (written, expected) => expect(dataNameTyped(written)).toEqual(expected));
