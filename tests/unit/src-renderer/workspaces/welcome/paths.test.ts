import { describe, expect, it } from 'vitest';
import { folderName, joinPath, stem } from '../../../../../src-renderer/workspaces/welcome/paths';

it('joins with the separator of the folder', () => {
  expect(joinPath('/home/me', 'nets')).toBe('/home/me/nets');
  expect(joinPath('/', 'nets')).toBe('/nets');
  expect(joinPath('C:\\Users\\me', 'nets')).toBe('C:\\Users\\me\\nets');
  expect(joinPath('C:\\', 'nets')).toBe('C:\\nets');
});

it('makes folder names any system accepts', () => {
  expect(folderName('My nets: v2?')).toBe('My nets v2');
  expect(folderName('  ..hidden ')).toBe('hidden');
  expect(folderName('a/b\\c\u0000d')).toBe('a b c d');
  expect(folderName('Ирисы')).toBe('Ирисы');
});

describe('stem', () => {
  it.each([
    ['iris.csv', 'iris'],
    ['C:\\data\\iris.csv.gz', 'iris'],
    ['/data/цены.tsv', 'цены'],
    ['train-images-idx3-ubyte.gz', 'train'],
    ['t10k-labels-idx1-ubyte', 't10k'],
    ['lenet.onnx', 'lenet'],
    ['.csv', '.csv'],
  ])('%s', (path, expected) => {
    expect(stem(path)).toBe(expected);
  });
});
